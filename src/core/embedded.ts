import { relaxedEdits, simdBinary } from './binary.ts';

/**
 * The bytes of the SIMD module.
 *
 * They travel as hexadecimal digits: a compressed transfer makes them as small as any other text could be, smaller than base64,
 * whose digits do not line up with bytes; and plain ASCII survives every bundler, server and page encoding.
 */
export function simdBytes(): Uint8Array<ArrayBuffer> {
  return fromHex(simdBinary);
}

/** The bytes of the module with fused multiply-add, which travels as edits of the other. */
export function relaxedBytes(): Uint8Array<ArrayBuffer> {
  return applyEdits(simdBytes(), relaxedEdits);
}

/**
 * Applies edits as `assembly/edits.mjs` writes them.
 *
 * @param edits - separated by semicolons: hexadecimal bytes, or `start,length` for bytes of `base`
 */
export function applyEdits(base: Uint8Array, edits: string): Uint8Array<ArrayBuffer> {
  const parts = edits.split(';').map((edit) => {
    if (!edit.includes(',')) return fromHex(edit);
    const [start, length] = edit.split(',').map(Number) as [number, number];
    return base.subarray(start, start + length);
  });
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** A plain loop: at start-up, when nothing is compiled yet, Uint8Array.from takes milliseconds. */
function fromHex(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length / 2);
  for (let index = 0; index < bytes.length; index++) {
    bytes[index] = digit(text.charCodeAt(2 * index)) * 16 + digit(text.charCodeAt(2 * index + 1));
  }
  return bytes;
}

/** The value of a digit from its code: 0 to 9 are 48 to 57, a to f are 97 to 102. */
function digit(code: number): number {
  return code < 58 ? code - 48 : code - 87;
}
