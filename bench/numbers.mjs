/**
 * Reproducible numbers in [0, 1): the Park–Miller generator. Good enough to fill matrices with.
 *
 * @param {number} seed - positive
 * @returns {() => number}
 */
export function uniform(seed) {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}
