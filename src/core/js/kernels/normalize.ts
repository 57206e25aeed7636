// Twin of assembly/kernels/normalize.ts.
import { LANES } from '../../abi.ts';

const { fround } = Math;

/**
 * out[i, j] = (a[i, j] − shift[j]) · factor[j] for i < rows, two roundings. out may be a.
 *
 * Whole vectors, with shift and factor zero in their padding. Addresses are in bytes, strides in floats.
 */
export function normalize(
  f32: Float32Array,
  out: number,
  a: number,
  shift: number,
  factor: number,
  rows: number,
  columns: number,
  outStride: number,
  aStride: number,
): void {
  const padded = Math.ceil(columns / LANES) * LANES;
  const shifts = shift >>> 2;
  const factors = factor >>> 2;
  for (let i = 0; i < rows; i++) {
    const from = (a >>> 2) + i * aStride;
    const to = (out >>> 2) + i * outStride;
    for (let j = 0; j < padded; j++) {
      f32[to + j] = fround(f32[from + j]! - f32[shifts + j]!) * f32[factors + j]!;
    }
  }
}
