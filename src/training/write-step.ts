import { largestMagnitude } from '../data/features.ts';
import type { Examples } from '../data/reader.ts';
import type { Engine, PlacedProgram } from '../engine.ts';
import { shapeOf, writeBatch } from './batch.ts';
import { setInputBound } from './data.ts';
import { type ResolvedStep, stepKey, stepPlan } from './step.ts';

/** Writes a batch to the program that makes a step on it, which is kept for further batches like it. */
export function writeStep(engine: Engine, batch: Examples, step: ResolvedStep): PlacedProgram {
  const weighted = batch.weights !== undefined;
  const purpose = { kind: 'train', step: stepPlan(step), weighted } as const;
  const key = `train ${stepKey(step)}${weighted ? ', weighted' : ''}`;
  const program = engine.kept(batch.x.examples, purpose, key, shapeOf(batch.x));
  writeBatch(engine, program, batch);
  setInputBound(engine, largestMagnitude(batch.x.values));
  return program;
}
