import { STOP_GRADIENT } from '../core/abi.ts';
import { pickExamples } from '../data/pick.ts';
import type { Examples } from '../data/reader.ts';
import { diverged } from '../doctor/divergence.ts';
import { short } from '../doctor/warnings.ts';
import type { Engine } from '../engine.ts';
import { NetworkError } from '../errors.ts';
import type { Tensor } from '../plan/tensor.ts';
import type { TrainingRun } from './trainer.ts';

/** A run on data in memory that has met a number that is not finite. */
export interface FailedRun {
  readonly engine: Engine;
  readonly run: TrainingRun;
  /** The order of the examples in its epoch. */
  readonly order: Tensor;
  readonly stepsPerEpoch: number;
  /** The largest parameter, in size, at the start. */
  readonly startingSize: number;
}

/** The error of a run that says where it happened and what helps most often. */
export function plainDivergence(engine: Engine, where: string): NetworkError {
  const what = engine.get('stop') === STOP_GRADIENT ? 'a gradient' : 'the cost';
  return new NetworkError(
    'DIVERGED',
    `${what} is no longer a finite number in ${where}. The parameters are those before that batch. ` +
      `Try a smaller learning rate, such as ${short(engine.get('learningRate') / 10)}, or clipNorm: 1.`,
  );
}

/** The error of a run whose batch is examined for the cause. */
export function examinedDivergence(failed: FailedRun): NetworkError {
  const { engine, startingSize } = failed;
  return diverged({
    engine,
    where: placeOf(failed),
    batch: batchAtCursor(failed),
    learningRate: engine.get('learningRate'),
    steps: engine.get('step'),
    startingSize,
  });
}

/** Where it is, in words. */
export function placeOf({ engine, stepsPerEpoch }: FailedRun): string {
  const step = engine.get('step');
  return `epoch ${Math.floor(step / stepsPerEpoch) + 1}, batch ${(step % stepsPerEpoch) + 1}`;
}

/** The examples of the batch that was to be trained on; undefined for windows, which begin with the state of those before them. */
function batchAtCursor({ engine, run, order }: FailedRun): Examples | undefined {
  const { batchSize, truncate, ...examples } = run;
  if (truncate !== undefined) return undefined;
  const cursor = engine.get('cursor');
  const count = Math.min(batchSize, examples.x.examples - cursor);
  const rows = new Uint32Array(engine.core.buffer, order.address + 4 * cursor, count).slice();
  return pickExamples(examples, rows);
}
