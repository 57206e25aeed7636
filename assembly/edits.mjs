/**
 * Writes a module as edits of another one, for `src/core/embedded.ts` to rebuild.
 *
 * The binaries are compiled from the same source and differ in few functions, so the second one costs a seventh of the first.
 */

/** Shorter runs of equal bytes are cheaper written out than as a reference. */
const SHORTEST_COPY = 12;

/** Bytes that a copy is looked up by. */
const KEY_BYTES = 8;

/**
 * The edits that make `target` of `base`: hexadecimal bytes to write out in turn with `start,length`, bytes to copy from `base`, all
 * separated by semicolons.
 *
 * @param {Uint8Array} base
 * @param {Uint8Array} target
 * @returns {string}
 */
export function encodeEdits(base, target) {
  const positions = positionsByKey(base);
  const edits = [];
  let written = 0;
  for (let at = 0; at < target.length;) {
    const { start, length } = longestCopy(base, positions.get(keyAt(target, at)) ?? [], target, at);
    if (length < SHORTEST_COPY) {
      at++;
      continue;
    }
    edits.push(hex(target.subarray(written, at)), `${start},${length}`);
    at += length;
    written = at;
  }
  edits.push(hex(target.subarray(written)));
  return edits.join(';');
}

/** @param {Uint8Array} bytes */
export function hex(bytes) {
  return Buffer.from(bytes).toString('hex');
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
  return hex(bytes.subarray(at, at + KEY_BYTES));
}

/**
 * The longest run of bytes of `target` from `at` on that `base` holds at one of the candidates.
 *
 * @param {Uint8Array} base @param {number[]} candidates @param {Uint8Array} target @param {number} at
 */
function longestCopy(base, candidates, target, at) {
  let longest = { start: 0, length: 0 };
  for (const start of candidates) {
    let length = 0;
    while (at + length < target.length && base[start + length] === target[at + length]) length++;
    if (length > longest.length) longest = { start, length };
  }
  return longest;
}
