// Matrix products over the nonzeros of the left operand, which comes as lists (see src/core/abi.ts). A product with ±0 adds ±0,
// and that changes no sum except one of −0, which no sum here starts from. So the bits are those of the dense product as long
// as b is finite.
import { MATMUL_NN } from '../../src/core/abi';
import { ZEROS } from '../gemm/pack';

/** Bytes of a list entry {column, value}; a list has an even number of them. */
const ENTRY = 8;

/** Places of the addresses in a row of a table. */
const BEGIN: usize = 0;
const END: usize = 4;
const MIDDLE: usize = 8;

/**
 * NN: out[rows, columns] = start + Σₖ a[·, k] b[k, ·]; start is one row for all rows of out, or 0 for zeros.
 * TN: out[rows, columns] = start + Σᵢ a[i, ·] b[i, ·], i < inner; start is 0, or out for the values already there. With `wholeRows`, rows
 * are one half of so many, those from `firstRow` on, and out is the first of all.
 *
 * `lists` is the table of a's lists. Everything else is as in `matmul`: strides, alignment, padding, order of sums, error bound.
 */
export function sparseMatmul(
  kind: i32,
  out: usize,
  lists: usize,
  b: usize,
  start: usize,
  rows: i32,
  columns: i32,
  inner: i32,
  outStride: i32,
  listStride: i32,
  bStride: i32,
  firstRow: i32,
  wholeRows: i32,
): void {
  const outBytes = (<usize>outStride) << 2;
  const listBytes = (<usize>listStride) << 2;
  const bBytes = (<usize>bStride) << 2;
  const width = (<usize>((columns + 3) & ~3)) << 2;
  if (kind == MATMUL_NN) {
    for (let j: usize = 0; j < width; j += 64) {
      const from = start ? start + j : ZEROS;
      weightedSums(rows, out + j, outBytes, from, lists, listBytes, b + j, bBytes, width - j);
    }
  } else {
    if (start != out) clear(out + <usize>firstRow * outBytes, outBytes, rows, width);
    // The first half is taken backwards, away from the middle. A processor that guesses wrong where a list ends reads the rows of the
    // entries beyond it: from the middle on they are those that another thread writes for every example.
    const isFirst = firstRow + rows < wholeRows;
    const begins = lists + (isFirst || firstRow ? MIDDLE : BEGIN);
    const ends = lists + (isFirst ? BEGIN : END);
    const step = isFirst ? -ENTRY : ENTRY;
    let j: usize = 0;
    for (; j + 128 <= width; j += 128) {
      addOuter32(inner, out + j, outBytes, begins, ends, step, listBytes, b + j, bBytes);
    }
    for (; j < width; j += 64) {
      addOuter16(inner, out + j, outBytes, begins, ends, step, listBytes, b + j, bBytes, width - j);
    }
  }
}

/** Writes zeros to `width` bytes of each row: of a part of the columns, others are at work on the rest. */
function clear(out: usize, outBytes: usize, rows: i32, width: usize): void {
  if (width == outBytes) return memory.fill(out, 0, <usize>rows * outBytes);
  for (let row = 0; row < rows; row++, out += outBytes) {
    for (let j: usize = 0; j < width; j += 16) v128.store(out + j, f32x4.splat(0));
  }
}

/**
 * 16 columns of out (fewer when `width` is less than their 64 bytes): for each of `rows` lists, start + Σ value · b[column, ·].
 *
 * Loads 16 columns of start and of rows of b in any case; what is too much is not stored. Two entries of a list at a time: with
 * four sums that fills the pipeline, and eight sums would be more than V8 11.3 has registers for, which loads all of b first.
 */
export function weightedSums(
  rows: i32,
  out: usize,
  outBytes: usize,
  start: usize,
  lists: usize,
  listBytes: usize,
  b: usize,
  bBytes: usize,
  width: usize,
): void {
  for (let i = 0; i < rows; i++) {
    let entry = <usize>load<u32>(lists) - 2 * ENTRY;
    const end = <usize>load<u32>(lists, 4) - 2 * ENTRY;
    let c0 = v128.load(start);
    let c1 = v128.load(start, 16);
    let c2 = v128.load(start, 32);
    let c3 = v128.load(start, 48);
    while (entry < end) {
      entry += 2 * ENTRY;
      const even = b + <usize>load<u32>(entry) * bBytes;
      const odd = b + <usize>load<u32>(entry, ENTRY) * bBytes;
      const evens = v128.load32_splat(entry, 4);
      const odds = v128.load32_splat(entry, ENTRY + 4);
      c0 = f32x4.add(c0, f32x4.mul(evens, v128.load(even)));
      c1 = f32x4.add(c1, f32x4.mul(evens, v128.load(even, 16)));
      c2 = f32x4.add(c2, f32x4.mul(evens, v128.load(even, 32)));
      c3 = f32x4.add(c3, f32x4.mul(evens, v128.load(even, 48)));
      c0 = f32x4.add(c0, f32x4.mul(odds, v128.load(odd)));
      c1 = f32x4.add(c1, f32x4.mul(odds, v128.load(odd, 16)));
      c2 = f32x4.add(c2, f32x4.mul(odds, v128.load(odd, 32)));
      c3 = f32x4.add(c3, f32x4.mul(odds, v128.load(odd, 48)));
    }
    v128.store(out, c0);
    if (width > 16) v128.store(out, c1, 16);
    if (width > 32) v128.store(out, c2, 32);
    if (width > 48) v128.store(out, c3, 48);
    lists += listBytes;
    out += outBytes;
  }
}

