/** Random numbers in [0, 1) for test data (mulberry32); not the generator of the library. */
export function randomSource(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Rows of multiples of 1/1024 in [−range, range): exact in single precision, so both precisions start from the same numbers. */
export function randomMatrix(
  random: () => number,
  rows: number,
  columns: number,
  range = 1,
): number[][] {
  const number = (): number => Math.floor((2 * random() - 1) * range * 1024) / 1024;
  return Array.from({ length: rows }, () => Array.from({ length: columns }, number));
}

/** One-hot rows of random classes. */
export function randomOneHot(random: () => number, rows: number, classes: number): number[][] {
  return Array.from({ length: rows }, () => {
    const right = Math.floor(random() * classes);
    return Array.from({ length: classes }, (_, j) => Number(j === right));
  });
}
