import { checkKeys, checkName, checkNumber } from '../checks.ts';
import { describe } from '../errors.ts';
import type { TargetRows } from './targets.ts';

/** Largest value that f32 holds. */
const LARGEST = 3.4028234663852886e38;

/**
 * Weights of classes: `balanced`, one per class in the order of the output units, or by class name (or number, where classes have no
 * names), 1 for classes that are not listed.
 */
export type ClassWeights = 'balanced' | readonly number[] | Readonly<Record<string, number>>;

/**
 * Reads one weight per example.
 *
 * @param where - name in error messages: `sampleWeights`
 * @throws {TypeError | RangeError} for another type or number of weights, and for weights that are negative or not finite
 */
export function readWeights(value: unknown, rows: number, where: string): Float32Array {
  const isNumbers = Array.isArray(value) || ArrayBuffer.isView(value);
  if (!isNumbers || value instanceof DataView) {
    throw new TypeError(`${where}: expected an array of numbers, got ${describe(value)}.`);
  }
  const given = value as ArrayLike<unknown>;
  if (given.length !== rows) {
    throw new RangeError(
      `${where}: expected one weight for each of the ${rows} rows of x, got ${given.length}.`,
    );
  }
  const weights = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    weights[row] = checkNumber(given[row], `${where}[${row}]`, { low: 0, high: LARGEST });
  }
  return weights;
}

/**
 * The weight of each example: that of its class, times its own where it has one.
 *
 * `balanced` gives class c the weight n/(k · n_c), n examples of which n_c are of class c, k classes that occur: every class then
 * counts alike and the mean weight is 1.
 *
 * @param names - names of the classes, where the network has them
 * @param outputs - output units; one unit tells two classes apart
 * @throws {TypeError | RangeError} for weights that fit no class, are negative or not finite, and for targets that are no classes
 */
export function weighClasses(
  value: unknown,
  targets: TargetRows,
  weights: Float32Array | undefined,
  names: readonly string[] | undefined,
  outputs: number,
): Float32Array {
  const classes = classOfRows(targets);
  const count = Math.max(outputs, 2);
  const ofClass = value === 'balanced' ? balanced(classes, count) : listed(value, names, count);
  return Float32Array.from(classes, (index, row) => ofClass[index]! * (weights?.[row] ?? 1));
}

function balanced(classes: Uint32Array, count: number): number[] {
  const sizes = new Array<number>(count).fill(0);
  for (const index of classes) sizes[index]!++;
  const occurring = sizes.filter((size) => size > 0).length;
  return sizes.map((size) => (size > 0 ? classes.length / (occurring * size) : 0));
}

function listed(value: unknown, names: readonly string[] | undefined, count: number): number[] {
  if (typeof value === 'string') checkName(value, ['balanced'], 'classWeights');
  if (Array.isArray(value)) {
    if (value.length !== count) {
      throw new RangeError(
        `classWeights: expected one weight for each of the ${count} classes, got ${value.length}.`,
      );
    }
    return value.map((weight, index) => checkWeight(weight, `classWeights[${index}]`));
  }
  const keys = names ?? Array.from({ length: count }, (_, index) => String(index));
  checkKeys(value, keys, 'classWeights');
  const record = value as Readonly<Record<string, unknown>>;
  return keys.map((key) => (key in record ? checkWeight(record[key], `classWeights.${key}`) : 1));
}

function checkWeight(weight: unknown, where: string): number {
  return checkNumber(weight, where, { low: 0, high: LARGEST });
}

/** The class of each example: its label, the place of the 1 in a one-hot row, or 0 and 1 for a single output. */
function classOfRows(targets: TargetRows): Uint32Array {
  if (targets.kind === 'labels') return targets.labels;
  const { values, columns, rows } = targets;
  const classes = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) {
    const cells = Array.from(values.subarray(row * columns, (row + 1) * columns));
    const isClass = cells.every((cell) => cell === 0 || cell === 1);
    const ones = cells.reduce((sum, cell) => sum + cell, 0);
    if (!isClass || (columns > 1 && ones !== 1)) {
      throw new RangeError(
        `classWeights: expected y to be class labels, one-hot rows, or 0 and 1 for a single output, ` +
          `but row ${row} of y is [${cells.join(', ')}]. Give sampleWeights in the data instead.`,
      );
    }
    classes[row] = columns === 1 ? cells[0]! : cells.indexOf(1);
  }
  return classes;
}
