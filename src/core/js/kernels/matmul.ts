import { LANES, MATMUL_NT, MATMUL_TN } from '../../abi.ts';

const { fround } = Math;

/**
 * out[rows, columns] = start + Σₖ op(a)[·, k] op(b)[k, ·], k < inner: the twin of assembly/gemm/gemm.ts.
 *
 * NN: a[rows, inner] b[inner, columns]. NT: b is stored [columns, inner]. TN: a is stored [inner, rows].
 * Strides are floats; start is one row for all rows, 0 for zeros, or out for what is there. Padding of out up to the next multiple of 4
 * columns takes that of start. Sums start from `start` and ascend in k, each product and each sum rounded.
 *
 * @param f32 - the memory; all addresses are bytes
 * @param kind - one of the `MATMUL_` constants
 */
export function matmul(
  f32: Float32Array,
  kind: number,
  out: number,
  a: number,
  b: number,
  start: number,
  rows: number,
  columns: number,
  inner: number,
  outStride: number,
  aStride: number,
  bStride: number,
): void {
  const padded = Math.ceil(columns / LANES) * LANES;
  const aRowStep = kind === MATMUL_TN ? 1 : aStride;
  const aStep = kind === MATMUL_TN ? aStride : 1;
  for (let row = 0; row < rows; row++) {
    const c = (out >>> 2) + row * outStride;
    const aRow = (a >>> 2) + row * aRowStep;
    if (start === 0) f32.fill(0, c, c + padded);
    else if (start !== out) f32.copyWithin(c, start >>> 2, (start >>> 2) + padded);
    if (kind === MATMUL_NT) addDotProducts(f32, c, aRow, b >>> 2, columns, inner, bStride);
    else addWeightedRows(f32, c, aRow, aStep, b >>> 2, columns, inner, bStride);
  }
}

/** c[j] += Σₖ a[k · aStep] b[k, j]: rows of b, four of them per sweep over c, in ascending order. Indices of floats. */
function addWeightedRows(
  f32: Float32Array,
  c: number,
  a: number,
  aStep: number,
  b: number,
  columns: number,
  inner: number,
  bStride: number,
): void {
  let k = 0;
  for (; k + 4 <= inner; k += 4) {
    const a0 = f32[a]!;
    const a1 = f32[a + aStep]!;
    const a2 = f32[a + 2 * aStep]!;
    const a3 = f32[a + 3 * aStep]!;
    for (let j = 0; j < columns; j++) {
      const row = b + j;
      let sum = f32[c + j]!;
      sum = fround(sum + fround(a0 * f32[row]!));
      sum = fround(sum + fround(a1 * f32[row + bStride]!));
      sum = fround(sum + fround(a2 * f32[row + 2 * bStride]!));
      f32[c + j] = sum + fround(a3 * f32[row + 3 * bStride]!);
    }
    a += 4 * aStep;
    b += 4 * bStride;
  }
  for (; k < inner; k++) {
    const weight = f32[a]!;
    for (let j = 0; j < columns; j++) f32[c + j] = f32[c + j]! + fround(weight * f32[b + j]!);
    a += aStep;
    b += bStride;
  }
}

/** c[j] += Σₖ a[k] b[j, k]: four independent sums at a time hide the latency of the additions. Indices of floats. */
function addDotProducts(
  f32: Float32Array,
  c: number,
  a: number,
  b: number,
  columns: number,
  inner: number,
  bStride: number,
): void {
  let j = 0;
  for (; j + 4 <= columns; j += 4) {
    let sum0 = f32[c + j]!;
    let sum1 = f32[c + j + 1]!;
    let sum2 = f32[c + j + 2]!;
    let sum3 = f32[c + j + 3]!;
    const row = b + j * bStride;
    for (let k = 0; k < inner; k++) {
      const weight = f32[a + k]!;
      sum0 = fround(sum0 + fround(weight * f32[row + k]!));
      sum1 = fround(sum1 + fround(weight * f32[row + bStride + k]!));
      sum2 = fround(sum2 + fround(weight * f32[row + 2 * bStride + k]!));
      sum3 = fround(sum3 + fround(weight * f32[row + 3 * bStride + k]!));
    }
    f32[c + j] = sum0;
    f32[c + j + 1] = sum1;
    f32[c + j + 2] = sum2;
    f32[c + j + 3] = sum3;
  }
  for (; j < columns; j++) {
    let sum = f32[c + j]!;
    const row = b + j * bStride;
    for (let k = 0; k < inner; k++) sum = fround(sum + fround(f32[a + k]! * f32[row + k]!));
    f32[c + j] = sum;
  }
}
