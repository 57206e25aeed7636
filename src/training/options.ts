import { checkBoolean, checkInteger, checkKeys, checkName, checkNumber } from '../checks.ts';
import type { TrainingData } from '../data/reader.ts';
import { describe, leftOut } from '../errors.ts';
import type { MetricName } from '../metrics/names.ts';
import type { checkSchedule, Schedule } from '../nn/schedules.ts';
import type { FlatValues } from '../data/features.ts';
import type { ClassWeights } from '../data/weights.ts';
import type { resolveWorker, WorkerOptions } from '../worker/options.ts';
import type { EpochReport, ProgressReport } from './history.ts';
import type { checkTruncate } from './windows.ts';
import type { CheckpointOptions, resolveCheckpoint, ResolvedCheckpoint } from './checkpoints.ts';
import {
  type PenaltyOptions,
  type ResolvedStep,
  resolveStep,
  stepKeys,
  type StepOptions,
} from './step.ts';
import { checkNoStream } from './stream.ts';

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
  /**
   * Of batches as they come: the sequences of a batch go on, row by row, where those of the batch before ended, with their states but
   * without their gradients, so that one long stream of each row passes by in windows. All begin with an epoch, and those that `begins` in
   * the data says; one that has ended has length 0 from then on. False when absent.
   */
  readonly stateful?: boolean;
  /** Examples to evaluate on after each epoch. They never influence training. */
  readonly validation?: TrainingData;
  /**
   * Weights of the classes, times the `sampleWeights` of the data; 1 each when absent. `balanced`: n/(k · n_c) for a class with n_c of the
   * n examples, k classes, so that every class counts alike and the mean weight is 1. The validation data are not weighted by it.
   */
  readonly classWeights?: ClassWeights;
  /**
   * Measures of the validation data to report besides their loss, and accuracy also of the training data; without validation data none
   * but accuracy. Accuracy for classification when absent.
   */
  readonly metrics?: readonly MetricName[];
  /** Stops training; the network keeps what it has learned and the history says `stoppedBy: 'abort'`. */
  readonly signal?: AbortSignal;
  /**
   * Threads to train on, this one among them; 1 when absent. The parameters are the same to the last bit. What is too small to gain
   * stays on one thread, and so does everything on the core `js` and in pages that are not cross-origin isolated.
   */
  readonly threads?: number;
  /**
   * Train in a worker, so that this thread has nothing to do but to take reports: the same API and the same bits, in Node and in browsers.
   * Meanwhile the network here has the parameters of the last epoch that was reported, and predicts with them. Where a worker cannot be
   * started, training takes place here after a warning. As the network was told when absent.
   */
  readonly worker?: boolean | WorkerOptions;
  /** Stops training when a measure has not improved for a while; see {@link EarlyStopping}. */
  readonly earlyStopping?: EarlyStopping;
  /** Stops training after so many seconds, pauses not counted, at the next step; > 0. */
  readonly maxSeconds?: number;
  /**
   * Called about ten times a second, in long epochs too, and once at the end. What it throws ends the run with that error and leaves
   * the network as it is then.
   */
  readonly onProgress?: (progress: ProgressReport) => void;
  /**
   * Called after every epoch with its report, in order. Epochs that take less than a few milliseconds (25 in `fitSync`) run several at a time,
   * and their reports come together: for the network as it is after each epoch, loop over the run. What it throws ends the run like `onProgress`.
   */
  readonly onEpoch?: (report: EpochReport) => void;
  /**
   * Whether to print with `console.warn` what is likely to be a mistake, each thing once for a network; true when absent: in the data before
   * training, and behind a run that has learned nothing, gradients that vanish or explode. It is in the run's and the history's
   * `warnings` in any case.
   */
  readonly warnings?: boolean;
  /** A file to write the run to now and then, for {@link FitOptions.resume}. */
  readonly checkpoint?: CheckpointOptions;
  /**
   * Goes on from a checkpoint, the bytes that `run.checkpoint()` gave or that `checkpoint` wrote, as if training had never stopped: to the
   * last bit. Network, data and options must be those of the run it was taken of; options that only watch, stop or keep a run may differ,
   * and without a schedule `epochs` too.
   */
  readonly resume?: Uint8Array | ArrayBuffer;
}

