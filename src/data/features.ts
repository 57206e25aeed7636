import { describe } from '../errors.ts';
import type { DataRecord, Encoding } from './encoding.ts';

/** Typed arrays that hold one number per element in row-major order. */
export type FlatValues =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

/**
 * Features of examples: a flat typed array of rows one after the other, an array with one array per example, an array with one
 * object per example (for networks with named features), or the numbers of a single example.
 */
export type Features =
  FlatValues | readonly number[] | readonly ArrayLike<number>[] | readonly DataRecord[];

/** Examples as one flat row-major array. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: FlatValues;
}

/** Largest value that f32 holds. */
const LARGEST = 3.4028234663852886e38;

/**
 * Reads features into rows of `columns` finite numbers. The caller's data is neither kept nor changed.
 *
 * @param encoding - what the columns are made of, needed when `x` is an array of objects
 * @param where - name in error messages: `x`
 * @throws {TypeError | RangeError} for another type or width, or a number that is not finite; names row and column
 */
export function readFeatures(
  x: unknown,
  columns: number,
  encoding: Encoding | undefined,
  where: string,
): Matrix {
  const matrix = ArrayBuffer.isView(x)
    ? flatRows(x, columns, where)
    : nestedRows(x, columns, encoding, where);
  checkFinite(matrix, encoding?.columnNames, where);
  return matrix;
}

/** A flat typed array as rows, without a copy. */
export function flatRows(values: ArrayBufferView, columns: number, where: string): Matrix {
  if (values instanceof DataView || isBigInt(values)) {
    throw new TypeError(
      `${where}: expected numbers, got ${describe(values)}. Use a Float32Array, or nested arrays.`,
    );
  }
  const flat = values as FlatValues;
  if (flat.length % columns !== 0 || flat.length === 0) {
    throw new RangeError(
      `${where}: expected rows of ${columns} numbers one after the other, got ${flat.length} numbers, ` +
        `which is ${flat.length === 0 ? 'none' : 'no whole number of rows'}.`,
    );
  }
  return { rows: flat.length / columns, columns, values: flat };
}

/** The largest absolute value, NaN where one is NaN; four at a time, which do not wait for each other. */
export function largestMagnitude(values: FlatValues): number {
  let [largest0, largest1, largest2, largest3] = [0, 0, 0, 0];
  const whole = values.length & ~3;
  for (let index = 0; index < whole; index += 4) {
    largest0 = Math.max(largest0, Math.abs(values[index]!));
    largest1 = Math.max(largest1, Math.abs(values[index + 1]!));
    largest2 = Math.max(largest2, Math.abs(values[index + 2]!));
    largest3 = Math.max(largest3, Math.abs(values[index + 3]!));
  }
  for (let index = whole; index < values.length; index++) {
    largest0 = Math.max(largest0, Math.abs(values[index]!));
  }
  return Math.max(largest0, largest1, largest2, largest3);
}

function isBigInt(values: ArrayBufferView): boolean {
  return values instanceof BigInt64Array || values instanceof BigUint64Array;
}

/** Nested arrays, objects with named columns, or the numbers of one or more rows, copied to f32. */
function nestedRows(
  x: unknown,
  columns: number,
  encoding: Encoding | undefined,
  where: string,
): Matrix {
  if (!Array.isArray(x)) {
    throw new TypeError(
      `${where}: expected a typed array or an array of rows, got ${describe(x)}.`,
    );
  }
  if (typeof x[0] === 'number') {
    checkNumbers(x, where);
    return flatRows(Float32Array.from(x as number[]), columns, where);
  }
  if (x.length === 0) throw new RangeError(`${where}: expected at least one row, got none.`);
  const values = new Float32Array(x.length * columns);
  for (const [row, cells] of x.entries()) {
    const path = `${where}[${row}]`;
    if (!isRow(cells)) {
      writeNamed(cells, values, row * columns, encoding, path);
      continue;
    }
    if (cells.length !== columns) {
      throw new RangeError(`${path}: expected ${columns} numbers, got ${cells.length}.`);
    }
    checkNumbers(cells, path);
    values.set(cells, row * columns);
  }
  return { rows: x.length, columns, values };
}

/** Whether something is the numbers of one example. */
export function isRow(cells: unknown): cells is ArrayLike<number> {
  return Array.isArray(cells) || (ArrayBuffer.isView(cells) && !(cells instanceof DataView));
}

function checkNumbers(cells: ArrayLike<unknown>, where: string): void {
  for (let column = 0; column < cells.length; column++) {
    if (typeof cells[column] === 'number') continue;
    throw new TypeError(`${where}[${column}]: expected a number, got ${describe(cells[column])}.`);
  }
}

/** Writes an object with named columns as a row of numbers. */
function writeNamed(
  cells: unknown,
  values: Float32Array,
  offset: number,
  encoding: Encoding | undefined,
  where: string,
): void {
  if (typeof cells !== 'object' || cells === null) {
    throw new TypeError(`${where}: expected a row of numbers, got ${describe(cells)}.`);
  }
  if (!encoding) {
    throw new TypeError(
      `${where}: rows are objects, but this network has no feature names. ` +
        `Make it with input: { features: [${Object.keys(cells)
          .map((key) => `'${key}'`)
          .join(', ')}] }, or with the input of a Dataset made from such objects.`,
    );
  }
  encoding.write(cells as DataRecord, values, offset, where);
}

/** Non-finite data is never trained on: the first such cell is an error. */
export function checkFinite(
  matrix: Matrix,
  names: readonly string[] | undefined,
  where: string,
): void {
  const { values, columns } = matrix;
  const mayBeInfinite = values instanceof Float32Array || values instanceof Float64Array;
  // With a NaN among them the largest is NaN, which no comparison holds for.
  if (!mayBeInfinite || largestMagnitude(values) <= LARGEST) return;
  for (let index = 0; index < values.length; index++) {
    if (Math.abs(values[index]!) <= LARGEST) continue;
    const column = index % columns;
    const name = names ? ` ('${names[column]}')` : '';
    throw new RangeError(
      `${where}: row ${Math.floor(index / columns)}, column ${column}${name} is ${values[index]}; ` +
        'expected a finite 32-bit number. Remove or replace such rows before training.',
    );
  }
}
