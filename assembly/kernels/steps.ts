// What sequences need besides products: rows of steps in time-major order, copies, masks. See src/core/abi.ts for the layout.
import { STEPS_SUM } from '../../src/core/abi';
import { transpose } from '../gemm/pack';
import { KC } from '../gemm/tiles';
import { countCorrect } from './reduce';

/** Bytes from one example's length to the next: a row of one column has a stride of one vector. */
export const LENGTH_BYTES: usize = 16;

/** Number of valid steps of the example whose length is at `lengths`, at most `steps`. */
export function validSteps(lengths: usize, steps: i32): i32 {
  return <i32>min(load<u32>(lengths), <u32>steps);
}

/** Valid steps of all examples. */
function totalSteps(lengths: usize, rows: i32, steps: i32): i32 {
  let total = 0;
  for (let i = 0; i < rows; i++) total += validSteps(lengths + <usize>i * LENGTH_BYTES, steps);
  return total;
}

/** What a batch's cost is divided by: its valid steps, or its examples. */
export function costDivisor(kind: i32, lengths: usize, rows: i32, steps: i32): i32 {
  return kind == STEPS_SUM ? rows : totalSteps(lengths, rows, steps);
}

/** out[t · rows + i] = order[i] · steps + t, all u32. */
export function orderSteps(out: usize, order: usize, rows: i32, steps: i32): void {
  for (let t = 0; t < steps; t++) {
    for (let i = 0; i < rows; i++, out += 4) {
      store<u32>(out, load<u32>(order + ((<usize>i) << 2)) * <u32>steps + <u32>t);
    }
  }
}

/** out[rows, columns] = a, or zeros when a is 0; strides are floats. Padding of out is left alone. */
export function copyRows(
  out: usize,
  a: usize,
  rows: i32,
  columns: i32,
  outStride: i32,
  aStride: i32,
): void {
  const bytes = (<usize>columns) << 2;
  const outBytes = (<usize>outStride) << 2;
  const aBytes = (<usize>aStride) << 2;
  for (let i = 0; i < rows; i++, out += outBytes, a += aBytes) {
    if (a) memory.copy(out, a, bytes);
    else memory.fill(out, 0, bytes);
  }
}

/** out[i, :] = a[i, :] where flags[i] is 0, and elsewhere b[i, :], or zeros when b is 0. out may be neither a nor b. */
export function selectRows(
  out: usize,
  a: usize,
  b: usize,
  flags: usize,
  rows: i32,
  columns: i32,
  outStride: i32,
  aStride: i32,
  bStride: i32,
): void {
  const bytes = (<usize>columns) << 2;
  for (let i: usize = 0; i < <usize>rows; i++) {
    const row = out + ((i * outStride) << 2);
    if (load<u32>(flags + i * LENGTH_BYTES) == 0) memory.copy(row, a + ((i * aStride) << 2), bytes);
    else if (b) memory.copy(row, b + ((i * bStride) << 2), bytes);
    else memory.fill(row, 0, bytes);
  }
}

/** out[t · rows + i] = a[(length − 1 − t) · rows + i] for t < length, a[t · rows + i] from there on. out is not a. */
export function reverseSteps(
  out: usize,
  a: usize,
  lengths: usize,
  rows: i32,
  columns: i32,
  steps: i32,
  outStride: i32,
  aStride: i32,
): void {
  const bytes = (<usize>columns) << 2;
  const outBytes = (<usize>outStride) << 2;
  const aBytes = (<usize>aStride) << 2;
  for (let i = 0; i < rows; i++) {
    const length = validSteps(lengths + <usize>i * LENGTH_BYTES, steps);
    for (let t = 0; t < steps; t++) {
      const from = t < length ? length - 1 - t : t;
      memory.copy(
        out + <usize>(t * rows + i) * outBytes,
        a + <usize>(from * rows + i) * aBytes,
        bytes,
      );
    }
  }
}

/** out[columns, rows] = a[rows, columns]ᵀ in whole 4 × 4 blocks: the padding of a must be zero, that of out becomes zero. */
export function transposeMatrix(
  out: usize,
  a: usize,
  rows: i32,
  columns: i32,
  outStride: i32,
  aStride: i32,
): void {
  const outBytes = (<usize>outStride) << 2;
  const aBytes = (<usize>aStride) << 2;
  for (let j = 0; j < columns; j += KC) {
    const from = a + ((<usize>j) << 2);
    transpose(out + <usize>j * outBytes, outBytes, from, aBytes, rows, min(KC, columns - j));
  }
}

/** out[t · rows + i] *= 1/divisor for t < length, and 0 from there on, over `stride` floats: the δ of a mean or sum over steps. */
export function maskSteps(
  kind: i32,
  out: usize,
  lengths: usize,
  rows: i32,
  steps: i32,
  stride: i32,
): void {
  const divisor = costDivisor(kind, lengths, rows, steps);
  const scale = f32x4.splat(<f32>1 / <f32>divisor);
  const bytes = (<usize>stride) << 2;
  for (let t = 0; t < steps; t++) {
    for (let i = 0; i < rows; i++) {
      const end = out + bytes;
      if (t < validSteps(lengths + <usize>i * LENGTH_BYTES, steps)) {
        for (; out < end; out += 16) v128.store(out, f32x4.mul(v128.load(out), scale));
      } else {
        memory.fill(out, 0, bytes);
        out = end;
      }
    }
  }
}

/**
 * start + Σ costs[t · rows + i] over t < length in double precision, example after example: the sum over a data set is the same
 * however it is divided into batches and padded.
 */
export function sumStepCosts(start: f64, costs: usize, lengths: usize, rows: i32, steps: i32): f64 {
  let sum = start;
  for (let i = 0; i < rows; i++, lengths += LENGTH_BYTES) {
    const length = validSteps(lengths, steps);
    for (let t = 0; t < length; t++) sum += <f64>load<f32>(costs + ((<usize>(t * rows + i)) << 2));
  }
  return sum;
}

/** The number of valid steps whose prediction a agrees with the target b, as in `countCorrect`. */
export function countCorrectSteps(
  a: usize,
  b: usize,
  lengths: usize,
  rows: i32,
  columns: i32,
  steps: i32,
  aStride: i32,
  bStride: i32,
  threshold: f32,
): i32 {
  const aBytes = (<usize>aStride) << 2;
  const bBytes = (<usize>bStride) << 2;
  let correct = 0;
  for (let t = 0; t < steps; t++) {
    for (let i = 0; i < rows; i++, a += aBytes, b += bBytes) {
      if (t >= validSteps(lengths + <usize>i * LENGTH_BYTES, steps)) continue;
      correct += countCorrect(a, b, 1, columns, aStride, bStride, threshold);
    }
  }
  return correct;
}