/**
 * When to stop before the last epoch.
 *
 * The first epoch with a finite value counts as an improvement, so a measure that never gets better than that stops training `patience`
 * epochs later, and the first epoch's parameters are the best.
 */
export interface EarlyStopping {
  /**
   * What to watch: `cost`, `accuracy` or, on the validation data, `validation.loss`, `validation.accuracy` or another metric. Less is
   * better of costs, losses and errors, more of everything else. The validation loss, or the cost where there is none, when absent.
   */
  readonly monitor?: string;
  /** Stop after so many epochs in a row without an improvement, ≥ 1; 10 when absent. */
  readonly patience?: number;
  /** By how much better counts as an improvement, ≥ 0; 0 when absent. */
  readonly minDelta?: number;
  /**
   * Put back the parameters as they were at the end of the best epoch, whatever ended the run: its epochs, an abort, an error; true when
   * absent. They stay as they are when no epoch ended with a finite value.
   */
  readonly restoreBest?: boolean;
}

/** Options of one step. Steps in a row with the same kind of optimizer share its moments. */
export interface TrainBatchOptions extends StepOptions {
  /** How much each example counts, as in {@link TrainingData}. */
  readonly sampleWeights?: FlatValues | readonly number[];
  /**
   * The sequences go on, row by row, where those of the last stateful batch ended, as in {@link FitOptions}; `fit` in between ends them.
   * False when absent.
   */
  readonly stateful?: boolean;
}

/** Which cost to differentiate. */
export interface GradientOptions extends PenaltyOptions {
  /** How much each example counts, as in {@link TrainingData}. */
  readonly sampleWeights?: FlatValues | readonly number[];
}

/** Options of a prediction. */
export interface PredictOptions {
  /** Threads to compute on; 1 when absent. See `threads` of {@link FitOptions}. */
  readonly threads?: number;
}

/** Options of an evaluation. */
export interface EvaluateOptions {
  /** Threads to compute on; 1 when absent. See `threads` of {@link FitOptions}. */
  readonly threads?: number;
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
  readonly stateful: boolean;
  readonly validation: TrainingData | undefined;
  /** Checked where the network is known. */
  readonly metrics: readonly MetricName[] | undefined;
  readonly signal: AbortSignal | undefined;
  readonly threads: number;
  readonly earlyStopping: ResolvedEarlyStopping | undefined;
  readonly maxSeconds: number;
  readonly onProgress: ((progress: ProgressReport) => void) | undefined;
  readonly onEpoch: ((report: EpochReport) => void) | undefined;
  readonly warnings: boolean;
  readonly checkpoint: ResolvedCheckpoint | undefined;
  readonly resume: Uint8Array | ArrayBuffer | undefined;
}

/** Checked rule of early stopping with its defaults. */
export type ResolvedEarlyStopping = Omit<Required<EarlyStopping>, 'monitor'> &
  Pick<EarlyStopping, 'monitor'>;

/** Checks of options that not every entry of the package has. */
export interface OptionExtras {
  readonly checkTruncate: typeof checkTruncate;
  readonly checkSchedule: typeof checkSchedule;
  readonly resolveCheckpoint: typeof resolveCheckpoint;
  readonly resolveWorker: typeof resolveWorker;
}

/** The options of `fit` that need more than a session has without its extras. */
export type FitExtra =
  | 'metrics'
  | 'schedule'
  | 'classWeights'
  | 'truncate'
  | 'stateful'
  | 'worker'
  | 'warnings'
  | 'checkpoint'
  | 'resume';

const fitExtras: readonly FitExtra[] = [
  'metrics',
  'schedule',
  'classWeights',
  'truncate',
  'stateful',
  'worker',
  'warnings',
  'checkpoint',
  'resume',
];

