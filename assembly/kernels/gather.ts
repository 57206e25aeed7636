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
 * out[i, :] = a[order[i], :] for i < rows, with unsigned bytes a, rows aStride words of four bytes apart. Exact.
 *
 * Whole vectors: the padding of out becomes that of a. Data sets of bytes stay bytes in memory, a quarter of the size.
 */
export function gatherBytes(
  out: usize,
  a: usize,
  order: usize,
  rows: i32,
  columns: i32,
  outStride: i32,
  aStride: i32,
): void {
  const end = order + ((<usize>rows) << 2);
  const outBytes = (<usize>outStride) << 2;
  const aBytes = (<usize>aStride) << 2;
  for (; order < end; order += 4, out += outBytes) {
    expandBytes(out, a + <usize>load<u32>(order) * aBytes, columns);
  }
}

/** out[columns] = the bytes at from as floats, sixteen and then four at a time. */
function expandBytes(out: usize, from: usize, columns: i32): void {
  const end = from + columns;
  for (; from + 16 <= end; from += 16, out += 64) {
    const bytes = v128.load(from);
    const low = i16x8.extend_low_i8x16_u(bytes);
    const high = i16x8.extend_high_i8x16_u(bytes);
    v128.store(out, f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(low)));
    v128.store(out, f32x4.convert_i32x4_u(i32x4.extend_high_i16x8_u(low)), 16);
    v128.store(out, f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(high)), 32);
    v128.store(out, f32x4.convert_i32x4_u(i32x4.extend_high_i16x8_u(high)), 48);
  }
  for (; from < end; from += 4, out += 16) {
    const words = i16x8.extend_low_i8x16_u(v128.load32_zero(from));
    v128.store(out, f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(words)));
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
