/** Seconds that pass while it runs, which it does from the start. */
export class Stopwatch {
  #seconds: number;
  /** When it began to run, in milliseconds of the clock; undefined while it stands still. */
  #since: number | undefined = performance.now();

  /** @param seconds - what it shows at the start */
  constructor(seconds: number = 0) {
    this.#seconds = seconds;
  }

  /** What it shows. */
  get seconds(): number {
    if (this.#since === undefined) return this.#seconds;
    return this.#seconds + (performance.now() - this.#since) / 1000;
  }

  /** Stands still. */
  pause(): void {
    this.#seconds = this.seconds;
    this.#since = undefined;
  }

  /** Runs on. */
  resume(): void {
    this.#since ??= performance.now();
  }
}
