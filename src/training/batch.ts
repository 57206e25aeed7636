import type { Examples, InputRows } from '../data/reader.ts';
import { targetValues } from '../data/targets.ts';
import type { Engine, PlacedProgram } from '../engine.ts';
import type { SequenceShape } from '../plan/sequence.ts';
import { readRows, type Tensor, writeRows } from '../plan/tensor.ts';

/** The time axis of a program for these inputs. */
export function shapeOf({ sequence }: InputRows): SequenceShape | undefined {
  return sequence && { steps: sequence.steps, states: sequence.states ? 'given' : 'zero' };
}

/** Writes inputs from example `first` on to a program, as many as it takes, with their lengths and initial states. */
export function writeInputs(
  { core, model, oneHots }: Engine,
  program: PlacedProgram,
  x: InputRows,
  first: number = 0,
): void {
  const { axis } = model.sequence ?? {};
  if (!axis || !x.sequence) writeRows(core.buffer, program.input, x.values, first);
  else axis.writeSequences(core.buffer, program, oneHots, x.values, x.sequence, first);
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
  const { outputs, sequence: time } = engine.model;
  const { buffer } = engine.core;
  const steps = target.rows / rows;
  const values = targetValues(y, outputs, first * steps, target.rows);
  const write = (tensor: Tensor, rows: ArrayLike<number>, from: number): void =>
    sequence && time
      ? time.axis.writeSteps(buffer, tensor, rows, steps, from)
      : writeRows(buffer, tensor, rows, from);
  write(target, values, 0);
  if (weights && program.weights) write(program.weights, weights, first);
}

/** Copies the outputs of a program to `predictions` from example `first` on. */
export function readOutputs(
  { core, model }: Engine,
  { output, rows }: PlacedProgram,
  predictions: Float32Array,
  first: number = 0,
): void {
  const steps = output.rows / rows;
  if (steps > 1) model.sequence!.axis.readSteps(core.buffer, output, predictions, steps, first);
  else readRows(core.buffer, output, predictions, first);
}
