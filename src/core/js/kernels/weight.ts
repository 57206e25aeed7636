// Twin of assembly/kernels/weight.ts. Addresses are in bytes.

/** out[i, :] *= w[i], costs[i] *= w[i] for i < rows; the weights w are the first column of a matrix. Over whole vectors. */
export function weightRows(
  f32: Float32Array,
  out: number,
  w: number,
  costs: number,
  rows: number,
  columns: number,
  outStride: number,
  wStride: number,
): void {
  const width = (columns + 3) & ~3;
  for (let i = 0; i < rows; i++) {
    const weight = f32[(w >>> 2) + i * wStride]!;
    f32[(costs >>> 2) + i]! *= weight;
    const row = (out >>> 2) + i * outStride;
    for (let j = 0; j < width; j++) f32[row + j]! *= weight;
  }
}
