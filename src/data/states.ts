import type { StateSpec } from '../plan/model.ts';
import { type Features, type Matrix, readFeatures } from './features.ts';

/** Initial states of recurrent layers, by layer, one row per example: `{ 'layers.0': { h: [[…], …], c: [[…], …] } }`. */
export type InitialStates = Readonly<
  Record<string, { readonly h?: Features; readonly c?: Features }>
>;

/**
 * Every state of the network that is not learned: those given, zeros for the others.
 *
 * @param known - the states the network has
 * @throws {TypeError | RangeError} for a state it does not have, or another shape
 */
export function readStates(
  given: InitialStates,
  examples: number,
  known: readonly StateSpec[],
): ReadonlyMap<string, Matrix> {
  const states = new Map<string, Matrix>();
  for (const { name, units } of known.filter(({ learned }) => !learned)) {
    states.set(name, {
      rows: examples,
      columns: units,
      values: new Float32Array(examples * units),
    });
  }
  for (const [layer, letters] of Object.entries(given)) {
    for (const [letter, rows] of Object.entries(letters)) {
      const name = `${layer}.${letter}`;
      const where = `initialState['${layer}'].${letter}`;
      const state = states.get(name);
      if (known.some((candidate) => candidate.name === name && candidate.learned)) {
        throw new RangeError(
          `${where}: this layer learns where it starts. Leave the state out, or make the layer without initialState: 'learned'.`,
        );
      }
      if (!state) {
        throw new RangeError(
          `${where}: this network has no such state. It has: ${[...states.keys()].join(', ') || 'none'}.`,
        );
      }
      const matrix = readFeatures(rows, state.columns, undefined, where);
      if (matrix.rows !== examples) {
        throw new RangeError(`${where}: expected ${examples} rows, got ${matrix.rows}.`);
      }
      states.set(name, matrix);
    }
  }
  return states;
}
