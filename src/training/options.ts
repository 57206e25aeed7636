import { checkBoolean, checkInteger, checkKeys, checkName } from '../checks.ts';
import type { TrainingData } from '../data/reader.ts';
import { describe } from '../errors.ts';
import { checkSchedule, type Schedule } from '../nn/schedules.ts';
import type { FlatValues } from '../data/features.ts';
import type { ClassWeights } from '../data/weights.ts';
import type { WorkerOptions } from '../worker/options.ts';
import {
  type PenaltyOptions,
  type ResolvedStep,
  resolveStep,
  stepKeys,
  type StepOptions,
} from './step.ts';

/** Measures besides the loss. `accuracy`: share of examples whose largest output is the target's, or, for one output, on the right side of ½. */
export type MetricName = 'accuracy';

/** How to train. */
export interface FitOptions extends StepOptions {
  /** Passes over the data, ≥ 1. */
  readonly epochs: number;
  /** Examples per update: 1 is online, `'all'` is batch gradient descent; 32 when absent. The last batch of an epoch may be smaller. */
  readonly batchSize?: number | 'all';
  /**
   * How the learning rate changes: a schedule such as `cosine()`, or a function of (step, epoch); its factor scales the optimizer's
   * `learningRate`. Constant when absent.
   */
  readonly schedule?: Schedule;
  /** Draw a new order of the examples for each epoch; true when absent. */
  readonly shuffle?: boolean;
  /**
   * Truncated backpropagation through time for long sequences with a target per step: an update after every so many steps, where
   * the gradient is cut and the state carried on. Sequences keep their order.
   */
  readonly truncate?: number;
  /** Examples to evaluate on after each epoch. They never influence training. */
  readonly validation?: TrainingData;
  /**
   * Weights of the classes, times the `sampleWeights` of the data; 1 each when absent. `balanced`: n/(k · n_c) for a class with n_c of the
   * n examples, k classes, so that every class counts alike and the mean weight is 1. The validation data are not weighted by it.
   */
  readonly classWeights?: ClassWeights;
  /** Measures to report besides the cost; accuracy for classification losses when absent. */
  readonly metrics?: readonly MetricName[];
  /** Stops training; the network keeps what it has learned and the history says `stoppedBy: 'abort'`. */
  readonly signal?: AbortSignal;
  /**
   * Train in a worker, so that this thread has nothing to do but to take reports: the same API and the same bits, in Node and in browsers.
   * Meanwhile the network here has the parameters of the last epoch that was reported, and predicts with them. Where a worker cannot be
   * started, training takes place here after a warning. As the network was told when absent.
   */
  readonly worker?: boolean | WorkerOptions;
}

/** Options of one step. Steps in a row with the same kind of optimizer share its moments. */
export interface TrainBatchOptions extends StepOptions {
  /** How much each example counts, as in {@link TrainingData}. */
  readonly sampleWeights?: FlatValues | readonly number[];
}

/** Which cost to differentiate. */
export interface GradientOptions extends PenaltyOptions {
  /** How much each example counts, as in {@link TrainingData}. */
  readonly sampleWeights?: FlatValues | readonly number[];
}

/** Options of an evaluation. */
export interface EvaluateOptions {
  /** Measures besides the loss; accuracy for classification when absent. */
  readonly metrics?: readonly MetricName[];
}

/** Checked options with their defaults. */
export interface ResolvedFitOptions {
  readonly epochs: number;
  readonly batchSize: number | 'all';
  readonly step: ResolvedStep;
  readonly schedule: Schedule | undefined;
  readonly shuffle: boolean;
  readonly classWeights: ClassWeights | undefined;
  readonly truncate: number | undefined;
  readonly validation: TrainingData | undefined;
  readonly metrics: readonly MetricName[] | undefined;
  readonly signal: AbortSignal | undefined;
}

const fitKeys: readonly (keyof FitOptions)[] = [
  'epochs',
  'batchSize',
  ...stepKeys,
  'schedule',
  'shuffle',
  'classWeights',
  'truncate',
  'validation',
  'metrics',
  'signal',
  'worker',
];

/** Checks the options of `fit`. */
export function resolveFitOptions(options: FitOptions): ResolvedFitOptions {
  checkKeys(options, fitKeys, 'fit');
  const { batchSize = 32, classWeights, schedule, validation, signal, truncate } = options;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError(`signal: expected an AbortSignal, got ${describe(signal)}.`);
  }
  return {
    epochs: checkInteger(options.epochs, 'epochs', 1),
    batchSize: checkBatchSize(batchSize),
    step: resolveStep(options),
    schedule: schedule && checkSchedule(schedule, 'schedule'),
    shuffle: checkBoolean(options.shuffle ?? truncate === undefined, 'shuffle'),
    truncate: checkTruncate(truncate, options.shuffle),
    classWeights,
    validation,
    metrics: resolveMetrics(options.metrics),
    signal,
  };
}

/** Checks names of metrics. */
export function resolveMetrics(metrics: unknown): readonly MetricName[] | undefined {
  if (metrics === undefined) return undefined;
  if (!Array.isArray(metrics)) {
    throw new TypeError(
      `metrics: expected an array such as ['accuracy'], got ${describe(metrics)}.`,
    );
  }
  return metrics.map((name, index) => checkName(name, ['accuracy'], `metrics[${index}]`));
}

function checkBatchSize(batchSize: unknown): number | 'all' {
  if (typeof batchSize === 'string') return checkName(batchSize, ['all'] as const, 'batchSize');
  return checkInteger(batchSize, 'batchSize', 1);
}

function checkTruncate(truncate: unknown, shuffle: unknown): number | undefined {
  if (truncate === undefined) return undefined;
  if (shuffle === true) {
    throw new RangeError(
      'shuffle: with truncate, windows of a sequence must follow each other. Leave shuffle out.',
    );
  }
  return checkInteger(truncate, 'truncate', 1);
}
