/**
 * Writes modules as text, for `src/core/embedded.ts` to read: the first one byte by byte, a second one as edits of it.
 *
 * The binaries are compiled from the same source and differ in few functions, so the second one costs a ninth of the first.
 */

/**
 * The digits of a byte, and the marks of bytes beyond them: all of ASCII that can be printed, but for what strings or edits give a
 * meaning of their own. One digit per byte where possible, because compression looks for what repeats byte by byte.
 */
const CHARACTERS = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index))
  .filter((character) => !'\'"`\\$;,'.includes(character))
  .join('');
export const DIGITS = CHARACTERS.slice(0, -2);
export const MARKS = CHARACTERS.slice(-2);

/** Added to a byte, modulo 256: then 0xfd, with which every SIMD instruction begins, is among the first, next to the small numbers. */
export const SHIFT = 5;

/** Shorter runs of equal bytes are cheaper written out than as a reference. */
const SHORTEST_COPY = 8;

/** Bytes that a copy is looked up by. */
const KEY_BYTES = 4;

/**
 * Bytes as text: a digit each, behind a mark where there is no digit for it.
 *
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export function encodeBytes(bytes) {
  const characters = Array.from(bytes, (byte) => {
    const value = (byte + SHIFT) & 255;
    const mark = Math.floor(value / DIGITS.length);
    return (mark > 0 ? MARKS[mark - 1] : '') + DIGITS[value % DIGITS.length];
  });
  return characters.join('');
}

/**
 * The edits that make `target` of `base`, separated by semicolons: in turn bytes to write out, and `skip,length`, bytes to copy from
 * `base` so far behind the end of the copy before.
 *
 * @param {Uint8Array} base
 * @param {Uint8Array} target
 * @returns {string}
 */
export function encodeEdits(base, target) {
  const positions = positionsByKey(base);
  const edits = [];
  let written = 0;
  let expected = 0;
  for (let at = 0; at < target.length;) {
    const candidates = positions.get(keyAt(target, at)) ?? [];
    const { start, length } = longestCopy(base, candidates, target, at, expected);
    if (length < SHORTEST_COPY) {
      at++;
      continue;
    }
    edits.push(encodeBytes(target.subarray(written, at)), `${start - expected},${length}`);
    at += length;
    written = at;
    expected = start + length;
  }
  edits.push(encodeBytes(target.subarray(written)));
  return edits.join(';');
}

/** @param {Uint8Array} bytes */
function positionsByKey(bytes) {
  /** @type {Map<string, number[]>} */
  const positions = new Map();
  for (let at = 0; at + KEY_BYTES <= bytes.length; at++) {
    const key = keyAt(bytes, at);
    const known = positions.get(key);
    if (known) known.push(at);
    else positions.set(key, [at]);
  }
  return positions;
}

/** @param {Uint8Array} bytes @param {number} at */
function keyAt(bytes, at) {
  return String(bytes.subarray(at, at + KEY_BYTES));
}

/**
 * The longest run of bytes of `target` from `at` on that `base` holds at one of the candidates; of several the one nearest to where
 * it is `expected`, whose address is the shortest.
 *
 * @param {Uint8Array} base @param {number[]} candidates @param {Uint8Array} target @param {number} at @param {number} expected
 */
function longestCopy(base, candidates, target, at, expected) {
  let longest = { start: expected, length: 0 };
  for (const start of candidates) {
    let length = 0;
    while (at + length < target.length && base[start + length] === target[at + length]) length++;
    const isNearer = Math.abs(start - expected) < Math.abs(longest.start - expected);
    if (length > longest.length || (length === longest.length && isNearer)) {
      longest = { start, length };
    }
  }
  return longest;
}
