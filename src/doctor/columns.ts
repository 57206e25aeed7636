import type { Matrix } from '../data/features.ts';

/** At most so many numbers are looked at where a sample will do. */
const SAMPLE = 2 ** 18;

/** The least rows of a sample. */
const FEWEST_ROWS = 256;

/** The smallest and the largest value of each column, over a sample of the rows. */
export interface Ranges {
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** Distance between the rows of a sample, all rows where it is 1. */
export function sampleStep({ rows, columns }: Matrix): number {
  return Math.ceil(rows / Math.max(FEWEST_ROWS, Math.floor(SAMPLE / columns)));
}

/** Ranges over every `step`-th row. */
export function rangesOf({ rows, columns, values }: Matrix, step: number): Ranges {
  const low = new Float64Array(columns).fill(Infinity);
  const high = new Float64Array(columns).fill(-Infinity);
  for (let row = 0; row < rows; row += step) {
    const start = row * columns;
    for (let column = 0; column < columns; column++) {
      const value = values[start + column]!;
      if (value < low[column]!) low[column] = value;
      if (value > high[column]!) high[column] = value;
    }
  }
  return { low, high };
}

/** Whether a column has one value throughout; the usual column says no after a few rows. */
export function isConstant({ rows, columns, values }: Matrix, column: number): boolean {
  const first = values[column]!;
  for (let row = 1; row < rows; row++) {
    if (values[row * columns + column] !== first) return false;
  }
  return true;
}

/** The numbers of the columns that a condition holds for. */
export function columnsWhere(
  count: number,
  condition: (column: number) => boolean,
): readonly number[] {
  return Array.from({ length: count }, (_, column) => column).filter(condition);
}
