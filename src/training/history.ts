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
  /** Seconds since training began. */
  readonly seconds: number;
  /** Seconds the remaining epochs will take at the mean pace so far. */
  readonly remainingSeconds: number;
}

/** The course of a training run. */
export interface History {
  /** One report per completed epoch. */
  readonly reports: readonly EpochReport[];
  /** Why training ended: all epochs done, its AbortSignal, or a consumer that left its loop over the reports. */
  readonly stoppedBy: 'epochs' | 'abort' | 'break';
  /** The network's seed. */
  readonly seed: number;
  /** Seconds from start to end. */
  readonly seconds: number;
}
