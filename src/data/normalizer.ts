import { checkKeys } from '../checks.ts';
import { finiteValues } from '../nn/initializers.ts';
import type { FittedNormalization } from '../nn/normalize.ts';
import type { Normalizer } from '../plan/normalization.ts';
import type { Matrix } from './features.ts';

/**
 * Learns from training features how to bring each column to a common scale.
 *
 * In f64 on the values as the core holds them (f32), column sums in the order of the rows, with + − × ÷ √ only, then rounded to f32:
 * the same bits everywhere. The second moment is taken around the mean, not as a difference of large squares.
 *
 * - `standard`: shift = mean, factor = 1 / standard deviation (of the population: divided by the number of rows)
 * - `minmax`: shift = minimum, factor = 1 / (maximum − minimum), so that the training data span [0, 1]
 *
 * A column whose values are all equal gets factor 1: it becomes 0, and a differing value later on is neither divided by 0 nor
 * blown up.
 */
export function fitNormalizer(
  kind: FittedNormalization,
  { rows, columns, values }: Matrix,
): Normalizer {
  const { low, high } = ranges(values, columns);
  const shift = kind === 'minmax' ? low : means(values, columns, rows);
  const width =
    kind === 'minmax'
      ? high.map((maximum, column) => maximum - low[column]!)
      : deviations(values, columns, rows, shift);
  const normalizer = { shift: new Float32Array(columns), factor: new Float32Array(columns) };
  for (let column = 0; column < columns; column++) {
    const constant = low[column] === high[column];
    const factor = Math.fround(1 / width[column]!);
    // The mean of equal values may be rounded; the value itself is not.
    normalizer.shift[column] = constant ? low[column]! : shift[column]!;
    normalizer.factor[column] = constant || !Number.isFinite(factor) ? 1 : factor;
  }
  return normalizer;
}

type Columns = Float64Array;

function ranges(values: Matrix['values'], columns: number): { low: Columns; high: Columns } {
  const low = new Float64Array(columns).fill(Infinity);
  const high = new Float64Array(columns).fill(-Infinity);
  eachValue(values, columns, (value, column) => {
    if (value < low[column]!) low[column] = value;
    if (value > high[column]!) high[column] = value;
  });
  return { low, high };
}

function means(values: Matrix['values'], columns: number, rows: number): Columns {
  const sums = new Float64Array(columns);
  eachValue(values, columns, (value, column) => void (sums[column]! += value));
  return sums.map((sum) => sum / rows);
}

function deviations(
  values: Matrix['values'],
  columns: number,
  rows: number,
  mean: Columns,
): Columns {
  const squares = new Float64Array(columns);
  eachValue(values, columns, (value, column) => {
    const difference = value - mean[column]!;
    squares[column]! += difference * difference;
  });
  return squares.map((sum) => Math.sqrt(sum / rows));
}

/** Visits the values as f32 numbers, row by row. */
function eachValue(
  values: Matrix['values'],
  columns: number,
  visit: (value: number, column: number) => void,
): void {
  for (let row = 0; row < values.length; row += columns) {
    for (let column = 0; column < columns; column++) {
      visit(Math.fround(values[row + column]!), column);
    }
  }
}

/**
 * Checks the numbers of a normaliser that was not learned here, such as one from a file, and copies them.
 *
 * @throws {TypeError | RangeError} for another number of columns, or numbers that are not finite
 */
export function checkNormalizer(value: Normalizer, columns: number): Normalizer {
  checkKeys(value, ['shift', 'factor'], 'normalizer');
  const [shift, factor] = (['shift', 'factor'] as const).map((part) => {
    const numbers = value[part];
    if (numbers?.length === columns) return finiteValues(numbers, `normalizer.${part}`);
    throw new RangeError(
      `normalizer.${part}: expected ${columns} numbers, one per feature column, got ${numbers?.length ?? 'none'}.`,
    );
  });
  return { shift: shift!, factor: factor! };
}
