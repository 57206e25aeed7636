import { printWarnings, type TrainingWarning } from '../doctor/warnings.ts';
import type { Engine } from '../engine.ts';
import type { NetworkSpec } from '../nn/spec.ts';
import { endedError } from '../training/checkpoints.ts';
import { PROGRESS_MILLISECONDS } from '../training/fit.ts';
import type { EpochReport, History, ProgressReport } from '../training/history.ts';
import type { FitPlan } from '../training/plan.ts';
import type { Run } from '../training/run.ts';
import { captureMemory, restoreMemory } from '../training/state.ts';
import type { TrainingRun } from '../training/trainer.ts';
import { revivedError, type Slice, type TrainingOrder, transferable } from './messages.ts';
import type { WorkerSetup } from './options.ts';
import { openSource, type TrainingSource } from './source.ts';

/** Slices asked for before the one at hand has come, so that a busy page does not keep the worker waiting. */
const SLICES_AHEAD = 1;

/** Options that mean nothing to the worker: the run on this side follows them, or they were read. */
const onThisSide = {
  signal: undefined,
  validation: undefined,
  onEpoch: undefined,
  onProgress: undefined,
  resume: undefined,
  warnings: false,
} as const;

/**
 * Trains in a worker. The network on this side has the parameters of the last epoch that was reported.
 *
 * @param plan - how to train, checked
 * @param training - what to train on; copied before this returns
 * @param ended - called once, when training is over for whatever reason
 * @throws {TypeError} for options that no worker can receive
 */
export function runInWorker(
  { engine, createTrainer: _createTrainer, extras: _extras, training: _training, ...plan }: FitPlan,
  training: TrainingRun,
  spec: NetworkSpec,
  setup: WorkerSetup,
  ended: () => void,
): Run {
  const transfer: ArrayBuffer[] = [];
  const order: TrainingOrder = transferable(
    {
      spec,
      // Where this side had to do without WebAssembly the worker need not try; where it need not, the worker may have to.
      core: engine.core.name === 'simd' ? 'auto' : engine.core.name,
      memory: captureMemory(engine, 0),
      normalizer: engine.model.normalization?.normalizer,
      plan: { ...plan, options: { ...plan.options, ...onThisSide } },
      training,
    },
    transfer,
    'fit',
  );
  return new WorkerRun(engine, openSource(engine, order, transfer, setup), plan, ended);
}

class WorkerRun implements Run {
  readonly #engine: Engine;
  warnings: readonly TrainingWarning[];
  readonly #options: FitPlan['options'];
  readonly #history: Promise<History>;
  readonly #reports: EpochReport[] = [];
  /** Slices that were asked for and have not been taken. */
  readonly #asked: Promise<Slice>[] = [];
  /** Reports that the loop over them has taken. */
  #taken = 0;
  #paused = false;
  #iterated = false;
  #awaited = false;
  #left = false;
  #over = false;
  #source: Promise<TrainingSource>;
  /** Where a run that was stopped before its end could go on. */
  #checkpoint: Uint8Array<ArrayBuffer> | undefined;
  #waiting: (() => void)[] = [];
  /** What a callback has thrown: it ends the run. */
  #thrown: { readonly error: unknown } | undefined;
  #progress: ProgressReport | undefined;
  /** When `onProgress` was called last, in milliseconds of the clock. */
  #shown = performance.now();

  constructor(
    engine: Engine,
    source: Promise<TrainingSource>,
    { options, warnings }: Pick<FitPlan, 'options' | 'warnings'>,
    ended: () => void,
  ) {
    this.#engine = engine;
    this.warnings = warnings;
    this.#options = options;
    this.#source = source;
    const { signal } = options;
    signal?.addEventListener('abort', this.#wake);
    this.#history = this.#train(source).finally(() => {
      this.#over = true;
      signal?.removeEventListener('abort', this.#wake);
      ended();
      this.#wake();
    });
  }

  get paused(): boolean {
    return this.#paused;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#wake();
  }