/**
 * 32 columns of out[column, ·] += value · b[i, ·] for every entry of every list i < rows.
 *
 * The lists are the outer loop, so each element of out is summed in ascending order of the examples, without lists by column; the row
 * of b is in registers, and out is read and written once per entry.
 *
 * @param begins - where in a row of the table the address stands at which to begin, `ends` the one before which to end
 * @param step - bytes from entry to entry; negative: backwards, from the entry before that address
 */
export function addOuter32(
  rows: i32,
  out: usize,
  outBytes: usize,
  begins: usize,
  ends: usize,
  step: isize,
  listBytes: usize,
  b: usize,
  bBytes: usize,
): void {
  const before = <usize>max<isize>(step, 0);
  for (let i = 0; i < rows; i++) {
    let entry = <usize>load<u32>(begins) - before;
    const end = <usize>load<u32>(ends) - before;
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const b2 = v128.load(b, 32);
    const b3 = v128.load(b, 48);
    const b4 = v128.load(b, 64);
    const b5 = v128.load(b, 80);
    const b6 = v128.load(b, 96);
    const b7 = v128.load(b, 112);
    while (entry != end) {
      entry += step;
      const c = out + <usize>load<u32>(entry) * outBytes;
      const values = v128.load32_splat(entry, 4);
      v128.store(c, f32x4.add(v128.load(c), f32x4.mul(values, b0)));
      v128.store(c, f32x4.add(v128.load(c, 16), f32x4.mul(values, b1)), 16);
      v128.store(c, f32x4.add(v128.load(c, 32), f32x4.mul(values, b2)), 32);
      v128.store(c, f32x4.add(v128.load(c, 48), f32x4.mul(values, b3)), 48);
      v128.store(c, f32x4.add(v128.load(c, 64), f32x4.mul(values, b4)), 64);
      v128.store(c, f32x4.add(v128.load(c, 80), f32x4.mul(values, b5)), 80);
      v128.store(c, f32x4.add(v128.load(c, 96), f32x4.mul(values, b6)), 96);
      v128.store(c, f32x4.add(v128.load(c, 112), f32x4.mul(values, b7)), 112);
    }
    begins += listBytes;
    ends += listBytes;
    b += bBytes;
  }
}

/** 16 columns, or the fewer that `width` bytes are, otherwise as {@link addOuter32}. */
export function addOuter16(
  rows: i32,
  out: usize,
  outBytes: usize,
  begins: usize,
  ends: usize,
  step: isize,
  listBytes: usize,
  b: usize,
  bBytes: usize,
  width: usize,
): void {
  const before = <usize>max<isize>(step, 0);
  // Memory may end behind the last row of b.
  const last = width - 16;
  for (let i = 0; i < rows; i++) {
    let entry = <usize>load<u32>(begins) - before;
    const end = <usize>load<u32>(ends) - before;
    const b0 = v128.load(b);
    const b1 = v128.load(b + min<usize>(16, last));
    const b2 = v128.load(b + min<usize>(32, last));
    const b3 = v128.load(b + min<usize>(48, last));
    while (entry != end) {
      entry += step;
      const c = out + <usize>load<u32>(entry) * outBytes;
      const values = v128.load32_splat(entry, 4);
      v128.store(c, f32x4.add(v128.load(c), f32x4.mul(values, b0)));
      if (width > 16) v128.store(c, f32x4.add(v128.load(c, 16), f32x4.mul(values, b1)), 16);
      if (width > 32) v128.store(c, f32x4.add(v128.load(c, 32), f32x4.mul(values, b2)), 32);
      if (width > 48) v128.store(c, f32x4.add(v128.load(c, 48), f32x4.mul(values, b3)), 48);
    }
    begins += listBytes;
    ends += listBytes;
    b += bBytes;
  }
}
