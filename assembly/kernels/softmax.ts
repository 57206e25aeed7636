// Softmax of every row and its derivative. The padding of out becomes zero.
import { clearPadding, rowExponentials, rowMaximum, rowSum } from './row';

/**
 * out[i, j] = exp(a[i, j] − mᵢ) / Σₖ exp(a[i, k] − mᵢ), mᵢ the largest of row i; [rows, columns], columns ≥ 1.
 *
 * Subtracting the maximum changes nothing but keeps every exponent at or below 0: no overflow for any finite a.
 * out may be a when the strides are equal. Error: that of exp, plus half an ulp for the difference (absolute, of a − m),
 * for the division, and (columns − 1)/2 at most for the sum.
 */
export function softmax(
  out: usize,
  a: usize,
  rows: i32,
  columns: i32,
  outStride: i32,
  aStride: i32,
): void {
  const outBytes = (<usize>outStride) << 2;
  const aBytes = (<usize>aStride) << 2;
  for (let i = 0; i < rows; i++, out += outBytes, a += aBytes) {
    rowExponentials(out, a, rowMaximum(a, columns), columns);
    const sums = f32x4.splat(rowSum(out, columns));
    const end = out + ((<usize>columns) << 2);
    for (let p = out; p < end; p += 16) v128.store(p, f32x4.div(v128.load(p), sums));
    clearPadding(out, columns, outStride);
  }
}

/**
 * out[i, j] = sᵢⱼ (gᵢⱼ − Σₖ gᵢₖ sᵢₖ): δ from g = dC/da at a and the softmax output s at b; all [rows, columns].
 *
 * out may be a when the strides are equal. The difference cancels where all gᵢₖ are nearly equal: the error is absolute,
 * a few ulps of the largest |gᵢₖ|.
 */
export function softmaxGradient(
  out: usize,
  a: usize,
  b: usize,
  rows: i32,
  columns: i32,
  outStride: i32,
  aStride: i32,
  bStride: i32,
): void {
  const outBytes = (<usize>outStride) << 2;
  const aBytes = (<usize>aStride) << 2;
  const bBytes = (<usize>bStride) << 2;
  const rowBytes = (<usize>columns) << 2;
  for (let i = 0; i < rows; i++, out += outBytes, a += aBytes, b += bBytes) {
    const sums = f32x4.splat(dotProduct(a, b, columns));
    for (let offset: usize = 0; offset < rowBytes; offset += 16) {
      const g = v128.load(a + offset);
      const s = v128.load(b + offset);
      v128.store(out + offset, f32x4.mul(s, f32x4.sub(g, sums)));
    }
    clearPadding(out, columns, outStride);
  }
}

/** Σ a[j] b[j] over columns, starting from 0. */
function dotProduct(a: usize, b: usize, columns: i32): f32 {
  const end = a + ((<usize>columns) << 2);
  let sum: f32 = 0;
  for (; a < end; a += 4, b += 4) sum += load<f32>(a) * load<f32>(b);
  return sum;
}
