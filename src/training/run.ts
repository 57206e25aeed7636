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
export interface Run extends PromiseLike<History>, AsyncIterable<EpochReport> {}

/** Trains to the end without giving way to anything else. */
export function runSync(fit: Fit): History {
  const { signal } = fit.options;
  try {
    for (;;) {
      if (signal?.aborted) return fit.finish('abort');
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

class BackgroundRun implements Run {
  readonly #fit: Fit;
  readonly #history: Promise<History>;
  /** Reports that the loop over them has taken. */
  #taken = 0;
  #iterated = false;
  #awaited = false;
  #left = false;
  #over = false;
  /** Wakes whichever side waits for the other. */
  #wake: () => void = () => {};

  constructor(fit: Fit, ended: () => void) {
    this.#fit = fit;
    this.#history = this.#train().finally(() => {
      this.#over = true;
      fit.free();
      ended();
      this.#wake();
    });
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

  async *[Symbol.asyncIterator](): AsyncGenerator<EpochReport, void> {
    this.#iterated = true;
    this.#fit.watched = true;
    this.#history.catch(() => {});
    try {
      for (;;) {
        const report = this.#fit.reports[this.#taken];
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

  async #train(): Promise<History> {
    const { signal } = this.#fit.options;
    for (;;) {
      await eventLoop();
      await this.#fit.ready();
      this.#wake();
      while (this.#mustWait()) await this.#change();
      if (signal?.aborted) return this.#fit.finish('abort');
      if (this.#left) return this.#fit.finish('break');
      const end = this.#fit.advance();
      if (end) return this.#fit.finish(end);
    }
  }

  /** A loop is at work on the last report, and nobody is waiting for the end. */
  #mustWait(): boolean {
    const busy = this.#taken < this.#fit.reports.length;
    return this.#iterated && !this.#left && !this.#awaited && busy;
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      const wake = this.#wake;
      this.#wake = () => {
        wake();
        resolve();
      };
    });
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
