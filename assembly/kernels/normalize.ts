// Brings the features of a mini-batch to a common scale.

/**
 * out[i, j] = (a[i, j] − shift[j]) · factor[j] for i < rows, j < columns; two roundings, the subtraction first, so that what is
 * large and nearly constant, such as a year, keeps all its digits.
 *
 * a and out are row-major with aStride and outStride floats between rows; shift and factor are one row, zero in their padding.
 * Row by row, whole vectors: the padding of the last vector becomes zero. out may be a.
 */
export function normalize(
  out: usize,
  a: usize,
  shift: usize,
  factor: usize,
  rows: i32,
  columns: i32,
  outStride: i32,
  aStride: i32,
): void {
  const bytes = (<usize>columns) << 2;
  const outBytes = (<usize>outStride) << 2;
  const aBytes = (<usize>aStride) << 2;
  for (let i = 0; i < rows; i++, out += outBytes, a += aBytes) {
    for (let j: usize = 0; j < bytes; j += 16) {
      const difference = f32x4.sub(v128.load(a + j), v128.load(shift + j));
      v128.store(out + j, f32x4.mul(difference, v128.load(factor + j)));
    }
  }
}