  async checkpoint(): Promise<Uint8Array<ArrayBuffer>> {
    const source = await this.#source;
    if (this.#checkpoint) return this.#checkpoint.slice();
    if (this.#over) throw endedError();
    return source.checkpoint();
  }

  // eslint-disable-next-line unicorn/no-thenable -- being awaitable is the point
  then<T = History, U = never>(
    fulfilled?: ((history: History) => T | PromiseLike<T>) | null,
    rejected?: ((reason: unknown) => U | PromiseLike<U>) | null,
  ): Promise<T | U> {
    this.#awaited = true;
    this.#wake();
    return this.#history.then(fulfilled, rejected);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<EpochReport, undefined> {
    this.#iterated = true;
    this.#history.catch(() => {});
    try {
      for (;;) {
        const report = this.#reports[this.#taken];
        if (report) {
          yield report;
          this.#taken++;
          this.#wake();
        } else if (this.#over) {
          await this.#history;
          return;
        } else {
          await this.#change();
        }
      }
    } finally {
      this.#left = true;
      this.#wake();
      // Behind the loop the network is idle again. A failure was thrown above, or is for those who await the run.
      await this.#history.catch(() => {});
    }
  }

  async #train(opening: Promise<TrainingSource>): Promise<History> {
    const source = await opening;
    let finished = false;
    try {
      const stoppedBy = await this.#advance(source);
      const { summary, memory, checkpoint } = await source.finish(stoppedBy);
      this.#checkpoint = checkpoint;
      finished = true;
      restoreMemory(this.#engine, memory);
      this.warnings = summary.warnings;
      if (this.#options.warnings) printWarnings(this.#engine.model, summary.warnings);
      if (this.#thrown) throw this.#thrown.error;
      this.#showProgress(0);
      return { ...summary, reports: this.#reports };
    } finally {
      source.close(finished);
    }
  }

  /** Trains until something puts an end to it. */
  async #advance(source: TrainingSource): Promise<History['stoppedBy']> {
    for (;;) {
      await this.#permission();
      const stop = this.#stop();
      if (!stop) this.#ask(source);
      const slice = await this.#asked.shift();
      if (!slice) return stop!;
      await this.#permission();
      this.#take(slice);
      if (this.#thrown) return 'break';
      if (slice.failure) throw revivedError(slice.failure);
      if (slice.end) return slice.end;
      this.#wake();
    }
  }

  /** Asks for as many slices as may be on their way: only one when somebody looks at the network after each. */
  #ask(source: TrainingSource): void {
    const most = this.#iterated ? 1 : 1 + SLICES_AHEAD;
    while (this.#asked.length < most) {
      const slice = source.advance(this.#iterated);
      // Its failure is noticed when it is taken.
      slice.catch(() => {});
      this.#asked.push(slice);
    }
  }

  #take({ reports, progress, memory }: Slice): void {
    if (memory) restoreMemory(this.#engine, memory);
    this.#progress = progress;
    try {
      for (const report of reports) {
        this.#reports.push(report);
        this.#options.onEpoch?.(report);
      }
      this.#showProgress(PROGRESS_MILLISECONDS);
    } catch (error) {
      this.#thrown = { error };
    }
  }

  /** Calls `onProgress` when it was not called for so long. */
  #showProgress(milliseconds: number): void {
    const { onProgress } = this.#options;
    if (!onProgress || !this.#progress) return;
    if (performance.now() - this.#shown < milliseconds) return;
    onProgress(this.#progress);
    this.#shown = performance.now();
  }

  /** Why the run should end now, if it should. */
  #stop(): 'abort' | 'break' | undefined {
    if (this.#options.signal?.aborted) return 'abort';
    return this.#left ? 'break' : undefined;
  }

  readonly #wake = (): void => {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  };

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Resolves when nobody has asked the run to wait any longer. */
  async #permission(): Promise<void> {
    while (this.#mustWait()) await this.#change();
  }

  /** Paused, or a loop is at work on the last report and nobody is waiting for the end. */
  #mustWait(): boolean {
    if (this.#stop()) return false;
    const isLoopBusy = this.#iterated && !this.#awaited && this.#taken < this.#reports.length;
    return this.#paused || isLoopBusy;
  }
}
