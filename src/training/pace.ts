/**
 * The milliseconds a call into the core should take: long enough to amortise the call, short enough that the event loop, progress
 * and cancellation get their turn.
 */
export const CALL_MILLISECONDS = 8;

/** The same where nothing waits for its turn, in `fitSync`; short enough for `onProgress`, which is called ten times a second. */
export const LONG_CALL_MILLISECONDS = 25;

/** Learns how many repetitions of something take as long as a call into the core should. */
export class Pace {
  /** Repetitions for the next call: one at first, then at most four times as many as before. */
  perCall: number = 1;
  /** Whether a repetition is known to take no longer than a call should. */
  fits: boolean = false;
  readonly #milliseconds: number;

  /** @param milliseconds - of a call */
  constructor(milliseconds: number) {
    this.#milliseconds = milliseconds;
  }

  /** Adapts to a call that took so long. */
  observe(count: number, milliseconds: number): void {
    const ideal = milliseconds > 0 ? (count * this.#milliseconds) / milliseconds : Infinity;
    this.fits = ideal >= 1;
    this.perCall = Math.max(1, Math.min(Math.floor(ideal), this.perCall * 4));
  }
}
