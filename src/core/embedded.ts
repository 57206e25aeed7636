import { DIGITS, MARKS, relaxedEdits, SHIFT, simdBinary } from './binary.ts';

/**
 * The bytes of the SIMD module.
 *
 * They travel as text that compresses as well as bytes do, one character for nearly every byte (see `assembly/text.mjs`): a tenth
 * smaller than hexadecimal digits, and a third smaller than base64, whose digits do not line up with bytes. Plain ASCII survives every
 * bundler, server and page encoding.
 */
export function simdBytes(): Uint8Array<ArrayBuffer> {
  return decode(simdBinary);
}

/** The bytes of the module with fused multiply-add, which travels as edits of the other. */
export function relaxedBytes(): Uint8Array<ArrayBuffer> {
  return applyEdits(simdBytes(), relaxedEdits);
}

/**
 * Applies edits as `assembly/text.mjs` writes them.
 *
 * @param edits - separated by semicolons, in turn: bytes, and `skip,length` for bytes of `base` so far behind those before
 */
export function applyEdits(base: Uint8Array, edits: string): Uint8Array<ArrayBuffer> {
  let from = 0;
  const parts = edits.split(';').map((edit, index) => {
    if (index % 2 === 0) return decode(edit);
    const [skip, length] = edit.split(',').map(Number) as [number, number];
    const start = from + skip;
    from = start + length;
    return base.subarray(start, from);
  });
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Values by character code: those of the digits from 0 on, then those of the marks. */
const values: Uint8Array = /* @__PURE__ */ characterValues();

function characterValues(): Uint8Array {
  const values = new Uint8Array(128);
  for (const [value, digit] of [...DIGITS, ...MARKS].entries()) values[digit.charCodeAt(0)] = value;
  return values;
}

/** A plain loop: at start-up, when nothing is compiled yet, Uint8Array.from takes milliseconds. */
function decode(text: string): Uint8Array<ArrayBuffer> {
  const base = DIGITS.length;
  const bytes = new Uint8Array(text.length);
  let length = 0;
  let offset = -SHIFT;
  for (let index = 0; index < text.length; index++) {
    const value = values[text.charCodeAt(index)]!;
    if (value < base) {
      bytes[length++] = offset + value;
      offset = -SHIFT;
    } else {
      offset = (value - base + 1) * base - SHIFT;
    }
  }
  return bytes.slice(0, length);
}
