import type { TrainingWarning } from '../doctor/warnings.ts';
import { leftOut } from '../errors.ts';
import { type Checkpoints, endedError } from './checkpoints.ts';
import { assessing, type Evaluation } from './evaluate.ts';
import type { EpochReport, History, ProgressReport, StopReason } from './history.ts';
import { observe } from './monitor.ts';
import type { ResolvedFitOptions } from './options.ts';
import type { FitPlan } from './plan.ts';
import { newProgress, type Progress, type RunState } from './state.ts';
import { Stopwatch } from './stopwatch.ts';
import type { EpochLog, Training } from './trainer.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Milliseconds between two calls of `onProgress`. */
export const PROGRESS_MILLISECONDS = 100;

/** Whether a run that ended so was only stopped, and could go on from there. */
export function canGoOn(stoppedBy: StopReason): boolean {
  return stoppedBy === 'abort' || stoppedBy === 'break' || stoppedBy === 'time';
}

/** Milliseconds of validation after which a call ends, so that what happens between calls gets its turn. */
const VALIDATION_MILLISECONDS = 4;

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
  #warnings: readonly TrainingWarning[];
  /** When `onProgress` was called last, in milliseconds of the clock. */
  #shown = performance.now();
  readonly #checkpoints: Checkpoints | undefined;
  /** What the clock showed when the run began or went on. */
  readonly #secondsBefore: number;
  /** The state at the end, where training could go on. */
  #ended: RunState | undefined;
  #closed = false;
  /** The epoch that has ended and is being validated, which may take many calls. */
  #validating: { readonly log: EpochLog; readonly work: Generator<void, Evaluation> } | undefined;

  /** @param milliseconds - that a call into the core should take */
  constructor(plan: FitPlan, milliseconds?: number) {
    this.#plan = plan;
    const { from } = plan;
    this.#warnings = plan.warnings;
    this.#checkpoints = plan.extras?.createCheckpoints(plan);
    this.#secondsBefore = from?.seconds ?? 0;
    this.#trainer = plan.createTrainer(milliseconds);
    this.#progress = from ? structuredClone(from.progress) : newProgress();
    if (from) this.#resume(from);
    this.#trainer.plateauFactor = this.#progress.plateauFactor;
    this.clock = new Stopwatch(from?.seconds);
    this.#checkpoints?.begin(this.reports.length, this.#trainer.steps);
  }

  #resume({ position, memory }: RunState): void {
    try {
      this.#trainer.restore(position, memory);
    } catch (error) {
      this.#trainer.free();
      throw error;
    }
  }

  get options(): ResolvedFitOptions {
    return this.#plan.options;
  }

  /** What the doctor has found in the data, and behind the end in the gradients. */
  get warnings(): readonly TrainingWarning[] {
    return this.#warnings;
  }

  /** One report per completed epoch. */
  get reports(): readonly EpochReport[] {
    return this.#progress.reports;
  }

  /** How far training is; undefined before the first step. */
  get progress(): ProgressReport | undefined {
    const { epochs } = this.options;
    const { stepsPerEpoch, position, steps: step, totals } = this.#trainer;
    if (step === 0) return undefined;
    const steps = epochs * stepsPerEpoch;
    const { seconds } = this.clock;
    const validation = this.reports.at(-1)?.validation;
    return {
      epoch: Math.min(position.epoch + 1, epochs),
      epochs,
      step,
      steps,
      cost: this.#trainer.cost,
      ...(validation && { validation }),
      learningRate: this.#plan.engine.get('learningRate'),
      examplesPerSecond: ((step / stepsPerEpoch) * totals.examples) / seconds,
      seconds,
      remainingSeconds: (seconds / step) * (steps - step),
    };
  }

  /**
   * Copies everything that the run needs to go on from here; to be called between two calls of {@link advance}. An epoch that is being
   * validated is validated to the end first, for its report belongs to the state.
   */
  capture(): RunState {
    if (this.#validating) this.#validate(Infinity);
    return {
      position: this.#trainer.position,
      progress: structuredClone(this.#progress),
      memory: this.#trainer.capture(),
      seconds: this.clock.seconds,
    };
  }

  /** Resolves when there is something to train on; undefined where there always is. */
  ready(): Promise<void> | undefined {
    return this.#validating ? undefined : this.#trainer.ready?.();
  }

  /**
   * A file of the run as it stands, or as it stood when it was stopped.
   *
   * @throws {NetworkError} `ENDED` when it came to its end
   */
  checkpoint(): Uint8Array<ArrayBuffer> {
    if (!this.#checkpoints) throw leftOut('checkpoint');
    const state = this.#closed ? this.#ended : this.capture();
    if (state) return this.#checkpoints.encode(state);
    throw endedError();
  }

  /**
   * Trains or validates for one call, and reports on the epochs that ended with it; nothing when the run is to stop.
   *
   * @returns why training is over, undefined when it is not
   * @throws {NetworkError} `DIVERGED`
   */
  advance(): StopReason | undefined {
    const { signal, maxSeconds } = this.options;
    if (signal?.aborted) return 'abort';
    if (maxSeconds < Infinity && this.clock.seconds - this.#secondsBefore >= maxSeconds) {
      return 'time';
    }
    const end = this.#end();
    if (end) return end;
    if (this.#validating) this.#validate(VALIDATION_MILLISECONDS);
    else this.#train();
    if (performance.now() - this.#shown >= PROGRESS_MILLISECONDS) this.#showProgress();
    if (this.#isCheckpointDue()) this.#keep();
    return this.#end();
  }

  /** Why there is nothing left to do, if so; true of a run at once that goes on from its end. */
  #end(): StopReason | undefined {
    const { earlyStopping } = this.#plan.measures;
    const isStuck = earlyStopping && this.#progress.earlyStopping.waited >= earlyStopping.patience;
    if (isStuck) return 'earlyStopping';
    return this.reports.length < this.options.epochs ? undefined : 'epochs';
  }

  /** Sums the run up. */
  finish(stoppedBy: StopReason): History {
    this.#keep();
    if (canGoOn(stoppedBy) && this.#checkpoints) this.#ended = this.capture();
    this.#examine();
    this.#showProgress();
    const { bestEpoch } = this.#progress.earlyStopping;
    return {
      reports: this.reports,
      stoppedBy,
      ...(bestEpoch !== undefined && { bestEpoch }),
      warnings: this.#warnings,
      seed: this.#plan.seed,
      seconds: this.clock.seconds,
    };
  }

  /** Has the doctor look at a run that has come to its end. */
  #examine(): void {
    const { engine, spec, options, extras } = this.#plan;
    const { data } = this.#trainer;
    const last = this.reports.at(-1);
    if (!extras || !data || !last) return;
    const found = extras.examineFlow(engine, spec, last.cost, data);
    if (options.warnings) extras.printWarnings(engine.model, found);
    this.#warnings = [...this.#warnings, ...found];
  }

  /** Puts back the parameters of the best epoch, where early stopping has kept them. */
  restoreBest(): void {
    const { engine } = this.#plan;
    const { best } = this.#progress;
    if (best && !engine.disposed) engine.layout.values.view(engine.core.buffer).set(best);
  }

  /** To be called once, when training is over for whatever reason: restores the best parameters, and gives the run's memory back. */
  free(): void {
    this.#closed = true;
    this.restoreBest();
    this.#trainer.free();
  }

  /** Whether the file of the run is to be written; an epoch that is being validated is waited for. */
  #isCheckpointDue(): boolean {
    if (!this.#checkpoints || this.#validating) return false;
    return this.#checkpoints.isDue(this.reports.length, this.#trainer.steps);
  }

  /** Writes the file of the run, where there is one. */
  #keep(): void {
    this.#checkpoints?.write(() => this.capture(), this.reports.length, this.#trainer.steps);
  }

  /** Whether something is to be done after every epoch. */
  #isSingle(): boolean {
    const { validation, measures } = this.#plan;
    return this.watched || !!validation || !!measures.earlyStopping || !!measures.plateau;
  }

  /** Makes one call into the core, and begins to validate the epoch that ended in it. */
  #train(): void {
    const { engine, validation, measures, options, extras } = this.#plan;
    const done = this.reports.length;
    const kept = this.#checkpoints?.epochsLeft(done) ?? Infinity;
    const limit = Math.min(options.epochs - done, kept);
    const log = this.#trainer.advance(this.#isSingle() ? 1 : limit);
    if (!log) return;
    if (!validation) {
      this.#report(log);
      return;
    }
    const { metrics, classes } = measures;
    const work = assessing(engine, validation, metrics, classes, options.threads, extras);
    this.#validating = { log, work };
    this.#validate(VALIDATION_MILLISECONDS);
  }

  /** Goes on with the validation for about so long, and reports on the epoch when it is done. */
  #validate(milliseconds: number): void {
    const { log, work } = this.#validating!;
    const until = performance.now() + milliseconds;
    do {
      const slice = work.next();
      if (!slice.done) continue;
      this.#validating = undefined;
      this.#report(log, slice.value);
      return;
    } while (performance.now() < until);
  }

  /** Reports on epochs that ran in one call; each has its share of the time. */
  #report({ entries, milliseconds, count }: EpochLog, after?: Evaluation): void {
    const { metrics } = this.#plan.measures;
    const { epochs, onEpoch } = this.options;
    const accuracy = metrics.includes('accuracy');
    const { stepsPerEpoch, steps } = this.#trainer;
    const { reports } = this.#progress;
    const { examples, costs, predictions } = this.#trainer.totals;
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
      this.#watchBest(report);
      this.#watchPlateau(report);
      onEpoch?.(report);
    }
  }

  #showProgress(): void {
    const { onProgress } = this.options;
    const progress = onProgress && this.progress;
    if (!progress) return;
    onProgress(progress);
    this.#shown = performance.now();
  }

  /** Keeps the parameters of the best epoch. */
  #watchBest(report: EpochReport): void {
    const { engine, measures } = this.#plan;
    const { earlyStopping } = measures;
    const progress = this.#progress;
    if (!earlyStopping || !observe(progress.earlyStopping, earlyStopping, report)) return;
    if (!earlyStopping.restoreBest) return;
    const values = engine.layout.values.view(engine.core.buffer);
    progress.best ??= new Float32Array(values.length);
    progress.best.set(values);
  }

  /** Lowers the rate when the measure that the schedule watches has not improved for long enough. */
  #watchPlateau(report: EpochReport): void {
    const rule = this.#plan.measures.plateau;
    const progress = this.#progress;
    if (!rule || observe(progress.plateau, rule, report)) return;
    if (progress.plateau.waited < rule.patience) return;
    progress.plateau.waited = 0;
    progress.plateauFactor = Math.max(progress.plateauFactor * rule.factor, rule.minimum);
    this.#trainer.plateauFactor = progress.plateauFactor;
  }
}
