// What the softmax and the losses do to one row: `columns` floats of data from an index on, padded to the stride.
import { exp } from '../math.ts';

/** Largest of the row at a, columns ≥ 1; NaN when its first value is NaN. */
export function rowMaximum(f32: Float32Array, a: number, columns: number): number {
  let maximum = f32[a]!;
  for (let j = 1; j < columns; j++) {
    const value = f32[a + j]!;
    if (value > maximum) maximum = value;
  }
  return maximum;
}

/** Σ of the row at a, starting from 0. */
export function rowSum(f32: Float32Array, a: number, columns: number): number {
  let sum = 0;
  for (let j = 0; j < columns; j++) sum = Math.fround(sum + f32[a + j]!);
  return sum;
}

/** out = exp(a − shift) over one row. out may be a. */
export function rowExponentials(
  f32: Float32Array,
  out: number,
  a: number,
  shift: number,
  columns: number,
): void {
  for (let j = 0; j < columns; j++) f32[out + j] = exp(Math.fround(f32[a + j]! - shift));
}

/** Writes 0 to the floats of a row from `columns` to `stride`. */
export function clearPadding(
  f32: Float32Array,
  row: number,
  columns: number,
  stride: number,
): void {
  for (let j = columns; j < stride; j++) f32[row + j] = 0;
}
