// Dropout: a random part of the elements becomes 0.
import { Philox } from '../random';

/**
 * out[rows, columns] = scale · a where an element's random word is ≥ threshold and 0 elsewhere. Over whole vectors: padding that is
 * zero stays zero. out may be a.
 *
 * Rows being padded to whole vectors and nothing more, the word of the element at place i is word i mod 4 of block ⌊i/4⌋, counter
 * (block, step, stream, substream). It depends on nothing else, so the backward pass makes the same mask again instead of keeping it.
 * When out is a part of something larger, it begins there with row `firstRow`.
 */
export function dropout(
  out: usize,
  a: usize,
  rows: i32,
  columns: i32,
  outStride: i32,
  aStride: i32,
  threshold: u32,
  scale: f32,
  seedLow: u32,
  seedHigh: u32,
  stream: u32,
  substream: u32,
  step: u32,
  firstRow: i32,
): void {
  const scales = f32x4.splat(scale);
  const thresholds = i32x4.splat(threshold);
  const bytes = ((<usize>(columns + 3)) & ~3) << 2;
  const outBytes = (<usize>outStride) << 2;
  const aBytes = (<usize>aStride) << 2;
  let block: u32 = <u32>firstRow * ((<u32>bytes) >> 4);
  for (let i = 0; i < rows; i++, out += outBytes, a += aBytes) {
    for (let offset: usize = 0; offset < bytes; offset += 16, block++) {
      const words = Philox.block(block, step, stream, substream, seedLow, seedHigh);
      const kept = i32x4.ge_u(words, thresholds);
      v128.store(out + offset, v128.and(f32x4.mul(scales, v128.load(a + offset)), kept));
    }
  }
}
