import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeEdits } from '../../assembly/text.mjs';
import { applyEdits, relaxedBytes, simdBytes } from '../../src/core/embedded.ts';

test('the modules that travel as text are those that asc wrote', () => {
  expect(Buffer.from(simdBytes()).equals(readFileSync('build/core.simd.wasm'))).toBe(true);
  expect(Buffer.from(relaxedBytes()).equals(readFileSync('build/core.relaxed.wasm'))).toBe(true);
});

test('edits rebuild any bytes from any others', () => {
  // Few values and pieces of the base make copies frequent, the empty ends included.
  const bytes = fc.uint8Array({ max: 3, maxLength: 200 });
  const piece = fc.tuple(fc.nat(200), fc.nat(200), bytes);
  fc.assert(
    fc.property(bytes, fc.array(piece, { maxLength: 4 }), (base, pieces) => {
      const target = Buffer.concat(
        pieces.flatMap(([from, length, other]) => [base.subarray(from, from + length), other]),
      );
      expect(Buffer.from(applyEdits(base, encodeEdits(base, target)))).toEqual(target);
    }),
  );
});

test('a changed byte costs a byte, not the module', () => {
  const base = simdBytes();
  const target = base.slice();
  target[1000]! ^= 1;
  expect(encodeEdits(base, target).length).toBeLessThan(100);
});
