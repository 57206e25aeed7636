// Dropout: a random part of the elements becomes 0.
import { Philox } from '../random';

/**
 * out = scale · a where an element's random word is ≥ threshold and 0 elsewhere, over `count` contiguous floats, a multiple of 4.
 *
 * The word of element i is word i mod 4 of block ⌊i/4⌋, counter (block, step, stream, substream): it depends on nothing else, so
 * the backward pass makes the same mask again instead of keeping it. out may be a; zeros stay zeros.
 */
export function dropout(
  out: usize,
  a: usize,
  count: i32,
  threshold: u32,
  scale: f32,
  seedLow: u32,
  seedHigh: u32,
  stream: u32,
  substream: u32,
  step: u32,
): void {
  const scales = f32x4.splat(scale);
  const thresholds = i32x4.splat(threshold);
  for (let i = 0; i < count; i += 4, out += 16, a += 16) {
    const words = Philox.block((<u32>i) >> 2, step, stream, substream, seedLow, seedHigh);
    const kept = i32x4.ge_u(words, thresholds);
    v128.store(out, v128.and(f32x4.mul(scales, v128.load(a)), kept));
  }
}
