import type { Matrix } from '../data/features.ts';
import { columnsWhere, isConstant, type Ranges, rangesOf, sampleStep } from './columns.ts';
import { COLUMNS, listed, short, type TrainingWarning } from './warnings.ts';

/** Features beyond this size are called unscaled: sums of a few of them saturate any activation function. */
export const LARGE_INPUT = 100;

/** Columns whose ranges differ by more than this factor are called unequal. */
const UNEQUAL = 1000;

/**
 * Looks at features. Of many rows it looks at a sample, so that it takes next to no time; but a column is called constant only when all
 * rows agree. A column of zeros without a name, like the margin of images, is harmless and not worth a warning.
 *
 * @param names - of the columns, where they have some
 * @param scaled - the network normalises them itself
 */
export function examineInputs(
  x: Matrix,
  names: readonly string[] | undefined,
  scaled: boolean,
): TrainingWarning[] {
  const ranges = rangesOf(x, sampleStep(x));
  const constants = constantColumns(x, ranges, names);
  return [...constants, ...(scaled ? [] : scaleWarnings(ranges, names))];
}

function constantColumns(
  x: Matrix,
  { low, high }: Ranges,
  names: readonly string[] | undefined,
): TrainingWarning[] {
  if (x.rows < 2) return [];
  const columns = columnsWhere(x.columns, (column) => {
    const isSuspect = low[column] === high[column] && (names !== undefined || low[column] !== 0);
    return isSuspect && isConstant(x, column);
  });
  if (columns.length === 0) return [];
  const [are, it] =
    columns.length > 1 ? ['never change', 'them'] : [`is always ${short(low[columns[0]!]!)}`, 'it'];
  const message =
    `x: ${listed(COLUMNS, columns, names)} ${are}, so nothing can be learned from ${it}. ` +
    `Leave ${it} out, or look for a mistake where the data are read.`;
  return [{ code: 'CONSTANT_COLUMN', message, columns }];
}

function scaleWarnings(
  { low, high }: Ranges,
  names: readonly string[] | undefined,
): TrainingWarning[] {
  const size = low.map((value, column) => Math.max(Math.abs(value), Math.abs(high[column]!)));
  const large = columnsWhere(size.length, (column) => size[column]! > LARGE_INPUT);
  const mend = "Make the network with normalize: 'standard', or scale them to about ±1.";
  const range = (column: number): string => `${short(low[column]!)} … ${short(high[column]!)}`;
  if (large.length > 0) {
    const largest = large.reduce((a, b) => (size[b]! > size[a]! ? b : a));
    const message = `x: ${listed(COLUMNS, large, names)} ${large.length > 1 ? 'are' : 'is'} not scaled: values ${range(largest)}. ${mend}`;
    return [{ code: 'UNSCALED_INPUT', message, columns: large }];
  }
  const spread = high.map((value, column) => value - low[column]!);
  const varying = columnsWhere(spread.length, (column) => spread[column]! > 0);
  if (varying.length === 0) return [];
  const widest = varying.reduce((a, b) => (spread[b]! > spread[a]! ? b : a));
  const narrow = varying.filter((column) => spread[column]! * UNEQUAL < spread[widest]!);
  if (narrow.length === 0) return [];
  const message =
    `x: ${listed(COLUMNS, narrow, names)} (values ${range(narrow[0]!)}) and ${listed(COLUMNS, [widest], names)} ` +
    `(values ${range(widest)}) differ in scale by more than ${UNEQUAL} times. ${mend}`;
  return [{ code: 'UNEQUAL_SCALES', message, columns: [...narrow, widest] }];
}
