// Twin of assembly/kernels/softmax.ts. Addresses are in bytes; the padding of out becomes zero.
import { clearPadding, rowExponentials, rowMaximum, rowSum } from './row.ts';

/** out[i, j] = exp(a[i, j] − mᵢ) / Σₖ exp(a[i, k] − mᵢ), mᵢ the largest of row i; columns ≥ 1. out may be a. */
export function softmax(
  f32: Float32Array,
  out: number,
  a: number,
  rows: number,
  columns: number,
  outStride: number,
  aStride: number,
): void {
  for (let i = 0; i < rows; i++) {
    const outRow = (out >>> 2) + i * outStride;
    const aRow = (a >>> 2) + i * aStride;
    rowExponentials(f32, outRow, aRow, rowMaximum(f32, aRow, columns), columns);
    const sum = rowSum(f32, outRow, columns);
    for (let j = 0; j < columns; j++) f32[outRow + j]! /= sum;
    clearPadding(f32, outRow, columns, outStride);
  }
}

/** out[i, j] = sᵢⱼ (gᵢⱼ − Σₖ gᵢₖ sᵢₖ), g = dC/da at a and s = softmax output at b. out may be a. */
export function softmaxGradient(
  f32: Float32Array,
  out: number,
  a: number,
  b: number,
  rows: number,
  columns: number,
  outStride: number,
  aStride: number,
  bStride: number,
): void {
  for (let i = 0; i < rows; i++) {
    const outRow = (out >>> 2) + i * outStride;
    const aRow = (a >>> 2) + i * aStride;
    const bRow = (b >>> 2) + i * bStride;
    let sum = 0;
    for (let j = 0; j < columns; j++) {
      sum = Math.fround(sum + Math.fround(f32[aRow + j]! * f32[bRow + j]!));
    }
    for (let j = 0; j < columns; j++) {
      f32[outRow + j] = f32[bRow + j]! * Math.fround(f32[aRow + j]! - sum);
    }
    clearPadding(f32, outRow, columns, outStride);
  }
}
