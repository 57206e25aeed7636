// Twin of assembly/kernels/steps.ts: rows of steps in time-major order, copies, masks. Addresses are in bytes.
import { STEPS_SUM } from '../../abi.ts';
import type { Views } from '../views.ts';
import { countCorrect } from './reduce.ts';

/** Words from one example's length to the next. */
const LENGTH_WORDS = 4;

/** Number of valid steps of example i, at most `steps`. */
export function validSteps(u32: Uint32Array, lengths: number, i: number, steps: number): number {
  return Math.min(u32[(lengths >>> 2) + i * LENGTH_WORDS]!, steps);
}

/** What a batch's cost is divided by: its valid steps, or its examples. */
export function costDivisor(
  u32: Uint32Array,
  kind: number,
  lengths: number,
  rows: number,
  steps: number,
): number {
  if (kind === STEPS_SUM) return rows;
  let total = 0;
  for (let i = 0; i < rows; i++) total += validSteps(u32, lengths, i, steps);
  return total;
}

/** out[t · rows + i] = order[i] · steps + t, all u32. */
export function orderSteps(
  u32: Uint32Array,
  out: number,
  order: number,
  rows: number,
  steps: number,
): void {
  for (let t = 0; t < steps; t++) {
    for (let i = 0; i < rows; i++) {
      u32[(out >>> 2) + t * rows + i] = u32[(order >>> 2) + i]! * steps + t;
    }
  }
}

/** out[rows, columns] = a, or zeros when a is 0; strides are floats. Padding of out is left alone. */
export function copyRows(
  f32: Float32Array,
  out: number,
  a: number,
  rows: number,
  columns: number,
  outStride: number,
  aStride: number,
): void {
  for (let i = 0; i < rows; i++) {
    const to = (out >>> 2) + i * outStride;
    const from = (a >>> 2) + i * aStride;
    if (a === 0) f32.fill(0, to, to + columns);
    else f32.copyWithin(to, from, from + columns);
  }
}

/** out[i, :] = a[i, :] where flags[i] is 0, and elsewhere b[i, :], or zeros when b is 0. out may be neither a nor b. */
export function selectRows(
  { f32, u32 }: Views,
  out: number,
  a: number,
  b: number,
  flags: number,
  rows: number,
  columns: number,
  outStride: number,
  aStride: number,
  bStride: number,
): void {
  for (let i = 0; i < rows; i++) {
    const row = out + 4 * i * outStride;
    const kept = u32[(flags >>> 2) + i * LENGTH_WORDS] === 0;
    const from = kept ? a + 4 * i * aStride : b && b + 4 * i * bStride;
    copyRows(f32, row, from, 1, columns, outStride, aStride);
  }
}

/** out[t · rows + i] = a[(length − 1 − t) · rows + i] for t < length, a[t · rows + i] from there on. out is not a. */
export function reverseSteps(
  { f32, u32 }: Views,
  out: number,
  a: number,
  lengths: number,
  rows: number,
  columns: number,
  steps: number,
  outStride: number,
  aStride: number,
): void {
  for (let i = 0; i < rows; i++) {
    const length = validSteps(u32, lengths, i, steps);
    for (let t = 0; t < steps; t++) {
      const from = (a >>> 2) + ((t < length ? length - 1 - t : t) * rows + i) * aStride;
      f32.copyWithin((out >>> 2) + (t * rows + i) * outStride, from, from + columns);
    }
  }
}

/** out[columns, rows] = a[rows, columns]ᵀ in whole 4 × 4 blocks: the padding of a must be zero, that of out becomes zero. */
export function transposeMatrix(
  f32: Float32Array,
  out: number,
  a: number,
  rows: number,
  columns: number,
  outStride: number,
  aStride: number,
): void {
  const [paddedRows, paddedColumns] = [(rows + 3) & ~3, (columns + 3) & ~3];
  for (let j = 0; j < paddedColumns; j++) {
    const to = (out >>> 2) + j * outStride;
    for (let i = 0; i < paddedRows; i++) {
      f32[to + i] = i < rows ? f32[(a >>> 2) + i * aStride + j]! : 0;
    }
  }
}

/** out[t · rows + i] *= 1/divisor for t < length, and 0 from there on, over `stride` floats: the δ of a mean or sum over steps. */
export function maskSteps(
  { f32, u32 }: Views,
  kind: number,
  out: number,
  lengths: number,
  rows: number,
  steps: number,
  stride: number,
): void {
  const scale = Math.fround(1 / costDivisor(u32, kind, lengths, rows, steps));
  for (let t = 0; t < steps; t++) {
    for (let i = 0; i < rows; i++) {
      const first = (out >>> 2) + (t * rows + i) * stride;
      if (t < validSteps(u32, lengths, i, steps)) {
        for (let j = first; j < first + stride; j++) f32[j]! *= scale;
      } else f32.fill(0, first, first + stride);
    }
  }
}

/** start + Σ costs[t · rows + i] over t < length in double precision, example after example. */
export function sumStepCosts(
  { f32, u32 }: Views,
  start: number,
  costs: number,
  lengths: number,
  rows: number,
  steps: number,
): number {
  let sum = start;
  for (let i = 0; i < rows; i++) {
    const length = validSteps(u32, lengths, i, steps);
    for (let t = 0; t < length; t++) sum += f32[(costs >>> 2) + t * rows + i]!;
  }
  return sum;
}

/** The number of valid steps whose prediction a agrees with the target b, as in `countCorrect`. */
export function countCorrectSteps(
  { f32, u32 }: Views,
  a: number,
  b: number,
  lengths: number,
  rows: number,
  columns: number,
  steps: number,
  aStride: number,
  bStride: number,
  threshold: number,
): number {
  let correct = 0;
  for (let t = 0; t < steps; t++) {
    for (let i = 0; i < rows; i++) {
      if (t >= validSteps(u32, lengths, i, steps)) continue;
      const row = t * rows + i;
      const aRow = a + 4 * row * aStride;
      const bRow = b + 4 * row * bStride;
      correct += countCorrect(f32, aRow, bRow, 1, columns, aStride, bStride, threshold);
    }
  }
  return correct;
}
