/**
 * The two products of a mini-batch of one example that the tiles cannot do well: every element of the large operand is used
 * once, so that to pack it would cost more than to multiply. Sums ascend as everywhere.
 */

import * as relaxed from './micro.relaxed';
import * as simd from './micro.simd';
import { ZEROS } from './pack';
import { KC, PANEL_OFFSET } from './tiles';

/**
 * out[rows, columns] = start + a bᵀ: the weight gradient, TN with inner = 1. Strides are bytes, start as in `matmul`.
 *
 * Columns by panels whose part of b stays in registers, then rows: one addition and one store for every four outputs.
 */
export function outerProduct(
  out: usize,
  outStride: usize,
  a: usize,
  b: usize,
  start: usize,
  rows: i32,
  columns: i32,
): void {
  const fromStride = start == out ? outStride : 0;
  for (let left = (columns + 3) & ~3, width = 0; left > 0; left -= width) {
    width = left >= 32 ? 32 : left >= 8 ? 8 : 4;
    multiplyOuter(width, rows, out, outStride, start ? start : ZEROS, fromStride, a, b);
    const bytes = (<usize>width) << 2;
    out += bytes;
    b += bytes;
    if (start) start += bytes;
  }
}

function multiplyOuter(
  columns: i32,
  rows: i32,
  c: usize,
  cStride: usize,
  from: usize,
  fromStride: usize,
  a: usize,
  b: usize,
): void {
  if (ASC_FEATURE_RELAXED_SIMD)
    relaxed.multiplyOuter(columns, rows, c, cStride, from, fromStride, a, b);
  else simd.multiplyOuter(columns, rows, c, cStride, from, fromStride, a, b);
}

/** Addresses of rows that may be absent. */
class Rows {
  @inline
  static at(b: usize, stride: usize, row: i32, rows: i32): usize {
    return row < rows ? b + <usize>row * stride : ZEROS;
  }
}

/**
 * out[1, columns] = start + a[1, inner] b[columns, inner]ᵀ: the backward pass, NT with one row. bStride is bytes.
 *
 * k by KC, outputs by 8, then k: an output is a lane of an accumulator, and four elements of four rows of b become four
 * steps of k by a transposition in the registers. Two accumulators, because one would wait for its own sums.
 */
export function rowTimesTransposed(
  out: usize,
  a: usize,
  b: usize,
  bStride: usize,
  start: usize,
  columns: i32,
  inner: i32,
  scratch: usize,
): void {
  const bytes = (<usize>((columns + 3) & ~3)) << 2;
  if (!start) memory.fill(out, 0, bytes);
  else if (start != out) memory.copy(out, start, bytes);
  const whole = inner & ~3;
  for (let k = 0; k < whole; k += KC) {
    const end = a + ((<usize>min(k + KC, whole)) << 2);
    for (let j = 0; j < columns; j += 8) {
      const c = out + ((<usize>j) << 2);
      const rows = columns - j;
      const block = b + <usize>j * bStride + ((<usize>k) << 2);
      // prettier-ignore
      dotProducts(
        c, rows > 4 ? c + 16 : scratch + PANEL_OFFSET, a + (<usize>k << 2), end,
        block,
        Rows.at(block, bStride, 1, rows),
        Rows.at(block, bStride, 2, rows),
        Rows.at(block, bStride, 3, rows),
        Rows.at(block, bStride, 4, rows),
        Rows.at(block, bStride, 5, rows),
        Rows.at(block, bStride, 6, rows),
        Rows.at(block, bStride, 7, rows),
      );
    }
  }
  for (let j = 0; j < columns; j++) {
    let sum = load<f32>(out);
    for (let k = whole; k < inner; k++) {
      sum += load<f32>(a + ((<usize>k) << 2)) * load<f32>(b + ((<usize>k) << 2));
    }
    store<f32>(out, sum);
    out += 4;
    b += bStride;
  }
}

/** c0, c1 += the dot products of a, up to its end, with rows 0 … 3 and 4 … 7 of b; whole vectors. */
export function dotProducts(
  c0: usize,
  c1: usize,
  a: usize,
  end: usize,
  b0: usize,
  b1: usize,
  b2: usize,
  b3: usize,
  b4: usize,
  b5: usize,
  b6: usize,
  b7: usize,
): void {
  let sum0 = v128.load(c0);
  let sum1 = v128.load(c1);
  while (a != end) {
    let x = v128.load(b0);
    let y = v128.load(b1);
    let z = v128.load(b2);
    let w = v128.load(b3);
    let xy = v128.shuffle<f32>(x, y, 0, 4, 1, 5);
    let zw = v128.shuffle<f32>(z, w, 0, 4, 1, 5);
    x = v128.shuffle<f32>(x, y, 2, 6, 3, 7);
    z = v128.shuffle<f32>(z, w, 2, 6, 3, 7);
    sum0 = f32x4.add(sum0, f32x4.mul(v128.load32_splat(a), v128.shuffle<f64>(xy, zw, 0, 2)));
    sum0 = f32x4.add(sum0, f32x4.mul(v128.load32_splat(a, 4), v128.shuffle<f64>(xy, zw, 1, 3)));
    sum0 = f32x4.add(sum0, f32x4.mul(v128.load32_splat(a, 8), v128.shuffle<f64>(x, z, 0, 2)));
    sum0 = f32x4.add(sum0, f32x4.mul(v128.load32_splat(a, 12), v128.shuffle<f64>(x, z, 1, 3)));
    x = v128.load(b4);
    y = v128.load(b5);
    z = v128.load(b6);
    w = v128.load(b7);
    xy = v128.shuffle<f32>(x, y, 0, 4, 1, 5);
    zw = v128.shuffle<f32>(z, w, 0, 4, 1, 5);
    x = v128.shuffle<f32>(x, y, 2, 6, 3, 7);
    z = v128.shuffle<f32>(z, w, 2, 6, 3, 7);
    sum1 = f32x4.add(sum1, f32x4.mul(v128.load32_splat(a), v128.shuffle<f64>(xy, zw, 0, 2)));
    sum1 = f32x4.add(sum1, f32x4.mul(v128.load32_splat(a, 4), v128.shuffle<f64>(xy, zw, 1, 3)));
    sum1 = f32x4.add(sum1, f32x4.mul(v128.load32_splat(a, 8), v128.shuffle<f64>(x, z, 0, 2)));
    sum1 = f32x4.add(sum1, f32x4.mul(v128.load32_splat(a, 12), v128.shuffle<f64>(x, z, 1, 3)));
    a += 16;
    b0 += 16;
    b1 += 16;
    b2 += 16;
    b3 += 16;
    b4 += 16;
    b5 += 16;
    b6 += 16;
    b7 += 16;
  }
  v128.store(c0, sum0);
  v128.store(c1, sum1);
}
