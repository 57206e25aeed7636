// Twin of assembly/kernels/sparse.ts: matrix products over the nonzeros of the left operand, which comes as lists.
import { LANES, MATMUL_NN } from '../../abi.ts';

const { fround } = Math;

/**
 * NN: out[rows, columns] = start + Σₖ a[·, k] b[k, ·]; start is one row for all rows of out, or 0 for zeros.
 * TN: out[rows, columns] = start + Σᵢ a[i, ·] b[i, ·], i < inner; start is 0, or out for the values already there.
 *
 * @param f32 - the memory; all addresses are bytes, strides are floats
 * @param u32 - the same memory
 * @param kind - `MATMUL_NN` or `MATMUL_TN`
 * @param lists - the table of a's lists, see abi.ts
 */
export function sparseMatmul(
  f32: Float32Array,
  u32: Uint32Array,
  kind: number,
  out: number,
  lists: number,
  b: number,
  start: number,
  rows: number,
  columns: number,
  inner: number,
  outStride: number,
  listStride: number,
  bStride: number,
): void {
  const c = out >>> 2;
  const table = lists >>> 2;
  if (kind === MATMUL_NN) {
    const padded = Math.ceil(columns / LANES) * LANES;
    for (let i = 0; i < rows; i++) {
      const row = c + i * outStride;
      if (start === 0) f32.fill(0, row, row + padded);
      else f32.copyWithin(row, start >>> 2, (start >>> 2) + padded);
      addWeightedRows(f32, u32, row, table + i * listStride, b >>> 2, columns, bStride);
    }
  } else {
    if (start !== out) f32.fill(0, c, c + rows * outStride);
    for (let i = 0; i < inner; i++) {
      const row = (b >>> 2) + i * bStride;
      addOuterProduct(f32, u32, c, table + i * listStride, row, columns, outStride);
    }
  }
}

/** c[j] += Σ value · b[column, j] over a list, two entries at a time, in ascending order. Indices of words. */
function addWeightedRows(
  f32: Float32Array,
  u32: Uint32Array,
  c: number,
  list: number,
  b: number,
  columns: number,
  bStride: number,
): void {
  const end = u32[list + 1]! >>> 2;
  for (let entry = u32[list]! >>> 2; entry < end; entry += 4) {
    const even = b + u32[entry]! * bStride;
    const odd = b + u32[entry + 2]! * bStride;
    const evenValue = f32[entry + 1]!;
    const oddValue = f32[entry + 3]!;
    for (let j = 0; j < columns; j++) {
      const sum = fround(f32[c + j]! + fround(evenValue * f32[even + j]!));
      f32[c + j] = sum + fround(oddValue * f32[odd + j]!);
    }
  }
}

/** c[column, j] += value · b[j] for every entry of a list. Indices of words. */
function addOuterProduct(
  f32: Float32Array,
  u32: Uint32Array,
  c: number,
  list: number,
  b: number,
  columns: number,
  cStride: number,
): void {
  const end = u32[list + 1]! >>> 2;
  for (let entry = u32[list]! >>> 2; entry < end; entry += 2) {
    const row = c + u32[entry]! * cStride;
    const value = f32[entry + 1]!;
    for (let j = 0; j < columns; j++) f32[row + j] = f32[row + j]! + fround(value * f32[b + j]!);
  }
}
