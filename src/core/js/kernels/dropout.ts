// Twin of assembly/kernels/dropout.ts. Addresses are in bytes.
import { philox } from '../random.ts';

const words = new Uint32Array(4);

/**
 * out = scale · a where an element's random word is ≥ threshold and 0 elsewhere, over `count` floats, a multiple of 4. The word of
 * element i is word i mod 4 of block ⌊i/4⌋, counter (block, step, stream, substream).
 */
export function dropout(
  f32: Float32Array,
  out: number,
  a: number,
  count: number,
  threshold: number,
  scale: number,
  seedLow: number,
  seedHigh: number,
  stream: number,
  substream: number,
  step: number,
): void {
  const [out0, a0] = [out >>> 2, a >>> 2];
  for (let i = 0; i < count; i++) {
    if ((i & 3) === 0) philox(words, i >>> 2, step, stream, substream, seedLow, seedHigh);
    f32[out0 + i] = words[i & 3]! >= threshold ? scale * f32[a0 + i]! : 0;
  }
}