const fitKeys: readonly (keyof FitOptions)[] = [
  'epochs',
  'batchSize',
  ...stepKeys,
  'shuffle',
  'validation',
  'signal',
  'threads',
  'earlyStopping',
  'maxSeconds',
  'onProgress',
  'onEpoch',
  ...fitExtras,
];

/**
 * Checks the options of `fit`.
 *
 * @param extras - without them, what needs them is refused
 */
export function resolveFitOptions(options: FitOptions, extras?: OptionExtras): ResolvedFitOptions {
  checkKeys(options, fitKeys, 'fit');
  if (!extras) checkNoExtras(options);
  const { batchSize = 32, classWeights, schedule, validation, signal, truncate } = options;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError(`signal: expected an AbortSignal, got ${describe(signal)}.`);
  }
  checkNoStream(validation, 'validation');
  return {
    epochs: checkInteger(options.epochs, 'epochs', 1),
    batchSize: checkBatchSize(batchSize),
    step: resolveStep(options),
    schedule: schedule && extras?.checkSchedule(schedule, 'schedule'),
    shuffle: checkBoolean(options.shuffle ?? truncate === undefined, 'shuffle'),
    truncate: extras?.checkTruncate(truncate, options.shuffle),
    stateful: checkBoolean(options.stateful ?? false, 'stateful'),
    classWeights,
    validation,
    metrics: options.metrics,
    signal,
    threads: resolveThreads(options.threads),
    earlyStopping: resolveEarlyStopping(options.earlyStopping),
    maxSeconds:
      options.maxSeconds === undefined
        ? Infinity
        : checkNumber(options.maxSeconds, 'maxSeconds', { low: 0, above: true }),
    onProgress: checkCallback(options.onProgress, 'onProgress'),
    onEpoch: checkCallback(options.onEpoch, 'onEpoch'),
    warnings: checkBoolean(options.warnings ?? true, 'warnings'),
    checkpoint: extras?.resolveCheckpoint(options.checkpoint),
    resume: options.resume,
  };
}

function checkNoExtras(options: FitOptions): void {
  for (const key of fitExtras) {
    if (options[key] !== undefined && options[key] !== false) throw leftOut(`fit: ${key}`);
  }
}

function resolveEarlyStopping(value: EarlyStopping | undefined): ResolvedEarlyStopping | undefined {
  if (value === undefined) return undefined;
  const where = 'earlyStopping';
  checkKeys(value, ['monitor', 'patience', 'minDelta', 'restoreBest'], where);
  const { monitor, patience = 10, minDelta = 0, restoreBest = true } = value;
  return {
    ...(monitor !== undefined && { monitor }),
    patience: checkInteger(patience, `${where}.patience`, 1),
    minDelta: checkNumber(minDelta, `${where}.minDelta`, { low: 0 }),
    restoreBest: checkBoolean(restoreBest, `${where}.restoreBest`),
  };
}

function checkCallback<T extends (...values: never[]) => void>(
  value: T | undefined,
  where: string,
): T | undefined {
  if (value === undefined || typeof value === 'function') return value;
  throw new TypeError(`${where}: expected a function, got ${describe(value)}.`);
}

/** Checks the options of `predict`. */
export function resolvePredictOptions(options: PredictOptions): Required<PredictOptions> {
  checkKeys(options, ['threads'], 'predict');
  return { threads: resolveThreads(options.threads) };
}

/** Checks the options of `evaluate`, but for the names of metrics. */
export function resolveEvaluateOptions(
  options: EvaluateOptions,
): EvaluateOptions & { readonly threads: number } {
  checkKeys(options, ['metrics', 'threads'], 'evaluate');
  return { ...options, threads: resolveThreads(options.threads) };
}

/** More threads than this are a mistake, or a number of something else. */
const MOST_THREADS = 256;

/** Checks a number of threads. */
function resolveThreads(threads: number | undefined): number {
  return checkInteger(threads ?? 1, 'threads', 1, MOST_THREADS);
}

function checkBatchSize(batchSize: unknown): number | 'all' {
  if (typeof batchSize === 'string') return checkName(batchSize, ['all'] as const, 'batchSize');
  return checkInteger(batchSize, 'batchSize', 1);
}
