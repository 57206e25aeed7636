/** Shorter stretches are not judged: a clock that ticks rarely and a late wake-up would decide. */
const STRETCH_MILLISECONDS = 4;

/** Stretches with helpers, one after the other slower than alone, after which they are left out. */
const PATIENCE = 2;

/**
 * Stretches without helpers before they get another chance. The first rest is one stretch, which tells how fast one thread is now: it
 * may have been the whole machine that was slow. Each time in vain makes it so many times longer.
 */
const SHORTEST_REST = 1;
const REST_GROWTH = 4;
const LONGEST_REST = 64;

/** Stretches with helpers before one without, to know how long that takes now; the first ones warm up. */
const FIRST_COMPARISON = 8;
const BETWEEN_COMPARISONS = 256;

/**
 * Decides whether helpers take part in a piece of work that is done over and over, by how long it takes with and without them.
 *
 * Where another process keeps a core busy, a helper loses it in the midst of a part, and all wait: two threads are then slower than one.
 * How fast helpers are changes no bit, so nothing but time depends on this.
 */
export class Balance {
  /** Whether helpers are to take part in what comes next. */
  helped: boolean = true;
  /** Milliseconds of one piece of work without helpers, when last measured. */
  #alone = Infinity;
  /** Of the stretch at hand. */
  #pieces = 0;
  #milliseconds = 0;
  /** Stretches in a row with helpers, with helpers and slower than alone, and without. */
  #withHelpers = BETWEEN_COMPARISONS - FIRST_COMPARISON;
  #slow = 0;
  #resting = 0;
  #rest = 1;
  #nextRest = SHORTEST_REST;

  /** Takes note that `pieces` pieces of work took so long, and decides anew. */
  observe(pieces: number, milliseconds: number): void {
    this.#pieces += pieces;
    this.#milliseconds += milliseconds;
    if (this.#milliseconds < STRETCH_MILLISECONDS) return;
    const piece = this.#milliseconds / this.#pieces;
    this.#pieces = 0;
    this.#milliseconds = 0;
    if (this.helped) this.#judge(piece);
    else this.#wait(piece);
  }

  #judge(piece: number): void {
    this.#withHelpers++;
    this.#slow = piece > this.#alone ? this.#slow + 1 : 0;
    if (this.#slow === 0) this.#nextRest = SHORTEST_REST;
    if (this.#slow >= PATIENCE) {
      this.#leaveOut(this.#nextRest);
      this.#nextRest = Math.min(REST_GROWTH * this.#nextRest, LONGEST_REST);
    } else if (this.#withHelpers >= BETWEEN_COMPARISONS) this.#leaveOut(1);
  }

  #leaveOut(stretches: number): void {
    this.helped = false;
    this.#rest = stretches;
    this.#resting = 0;
  }

  #wait(piece: number): void {
    this.#alone = piece;
    this.#resting++;
    if (this.#resting < this.#rest) return;
    this.helped = true;
    this.#withHelpers = 0;
    this.#slow = 0;
  }
}
