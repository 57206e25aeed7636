import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dropExports } from '../../assembly/exports.mjs';
import { encodeEdits } from '../../assembly/text.mjs';
import { applyEdits, relaxedBytes, simdBytes } from '../../src/core/embedded.ts';

test('the modules that travel as text are those that asc wrote, without the exports nobody calls', () => {
  const written = (name: string): Uint8Array =>
    dropExports(readFileSync(`build/core.${name}.wasm`));
  expect(Buffer.from(simdBytes()).equals(written('simd'))).toBe(true);
  expect(Buffer.from(relaxedBytes()).equals(written('relaxed'))).toBe(true);
  const exports = WebAssembly.Module.exports(new WebAssembly.Module(simdBytes()));
  expect(exports.map(({ name }) => name).sort()).toEqual(['dismiss', 'heapBase', 'help', 'run']);
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
