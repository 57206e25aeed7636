import type { Examples } from '../data/reader.ts';
import type { Engine } from '../engine.ts';
import { plateauOf, type ReduceOnPlateau } from '../nn/schedules.ts';
import { type CostSums, evaluate, type Evaluation } from './evaluate.ts';
import type { EpochReport, History } from './history.ts';
import { observe } from './monitor.ts';
import type { ResolvedFitOptions } from './options.ts';
import { newProgress, type Progress, type RunState } from './state.ts';
import { Stopwatch } from './stopwatch.ts';
import type { EpochLog, Training } from './trainer.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Everything a run needs, checked and read. */
export interface FitPlan {
  readonly engine: Engine;
  readonly options: ResolvedFitOptions;
  /** Places what trains in memory. */
  readonly createTrainer: () => Training;
  readonly validation: Examples | undefined;
  readonly accuracy: boolean;
  readonly seed: number;
}

/** Turns cost sums into means. */
export function evaluation(
  { cost, correct, examples }: CostSums,
  accuracy: boolean,
  predictions: number,
): Evaluation {
  const loss = cost / examples;
  return accuracy ? { loss, accuracy: correct / predictions } : { loss };
}

/**
 * A training run, call by call: the trainer and the bookkeeping around it. When the calls are made, and what happens in between, is up
 * to `run.ts`.
 */
export class Fit {
  /** Whether somebody looks at the network after every epoch, so that a call must not run several. */
  watched = false;
  readonly clock: Stopwatch;
  readonly #plan: FitPlan;
  readonly #trainer: Training;
  readonly #progress: Progress;
  readonly #plateau: ReduceOnPlateau | undefined;

  /** @param from - state of a run to go on with, of the same network, data and options; a new run when absent */
  constructor(plan: FitPlan, from?: RunState) {
    this.#plan = plan;
    const { schedule } = plan.options;
    this.#plateau = schedule && plateauOf(schedule);
    this.#trainer = plan.createTrainer();
    this.#progress = from ? structuredClone(from.progress) : newProgress();
    if (from) this.#trainer.restore(from.position, from.memory);
    this.#trainer.plateauFactor = this.#progress.plateauFactor;
    this.clock = new Stopwatch(from?.seconds);
  }

  get options(): ResolvedFitOptions {
    return this.#plan.options;
  }

  /** One report per completed epoch. */
  get reports(): readonly EpochReport[] {
    return this.#progress.reports;
  }

  /** Copies everything that the run needs to go on from here; to be called between two calls of {@link advance}. */
  capture(): RunState {
    return {
      position: this.#trainer.position,
      progress: structuredClone(this.#progress),
      memory: this.#trainer.capture(),
      seconds: this.clock.seconds,
    };
  }

  /** Resolves when there is something to train on; undefined where there always is. */
  ready(): Promise<void> | undefined {
    return this.#trainer.ready?.();
  }

  /**
   * Makes one call into the core, and reports on the epochs that ended in it.
   *
   * @returns why training is over, undefined when it is not
   * @throws {NetworkError} `DIVERGED`
   */
  advance(): History['stoppedBy'] | undefined {
    const { epochs } = this.options;
    const left = epochs - this.reports.length;
    const log = this.#trainer.advance(this.#isSingle() ? 1 : left);
    if (log) this.#report(log);
    return this.reports.length < epochs ? undefined : 'epochs';
  }

  /** Sums the run up. */
  finish(stoppedBy: History['stoppedBy']): History {
    return {
      reports: this.reports,
      stoppedBy,
      seed: this.#plan.seed,
      seconds: this.clock.seconds,
    };
  }

  /** Gives the run's memory back; to be called once, when training is over for whatever reason. */
  free(): void {
    this.#trainer.free();
  }

  /** Whether something is to be done after every epoch. */
  #isSingle(): boolean {
    return this.watched || this.#plan.validation !== undefined || this.#plateau !== undefined;
  }

  /** Reports on epochs that ran in one call; each has its share of the time. */
  #report({ entries, milliseconds, count }: EpochLog): void {
    const { engine, validation, accuracy } = this.#plan;
    const { epochs } = this.options;
    const { stepsPerEpoch, steps } = this.#trainer;
    const { reports } = this.#progress;
    const { examples, costs, predictions } = this.#trainer.totals;
    const after =
      validation && evaluation(evaluate(engine, validation), accuracy, validation.predictions);
    const from = reports.at(-1)?.seconds ?? 0;
    const share = (this.clock.seconds - from) / count;
    for (let index = 0; index < count; index++) {
      const epoch = reports.length + 1;
      const step = steps - (count - 1 - index) * stepsPerEpoch;
      const seconds = from + share * (index + 1);
      // One literal, extended only where needed: hundreds of thousands of tiny epochs a second must not wait for this.
      const report: Writable<EpochReport> = {
        epoch,
        epochs,
        step,
        cost: entries[2 * index]! / costs,
        learningRate: this.#trainer.rateAt(step - 1),
        examplesPerSecond: (1000 * examples * count) / milliseconds,
        seconds,
        remainingSeconds: (seconds / epoch) * (epochs - epoch),
      };
      if (accuracy) report.accuracy = entries[2 * index + 1]! / predictions;
      if (after) report.validation = after;
      reports.push(report);
      this.#watchPlateau(report);
    }
  }

  /** Lowers the rate when the measure that the schedule watches has not improved for long enough. */
  #watchPlateau(report: EpochReport): void {
    const rule = this.#plateau;
    if (!rule) return;
    const progress = this.#progress;
    const monitor = rule.monitor ?? (this.#plan.validation ? 'validation.loss' : 'cost');
    if (observe(progress.plateau, { ...rule, monitor }, report)) return;
    if (progress.plateau.waited < rule.patience) return;
    progress.plateau.waited = 0;
    progress.plateauFactor = Math.max(progress.plateauFactor * rule.factor, rule.minimum);
    this.#trainer.plateauFactor = progress.plateauFactor;
  }
}
