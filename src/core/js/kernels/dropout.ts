// Twin of assembly/kernels/dropout.ts. Addresses are in bytes.
import { philox } from '../random.ts';

const words = new Uint32Array(4);

/**
 * out[rows, columns] = scale · a where an element's random word is ≥ threshold and 0 elsewhere, over whole vectors. Rows being padded
 * to them, the word of the element at place i is word i mod 4 of block ⌊i/4⌋, counter (block, step, stream, substream).
 */
export function dropout(
  f32: Float32Array,
  out: number,
  a: number,
  rows: number,
  columns: number,
  outStride: number,
  aStride: number,
  threshold: number,
  scale: number,
  seedLow: number,
  seedHigh: number,
  stream: number,
  substream: number,
  step: number,
): void {
  const width = (columns + 3) & ~3;
  for (let i = 0; i < rows; i++) {
    const [out0, a0] = [(out >>> 2) + i * outStride, (a >>> 2) + i * aStride];
    for (let j = 0; j < width; j++) {
      const block = (i * width + j) >>> 2;
      if ((j & 3) === 0) philox(words, block, step, stream, substream, seedLow, seedHigh);
      f32[out0 + j] = words[j & 3]! >= threshold ? scale * f32[a0 + j]! : 0;
    }
  }
}
