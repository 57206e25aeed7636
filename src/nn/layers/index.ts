import { checkKeys, checkName } from '../../checks.ts';
import { describe } from '../../errors.ts';
import type { Layer } from '../../plan/model.ts';
import type { ActivationName } from '../activations.ts';
import { createDense, type DenseSpec } from './dense.ts';

/** A layer as plain data. */
export type LayerSpec = DenseSpec;

/** Every kind of layer: the one list that a new layer is added to. */
const kinds = { dense: createDense } as const;

/**
 * Checks the layers of a network and makes them.
 *
 * @param inputs - features of the data
 * @throws {TypeError | RangeError} naming the layer and option
 */
export function createLayers(specs: unknown, inputs: number): Layer[] {
  if (!Array.isArray(specs)) {
    throw new TypeError(
      `layers: expected an array such as [dense(3, 'sigmoid')], got ${describe(specs)}.`,
    );
  }
  if (specs.length === 0) throw new RangeError('layers: expected at least one layer, got none.');
  const layers: Layer[] = [];
  for (const [index, spec] of (specs as readonly LayerSpec[]).entries()) {
    const where = `layers[${index}]`;
    if (typeof spec !== 'object' || spec === null) checkKeys(spec, ['kind'], where);
    const kind = checkName(
      spec.kind,
      Object.keys(kinds) as (keyof typeof kinds)[],
      `${where}.kind`,
    );
    layers.push(kinds[kind](spec, layers.at(-1)?.outputs ?? inputs, index));
  }
  return layers;
}

/** The activation function of a network's output. */
export function outputActivation(specs: readonly LayerSpec[]): ActivationName {
  return specs.at(-1)?.activation ?? 'linear';
}
