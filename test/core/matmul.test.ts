import { describe, expect, test } from 'vitest';
import * as abi from '../../src/core/abi.ts';
import type { CoreName } from '../../src/core/core.ts';
import { createCore } from '../../src/core/create.ts';
import {
  Bench,
  integers,
  KINDS,
  type Matrix,
  numbers,
  type Operands,
  place,
  type Product,
  rightOf,
  roundUp,
} from './product.ts';
import { hasRelaxedCore } from './relaxed.ts';

/** The relaxed core rounds as it likes: it is tested with operands that need no rounding. */
const CORES: CoreName[] = hasRelaxedCore() ? ['js', 'simd', 'relaxed'] : ['js', 'simd'];

/** Element [i, j] of the product by the three-line loop. */
function element(
  bench: Bench,
  product: Product,
  { a, b, start, out }: Operands,
  i: number,
  j: number,
): number {
  let sum = product.onto ? bench.at(out, i, j) : product.biased ? bench.at(start, 0, j) : 0;
  for (let k = 0; k < product.inner; k++) {
    const left = product.kind === abi.MATMUL_TN ? bench.at(a, k, i) : bench.at(a, i, k);
    const right = rightOf(bench, product, b, k, j);
    sum = Math.fround(sum + Math.fround(left * right));
  }
  return sum;
}

/** Every bit of the result is that of the three-line loop, and no other bit of the memory changes. */
function expectExact(bench: Bench, product: Product): void {
  const operands = place(bench, product, bench.core.name === 'relaxed' ? integers : numbers);
  const { out } = operands;
  const image = bench.core.buffer.slice(bench.first, bench.top);
  const expected = new Float32Array(image);
  for (let i = 0; i < product.rows; i++) {
    const row = (out.address - bench.first) / 4 + i * out.stride;
    for (let j = 0; j < product.columns; j++) {
      expected[row + j] = element(bench, product, operands, i, j);
    }
    expected.fill(0, row + product.columns, row + roundUp(product.columns));
  }
  bench.multiply(product, operands);
  const actual = new Uint32Array(bench.core.buffer, bench.first, image.byteLength / 4);
  const wanted = new Uint32Array(image);
  const wrong = actual.findIndex((word, index) => word !== wanted[index]);
  if (wrong < 0) return;
  const bits = (words: Uint32Array): string => words[wrong]!.toString(16);
  const index = wrong - (out.address - bench.first) / 4;
  expect.fail(
    `${JSON.stringify(product)}, out + ${index} floats: ${bits(actual)}, not ${bits(wanted)}`,
  );
}

describe.each(CORES)('matmul, %s core', (name) => {
  const bench = new Bench(createCore(name));

  describe.each(Object.entries(KINDS))('%s', (_, kind) => {
    test('is exact and stays in its bounds for all small shapes', () => {
      for (let rows = 1; rows <= 20; rows++) {
        for (let columns = 1; columns <= 20; columns++) {
          for (const inner of [0, 1, 2, 5, 17]) {
            const biased = (rows + columns + inner) % 2 === 0;
            expectExact(bench, { kind, rows, columns, inner, biased });
          }
        }
      }
    });

    test('is exact at the edges of tiles, panels and vectors, with any stride', () => {
      const sizes = [1, 3, 4, 5, 8, 11, 12, 13, 16, 17, 20, 28, 33, 36, 40];
      for (const rows of sizes) {
        for (const columns of sizes) {
          const inner = 1 + ((7 * rows + 3 * columns) % 40);
          const extra = 4 * ((rows + columns) % 3);
          const biased = inner % 2 === 0;
          expectExact(bench, { kind, rows, columns, inner, extra, biased, onto: rows % 2 === 0 });
        }
      }
    });

    test.each([
      [33, 300, 257],
      [10, 30, 784],
      [1, 70, 513],
      [1, 13, 300],
      [1, 4, 34],
      [784, 30, 1],
      [50, 77, 1],
      [784, 30, 10],
      [49, 44, 512],
      [157, 24, 300],
      [155, 68, 300],
      [151, 76, 20],
      [256, 36, 17],
      [259, 43, 254],
      [16, 16, 256],
      [17, 16, 259],
    ])('is exact across cache blocks: %i × %i, inner %i', (rows, columns, inner) => {
      expectExact(bench, { kind, rows, columns, inner });
      expectExact(bench, { kind, rows, columns, inner, extra: 8, biased: true });
      expectExact(bench, { kind, rows, columns, inner, onto: true });
    });

    test.each([
      [0, 5, 3],
      [5, 0, 3],
      [0, 0, 0],
    ])('writes nothing when there is nothing: %i × %i, inner %i', (rows, columns, inner) => {
      expectExact(bench, { kind, rows, columns, inner });
    });
  });

  test('multiplies 2 × 2 matrices as on paper', () => {
    bench.clear();
    const values = (...numbers: number[]): Matrix => {
      const address = bench.reserve(8);
      bench.floats.set(numbers, address / 4);
      return { address, stride: 4 };
    };
    const a = values(1, 2, 0, 0, 3, 4, 0, 0);
    const b = values(5, 6, 0, 0, 7, 8, 0, 0);
    const out = values();
    const results = Object.values(KINDS).map((kind) => {
      bench.multiply({ kind, rows: 2, columns: 2, inner: 2 }, { a, b, start: out, out });
      return [...bench.floats.subarray(out.address / 4, out.address / 4 + 8)];
    });
    expect(results).toEqual([
      [19, 22, 0, 0, 43, 50, 0, 0],
      [17, 23, 0, 0, 39, 53, 0, 0],
      [26, 30, 0, 0, 38, 44, 0, 0],
      [19, 22, 0, 0, 43, 50, 0, 0],
    ]);
  });
});
