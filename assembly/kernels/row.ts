// What the softmax and the losses do to one row: `columns` floats of data, padded to whole vectors.
// Elementwise work runs over whole vectors, sums and maxima over the data only.
import { Exp } from '../math/exp';

/** Largest of a[columns], columns ≥ 1; NaN when a[0] is NaN. */
export function rowMaximum(a: usize, columns: i32): f32 {
  const end = a + ((<usize>columns) << 2);
  let maximum = load<f32>(a);
  for (a += 4; a < end; a += 4) {
    const value = load<f32>(a);
    if (value > maximum) maximum = value;
  }
  return maximum;
}

/** Σ a[columns], starting from 0. */
export function rowSum(a: usize, columns: i32): f32 {
  const end = a + ((<usize>columns) << 2);
  let sum: f32 = 0;
  for (; a < end; a += 4) sum += load<f32>(a);
  return sum;
}

/** out = exp(a − shift) over whole vectors, so the padding of out becomes exp of the padding of a. out may be a. */
export function rowExponentials(out: usize, a: usize, shift: f32, columns: i32): void {
  const end = out + ((<usize>columns) << 2);
  const shifts = f32x4.splat(shift);
  for (; out < end; out += 16, a += 16) {
    v128.store(out, Exp.of(f32x4.sub(v128.load(a), shifts)));
  }
}

/** Writes 0 to the floats of a row from `columns` to `stride`. */
export function clearPadding(row: usize, columns: i32, stride: i32): void {
  const end = row + ((<usize>stride) << 2);
  for (let p = row + ((<usize>columns) << 2); p < end; p += 4) store<f32>(p, 0);
}
