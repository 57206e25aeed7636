import type { Examples, InputRows } from '../data/reader.ts';
import { targetValues } from '../data/targets.ts';
import type { Engine, PlacedProgram } from '../engine.ts';
import { writeToken } from '../plan/nonzeros.ts';
import type { SequenceShape } from '../plan/sequence.ts';
import { readRows, readSteps, type Tensor, writeRows, writeSteps } from '../plan/tensor.ts';

/** The time axis of a program for these inputs. */
export function shapeOf({ sequence }: InputRows): SequenceShape | undefined {
  return sequence && { steps: sequence.steps, states: sequence.states ? 'given' : 'zero' };
}

/** Writes inputs from example `first` on to a program, as many as it takes, with their lengths and initial states. */
export function writeInputs(
  { core, oneHots }: Engine,
  { input, rows, sequence }: PlacedProgram,
  x: InputRows,
  first: number = 0,
): void {
  const { buffer } = core;
  if (!sequence || !x.sequence) return writeRows(buffer, input, x.values, first);
  const { lengths, states } = x.sequence;
  if (oneHots && input.nonzeros) {
    writeTokens(buffer, input.nonzeros, oneHots, x, first);
  } else writeSteps(buffer, input, x.values, sequence.steps, first);
  writeWords(buffer, sequence.lengths, lengths.subarray(first, first + rows));
  for (const { name, initial } of sequence.states) {
    const given = states?.get(name);
    if (given) writeRows(buffer, initial, given.values, first);
  }
}

/** Writes inputs and targets from example `first` on to a program. */
export function writeBatch(
  engine: Engine,
  program: PlacedProgram,
  { x, y, weights }: Examples,
  first: number = 0,
): void {
  writeInputs(engine, program, x, first);
  const { target, rows, sequence } = program;
  const { outputs } = engine.model;
  const { buffer } = engine.core;
  const steps = target.rows / rows;
  const values = targetValues(y, outputs, first * steps, target.rows);
  const write = (tensor: Tensor, rows: ArrayLike<number>, from: number): void =>
    sequence
      ? writeSteps(buffer, tensor, rows, steps, from)
      : writeRows(buffer, tensor, rows, from);
  write(target, values, 0);
  if (weights && program.weights) write(program.weights, weights, first);
}

/** Copies the outputs of a program to `predictions` from example `first` on. */
export function readOutputs(
  { core }: Engine,
  { output, rows }: PlacedProgram,
  predictions: Float32Array,
  first: number = 0,
): void {
  const steps = output.rows / rows;
  if (steps > 1) readSteps(core.buffer, output, predictions, steps, first);
  else readRows(core.buffer, output, predictions, first);
}

/** Writes one word per row to a tensor of one column. */
export function writeWords(buffer: ArrayBuffer, tensor: Tensor, words: ArrayLike<number>): void {
  const target = new Uint32Array(buffer, tensor.address, tensor.length);
  for (let row = 0; row < tensor.rows; row++) target[row * tensor.stride] = words[row]!;
}

function writeTokens(
  buffer: ArrayBuffer,
  table: Tensor,
  oneHots: Tensor,
  { values, sequence }: InputRows,
  first: number,
): void {
  const { steps } = sequence!;
  const examples = table.rows / steps;
  const words = new Uint32Array(buffer);
  for (let row = 0; row < table.rows; row++) {
    const source = (first + (row % examples)) * steps + Math.floor(row / examples);
    writeToken(words, table, row, oneHots, values[source]!);
  }
}
