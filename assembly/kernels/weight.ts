// Weights of examples.

/**
 * out[i, :] *= w[i], costs[i] *= w[i] for i < rows: an example of weight 2 counts as two. The weights w are the first column of a
 * matrix with wStride floats between rows. Over whole vectors: padding that is zero stays zero.
 */
export function weightRows(
  out: usize,
  w: usize,
  costs: usize,
  rows: i32,
  columns: i32,
  outStride: i32,
  wStride: i32,
): void {
  const bytes = ((<usize>(columns + 3)) & ~3) << 2;
  const outBytes = (<usize>outStride) << 2;
  const wBytes = (<usize>wStride) << 2;
  for (let i = 0; i < rows; i++, out += outBytes, w += wBytes, costs += 4) {
    const weight = load<f32>(w);
    store<f32>(costs, weight * load<f32>(costs));
    const weights = f32x4.splat(weight);
    for (let p = out; p < out + bytes; p += 16) v128.store(p, f32x4.mul(weights, v128.load(p)));
  }
}
