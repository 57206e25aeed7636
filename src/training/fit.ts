import type { Examples } from '../data/reader.ts';
import type { Engine } from '../engine.ts';
import { costSums, evaluate, type Evaluation } from './evaluate.ts';
import type { EpochReport, History } from './history.ts';
import type { ResolvedFitOptions } from './options.ts';
import { Trainer, type TrainingRun } from './trainer.ts';

/** Everything a run needs, checked and read. */
export interface FitPlan {
  readonly engine: Engine;
  readonly options: ResolvedFitOptions;
  readonly training: TrainingRun;
  readonly validation: Examples | undefined;
  readonly accuracy: boolean;
}

/** Turns cost sums into means. */
export function evaluation(sums: ReturnType<typeof costSums>, accuracy: boolean): Evaluation {
  const loss = sums.cost / sums.examples;
  return accuracy ? { loss, accuracy: sums.correct / sums.examples } : { loss };
}

/** A training run with its clock and reports; the loops over epochs, blocking or not, are in `run.ts`. */
export class Fit {
  readonly reports: EpochReport[] = [];
  readonly #plan: FitPlan;
  readonly #trainer: Trainer;
  readonly #started: number = performance.now();
  #trainingSeconds = 0;

  constructor(plan: FitPlan) {
    this.#plan = plan;
    this.#trainer = new Trainer(plan.engine, plan.training);
  }

  get options(): ResolvedFitOptions {
    return this.#plan.options;
  }

  /** Trains one epoch and evaluates; yields between calls into the core, returns the report. */
  *epoch(epoch: number): Generator<undefined, EpochReport> {
    const { engine, training, validation, accuracy, options } = this.#plan;
    const before = this.#trainingSeconds;
    for (const step of this.#timed(this.#trainer.epoch(epoch))) yield step;
    const { loss: cost, ...measures } = evaluation(costSums(engine), accuracy);
    const after = validation
      ? { validation: evaluation(evaluate(engine, validation), accuracy) }
      : {};
    const seconds = this.#seconds();
    const report: EpochReport = {
      epoch,
      epochs: options.epochs,
      cost,
      ...measures,
      ...after,
      examplesPerSecond: training.x.rows / (this.#trainingSeconds - before),
      seconds,
      remainingSeconds: (seconds / epoch) * (options.epochs - epoch),
    };
    this.reports.push(report);
    return report;
  }

  /** Ends the run: gives its memory back and sums it up. */
  finish(stoppedBy: History['stoppedBy']): History {
    this.free();
    const { seed } = this.#plan.training;
    return { reports: this.reports, stoppedBy, seed, seconds: this.#seconds() };
  }

  /** Gives the run's memory back. */
  free(): void {
    this.#trainer.free();
  }

  /** Adds up the time spent inside the core, not in the pauses. */
  *#timed(steps: Iterator<undefined, void>): Generator<undefined, void> {
    for (;;) {
      const started = performance.now();
      const { done } = steps.next();
      this.#trainingSeconds += (performance.now() - started) / 1000;
      if (done) return;
      yield;
    }
  }

  #seconds(): number {
    return (performance.now() - this.#started) / 1000;
  }
}
