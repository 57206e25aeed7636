// Twin of assembly/kernels/gather.ts: picks the examples of a mini-batch out of the data set.
// Addresses are in bytes. Precondition: every row number at `order` lies in the data set.

/** out[i, :] = a[order[i], :] for i < rows; leaves the padding of out alone. */
export function gatherRows(
  f32: Float32Array,
  u32: Uint32Array,
  out: number,
  a: number,
  order: number,
  rows: number,
  columns: number,
  outStride: number,
  aStride: number,
): void {
  for (let i = 0; i < rows; i++) {
    const from = (a >>> 2) + u32[(order >>> 2) + i]! * aStride;
    f32.copyWithin((out >>> 2) + i * outStride, from, from + columns);
  }
}

/** out[i, :] = a[order[i], :] for i < rows, a unsigned bytes, rows aStride words of four bytes apart; padding becomes that of a. */
export function gatherBytes(
  f32: Float32Array,
  u32: Uint32Array,
  out: number,
  a: number,
  order: number,
  rows: number,
  columns: number,
  outStride: number,
  aStride: number,
): void {
  const words = (columns + 3) >>> 2;
  for (let i = 0; i < rows; i++) {
    const from = (a >>> 2) + u32[(order >>> 2) + i]! * aStride;
    const row = (out >>> 2) + i * outStride;
    for (let j = 0; j < words; j++) {
      const bytes = u32[from + j]!;
      f32[row + 4 * j] = bytes & 0xff;
      f32[row + 4 * j + 1] = (bytes >>> 8) & 0xff;
      f32[row + 4 * j + 2] = (bytes >>> 16) & 0xff;
      f32[row + 4 * j + 3] = bytes >>> 24;
    }
  }
}

/** out[i, j] = 1 where j is the label a[order[i]] and 0 elsewhere. Precondition: every label < columns. */
export function gatherLabels(
  f32: Float32Array,
  u32: Uint32Array,
  out: number,
  a: number,
  order: number,
  rows: number,
  columns: number,
  outStride: number,
): void {
  for (let i = 0; i < rows; i++) {
    const row = (out >>> 2) + i * outStride;
    const label = u32[(a >>> 2) + u32[(order >>> 2) + i]!]!;
    f32.fill(0, row, row + columns);
    f32[row + label] = 1;
  }
}

/** Moves rows × columns contiguous floats at out apart, in place, to rows outStride floats apart with zeros between them. */
export function spreadRows(
  f32: Float32Array,
  out: number,
  rows: number,
  columns: number,
  outStride: number,
): void {
  const first = out >>> 2;
  for (let row = rows - 1; row >= 0; row--) {
    const from = first + row * columns;
    const to = first + row * outStride;
    f32.copyWithin(to, from, from + columns);
    f32.fill(0, to + columns, to + outStride);
  }
}
