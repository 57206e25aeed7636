import type { Examples } from '../data/reader.ts';
import type { Engine } from '../engine.ts';
import { type CostSums, evaluate, type Evaluation } from './evaluate.ts';
import type { EpochReport, History } from './history.ts';
import type { ResolvedFitOptions } from './options.ts';
import { type EpochLog, Trainer, type TrainingRun } from './trainer.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Everything a run needs, checked and read. */
export interface FitPlan {
  readonly engine: Engine;
  readonly options: ResolvedFitOptions;
  readonly training: TrainingRun;
  readonly validation: Examples | undefined;
  readonly accuracy: boolean;
  readonly seed: number;
}

/** Turns cost sums into means. */
export function evaluation({ cost, correct, examples }: CostSums, accuracy: boolean): Evaluation {
  const loss = cost / examples;
  return accuracy ? { loss, accuracy: correct / examples } : { loss };
}

/** A training run with its clock and reports; what happens between calls into the core is up to `run.ts`. */
export class Fit {
  /** One report per completed epoch. */
  readonly reports: EpochReport[] = [];
  /** Whether somebody looks at the network after every epoch, so that a call must not run several. */
  watched = false;
  readonly #plan: FitPlan;
  readonly #trainer: Trainer;
  readonly #started: number = performance.now();

  constructor(plan: FitPlan) {
    this.#plan = plan;
    this.#trainer = new Trainer(plan.engine, plan.training);
  }

  get options(): ResolvedFitOptions {
    return this.#plan.options;
  }

  /** Trains all epochs; yields after each call into the core but the last. */
  *calls(): Generator<undefined, void> {
    const { epochs } = this.options;
    while (this.reports.length < epochs) {
      const done = this.reports.length;
      const count = Math.min(this.#trainer.epochsPerCall, epochs - done);
      const single = count === 1 || this.watched || this.#plan.validation !== undefined;
      const log = single
        ? yield* this.#trainer.epoch(done + 1)
        : this.#trainer.epochs(done + 1, count);
      this.#report(log, single ? 1 : count);
      if (this.reports.length < epochs) yield;
    }
  }

  /** Sums the run up. */
  finish(stoppedBy: History['stoppedBy']): History {
    return {
      reports: this.reports,
      stoppedBy,
      seed: this.#plan.seed,
      seconds: this.#seconds(),
    };
  }

  /** Gives the run's memory back; to be called once, when training is over for whatever reason. */
  free(): void {
    this.#trainer.free();
  }

  /** Reports on epochs that ran in one call; each has its share of the time. */
  #report({ entries, milliseconds }: EpochLog, count: number): void {
    const { engine, training, validation, accuracy } = this.#plan;
    const { epochs } = this.options;
    const examples = training.x.rows;
    const after = validation && evaluation(evaluate(engine, validation), accuracy);
    const from = this.reports.at(-1)?.seconds ?? 0;
    const share = (this.#seconds() - from) / count;
    for (let index = 0; index < count; index++) {
      const epoch = this.reports.length + 1;
      const seconds = from + share * (index + 1);
      // One literal, extended only where needed: hundreds of thousands of tiny epochs a second must not wait for this.
      const report: Writable<EpochReport> = {
        epoch,
        epochs,
        cost: entries[2 * index]! / examples,
        examplesPerSecond: (1000 * examples * count) / milliseconds,
        seconds,
        remainingSeconds: (seconds / epoch) * (epochs - epoch),
      };
      if (accuracy) report.accuracy = entries[2 * index + 1]! / examples;
      if (after) report.validation = after;
      this.reports.push(report);
    }
  }

  #seconds(): number {
    return (performance.now() - this.#started) / 1000;
  }
}
