/** What a set of numbers comes to. */
export interface Statistics {
  readonly count: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly mean: number;
  /** Root of the mean of the squares: the size of a typical number. */
  readonly rootMeanSquare: number;
  /** Share of numbers that are exactly zero, from 0 to 1. */
  readonly zeros: number;
}

/** Summarises numbers; all NaN when there are none. */
export function statistics(values: ArrayLike<number>): Statistics {
  const count = values.length;
  let minimum = count > 0 ? Infinity : NaN;
  let maximum = count > 0 ? -Infinity : NaN;
  let sum = 0;
  let squares = 0;
  let zeros = 0;
  for (let index = 0; index < count; index++) {
    const value = values[index]!;
    minimum = Math.min(minimum, value);
    maximum = Math.max(maximum, value);
    sum += value;
    squares += value * value;
    if (value === 0) zeros++;
  }
  const mean = sum / count;
  return {
    count,
    minimum,
    maximum,
    mean,
    rootMeanSquare: Math.sqrt(squares / count),
    zeros: zeros / count,
  };
}
