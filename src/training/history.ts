import type { TrainingWarning } from '../doctor/warnings.ts';
import type { Evaluation } from './evaluate.ts';

/** What is known after an epoch. */
export interface EpochReport {
  /** 1 for the first epoch. */
  readonly epoch: number;
  /** Epochs asked for. */
  readonly epochs: number;
  /** Updates made since training began. */
  readonly step: number;
  /** Mean cost of the examples, each taken just before the update of its mini-batch. */
  readonly cost: number;
  /** Share of the examples predicted right just before the update of their mini-batch; for classification. */
  readonly accuracy?: number;
  /** Loss and accuracy on the validation data after the epoch. */
  readonly validation?: Evaluation;
  /** Learning rate of the last update of the epoch. */
  readonly learningRate: number;
  /** Training examples per second of this epoch, validation not counted. */
  readonly examplesPerSecond: number;
  /** Seconds since training began, pauses not counted. */
  readonly seconds: number;
  /** Seconds the remaining epochs will take at the mean pace so far. */
  readonly remainingSeconds: number;
}

/** What is known in the midst of training. */
export interface ProgressReport {
  /** The epoch at hand, from 1; behind the last one, the last. */
  readonly epoch: number;
  /** Epochs asked for. */
  readonly epochs: number;
  /** Updates made since training began. */
  readonly step: number;
  /** Updates the whole run will make. */
  readonly steps: number;
  /** Mean cost of the examples of the epoch so far; between epochs, of the last one. */
  readonly cost: number;
  /** The last evaluation on the validation data; absent before the first. */
  readonly validation?: Evaluation;
  /** Learning rate of the last update. */
  readonly learningRate: number;
  /** Training examples per second since training began, everything counted. */
  readonly examplesPerSecond: number;
  /** Seconds since training began, pauses not counted. */
  readonly seconds: number;
  /** Seconds the rest of the run will take at the mean pace so far. */
  readonly remainingSeconds: number;
}

/**
 * Why training ended: all epochs done, its AbortSignal, a consumer that left its loop over the reports, early stopping, or `maxSeconds`.
 */
export type StopReason = 'epochs' | 'abort' | 'break' | 'earlyStopping' | 'time';

/** The course of a training run. */
export interface History {
  /** One report per completed epoch. */
  readonly reports: readonly EpochReport[];
  readonly stoppedBy: StopReason;
  /**
   * With early stopping: the epoch whose measure was the best, from 1. Absent when no epoch ended with a finite one: then the network
   * keeps what it learned last.
   */
  readonly bestEpoch?: number;
  /** What the doctor has found: in the data, before training, and in the gradients of a run that has learned nothing, after it. */
  readonly warnings: readonly TrainingWarning[];
  /** The network's seed. */
  readonly seed: number;
  /** Seconds from start to end, pauses not counted. */
  readonly seconds: number;
}
