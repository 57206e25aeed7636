/** A small seeded generator of choices (a 32-bit multiply-and-mix counter): the same sentences on every machine. */
export class Random {
  #counter;

  /** @param {number} seed */
  constructor(seed) {
    this.#counter = seed >>> 0;
  }

  /**
   * A whole number from 0 to below `bound`.
   *
   * @param {number} bound
   */
  below(bound) {
    this.#counter = (this.#counter + 0x9e3779b9) >>> 0;
    let mixed = this.#counter;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return Math.floor((((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32) * bound);
  }

  /**
   * One of the choices.
   *
   * @template T
   * @param {readonly T[]} choices
   * @returns {T}
   */
  pick(choices) {
    return choices[this.below(choices.length)];
  }

  /**
   * The items in another order.
   *
   * @template T
   * @param {readonly T[]} items
   * @returns {T[]}
   */
  shuffled(items) {
    const result = [...items];
    for (let last = result.length - 1; last > 0; last--) {
      const other = this.below(last + 1);
      [result[last], result[other]] = [result[other], result[last]];
    }
    return result;
  }
}
