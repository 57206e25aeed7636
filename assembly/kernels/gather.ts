// Picks the examples of a mini-batch out of the data set.
// `order` points at the first of `rows` u32 row numbers. Precondition: every row number lies in the data set.

/**
 * out[i, :] = a[order[i], :] for i < rows; a is row-major with aStride floats between rows.
 * Copies `columns` floats per row and leaves the padding of out alone. Exact.
 */
export function gatherRows(
  out: usize,
  a: usize,
  order: usize,
  rows: i32,
  columns: i32,
  outStride: i32,
  aStride: i32,
): void {
  const end = order + ((<usize>rows) << 2);
  const bytes = (<usize>columns) << 2;
  const outBytes = (<usize>outStride) << 2;
  const aBytes = (<usize>aStride) << 2;
  for (; order < end; order += 4, out += outBytes) {
    memory.copy(out, a + <usize>load<u32>(order) * aBytes, bytes);
  }
}

/**
 * out[i, j] = 1 where j is the label a[order[i]] and 0 elsewhere, for i < rows, j < columns; a holds one u32 per example.
 * Leaves the padding of out alone. Precondition: every label < columns.
 */
export function gatherLabels(
  out: usize,
  a: usize,
  order: usize,
  rows: i32,
  columns: i32,
  outStride: i32,
): void {
  const end = order + ((<usize>rows) << 2);
  const bytes = (<usize>columns) << 2;
  const outBytes = (<usize>outStride) << 2;
  for (; order < end; order += 4, out += outBytes) {
    const label = load<u32>(a + ((<usize>load<u32>(order)) << 2));
    memory.fill(out, 0, bytes);
    store<f32>(out + ((<usize>label) << 2), 1);
  }
}

/** Moves rows × columns contiguous floats at out apart, in place, to rows outStride floats apart with zeros between them. */
export function spreadRows(out: usize, rows: i32, columns: i32, outStride: i32): void {
  if (columns == outStride) return;
  const bytes = (<usize>columns) << 2;
  const padding = (<usize>(outStride - columns)) << 2;
  for (let row = rows - 1; row >= 0; row--) {
    const to = out + ((<usize>(row * outStride)) << 2);
    memory.copy(to, out + <usize>row * bytes, bytes);
    memory.fill(to + bytes, 0, padding);
  }
}
