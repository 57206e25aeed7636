import type { TrainingWarning } from '../doctor/warnings.ts';
import type { Fit } from './fit.ts';
import type { EpochReport, History } from './history.ts';

/**
 * A training run in progress: await it for its history, or loop over its reports with `for await`.
 *
 * A loop sees the network as it is after the reported epoch: training waits while the loop's body runs. Leaving the loop stops
 * training. A run that nobody looks at trains to its end all the same.
 *
 * @example
 * ```ts
 * const run = net.fit({ x, y }, { epochs: 100 });
 * for await (const { epoch, cost } of run) if (cost < 0.01) break;
 * const history = await run;
 * ```
 */
export interface Run extends PromiseLike<History>, AsyncIterable<EpochReport> {
  /** What is likely to be a mistake: in the data, known from the start, and in the network, behind the end. */
  readonly warnings: readonly TrainingWarning[];
  /** Whether {@link Run.pause} was called last. */
  readonly paused: boolean;
  /**
   * Makes training stand still from now on, between two steps. The network can be asked for predictions meanwhile; its clock and its
   * `maxSeconds` stand still too, and its signal still stops it.
   */
  pause(): void;
  /** Goes on after {@link Run.pause}. */
  resume(): void;
  /**
   * The run as it stands between two steps, for {@link FitOptions.resume}; it can be asked for at any time while it trains, and once it was
   * stopped before its end, by its signal for example.
   *
   * @returns the bytes of a safetensors file: parameters, optimizer moments, counters, position, reports. It is a file of the network, too
   * @throws {NetworkError} `ENDED` when the run came to its end or failed; `DISPOSED` when the network is gone
   */
  checkpoint(): Promise<Uint8Array<ArrayBuffer>>;
}

/** Trains to the end without giving way to anything else. */
export function runSync(fit: Fit): History {
  try {
    for (;;) {
      const end = fit.advance();
      if (end) return fit.finish(end);
    }
  } finally {
    fit.free();
  }
}

/**
 * Trains in short calls, giving way to the event loop between them.
 *
 * @param ended - called once, when training is over for whatever reason
 */
export function runAsync(fit: Fit, ended: () => void): Run {
  return new BackgroundRun(fit, ended);
}

/** After so many milliseconds of training in a row other work in the event loop gets its turn. */
const TURN_MILLISECONDS = 8;

/**
 * Training is driven by a task of its own, or by a loop over the reports: then it goes on only while the loop waits for the next one,
 * and an epoch shorter than a turn costs no more than a promise.
 */
class BackgroundRun implements Run {
  readonly #fit: Fit;
  readonly #history: Promise<History>;
  readonly #ended: () => void;
  #settle!: { resolve(history: History): void; reject(error: unknown): void };
  readonly #change = new Change();
  /** Reports that the loop over them has taken. */
  #taken = 0;
  #iterated = false;
  #awaited = false;
  #left = false;
  #over = false;
  #paused = false;
  #turnBegan = 0;

  constructor(fit: Fit, ended: () => void) {
    this.#fit = fit;
    this.#ended = ended;
    this.#history = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    fit.options.signal?.addEventListener('abort', this.#wake);
    void this.#train();
  }

  get warnings(): readonly TrainingWarning[] {
    return this.#fit.warnings;
  }

  get paused(): boolean {
    return this.#paused;
  }

  pause(): void {
    this.#paused = true;
    this.#fit.clock.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#fit.clock.resume();
    this.#wake();
  }

  async checkpoint(): Promise<Uint8Array<ArrayBuffer>> {
    // A callback of the run may be what asks: the call that it is part of ends first.
    await undefined;
    return this.#fit.checkpoint();
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

  [Symbol.asyncIterator](): AsyncIterator<EpochReport, undefined> {
    this.#iterated = true;
    this.#fit.watched = true;
    this.#history.catch(() => {});
    return { next: () => this.#next(), return: () => this.#leave() };
  }

  /** Trains on until there is a report that the loop has not taken; at once where that takes less than a turn. */
  #next(): Promise<IteratorResult<EpochReport, undefined>> {
    if (this.#isTurnOver() || this.#mustWait()) return this.#nextLater();
    if (this.#taken === this.#fit.reports.length) this.#advance();
    const report = this.#fit.reports[this.#taken];
    if (!report) return this.#nextLater();
    this.#taken++;
    return Promise.resolve({ done: false, value: report });
  }

  async #nextLater(): Promise<IteratorResult<EpochReport, undefined>> {
    for (;;) {
      await this.#turn();
      while (this.#mustWait()) await this.#change.wait();
      if (!this.#over && this.#taken === this.#fit.reports.length) this.#advance();
      const report = this.#fit.reports[this.#taken];
      if (report) {
        this.#taken++;
        return { done: false, value: report };
      }
      if (this.#over) {
        await this.#history;
        return { done: true, value: undefined };
      }
    }
  }

  async #leave(): Promise<IteratorResult<EpochReport, undefined>> {
    this.#left = true;
    this.#advance();
    // Behind the loop the network is idle again. A failure is for those who await the run.
    await this.#history.catch(() => {});
    return { done: true, value: undefined };
  }

  /** Drives training wherever no loop does. */
  async #train(): Promise<void> {
    while (!this.#over) {
      await this.#turn();
      while (this.#mustWait() || this.#isDrivenByLoop()) await this.#change.wait();
      this.#advance();
    }
  }

  /** One call into the core, unless training is over; ends the run when it was the last. */
  #advance(): void {
    if (this.#over) return;
    try {
      const end = this.#left ? 'break' : this.#fit.advance();
      if (!end) return;
      const history = this.#fit.finish(end);
      this.#end(() => this.#settle.resolve(history));
    } catch (error) {
      this.#end(() => this.#settle.reject(error));
    }
  }

  #end(settle: () => void): void {
    this.#over = true;
    this.#fit.options.signal?.removeEventListener('abort', this.#wake);
    this.#fit.free();
    this.#ended();
    settle();
    this.#wake();
  }

  readonly #wake = (): void => this.#change.happened();

  /** Paused, and nothing has stopped the run meanwhile. */
  #mustWait(): boolean {
    return this.#paused && !this.#over && !this.#left && !this.#fit.options.signal?.aborted;
  }

  /** A loop takes the reports one by one, and nobody is waiting for the end. */
  #isDrivenByLoop(): boolean {
    return this.#iterated && !this.#awaited && !this.#left && !this.#over;
  }

  #isTurnOver(): boolean {
    return performance.now() - this.#turnBegan > TURN_MILLISECONDS;
  }

  /** Gives way to the event loop, and waits for something to train on. */
  async #turn(): Promise<void> {
    await eventLoop();
    if (!this.#over) await this.#fit.ready();
    this.#turnBegan = performance.now();
  }
}

/** Something that can be waited for. */
class Change {
  #waiting: (() => void)[] = [];

  wait(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  happened(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** Resolves after other work in the event loop had its turn. */
export function eventLoop(): Promise<void> {
  const { setImmediate } = globalThis as { setImmediate?: (callback: () => void) => void };
  return new Promise((resolve) => {
    if (setImmediate) {
      setImmediate(resolve);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
