import { largestMagnitude } from '../data/features.ts';
import type { Examples } from '../data/reader.ts';
import type { Engine, PlacedProgram } from '../engine.ts';
import { shapeOf, writeBatch } from './batch.ts';
import type { CarriedStates } from './carried.ts';
import { setInputBound } from './data.ts';
import { type ResolvedStep, stepKey, stepPlan } from './step.ts';

/**
 * Writes a batch to the program that makes a step on it, which is kept for further batches like it.
 *
 * @param carried - what its sequences go on with; undefined where every batch is of new ones
 * @param where - the batch in words, for errors
 */
export function writeStep(
  engine: Engine,
  batch: Examples,
  step: ResolvedStep,
  carried?: CarriedStates,
  where: string = 'x',
): PlacedProgram {
  const weighted = batch.weights !== undefined;
  const purpose = { kind: 'train', step: stepPlan(step), weighted } as const;
  const key = `train ${stepKey(step)}${weighted ? ', weighted' : ''}`;
  const shape = shapeOf(batch.x);
  const time = carried && shape ? ({ ...shape, states: 'carried' } as const) : shape;
  const program = engine.kept(batch.x.examples, purpose, key, time);
  carried?.write(program, batch, where);
  writeBatch(engine, program, batch);
  setInputBound(engine, largestMagnitude(batch.x.values));
  return program;
}
