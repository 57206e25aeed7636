import { describe, expect, test } from 'vitest';
import * as abi from '../../src/core/abi.ts';
import type { Core, CoreName } from '../../src/core/core.ts';
import { createCore } from '../../src/core/create.ts';

/** A NaN: read outside an operand it would show in the result, overwritten it would show in the memory. */
const GUARD = 0x7fc0dead;
const GUARD_FLOATS = 40;
const MEMORY_BYTES = 4 << 20;

const KINDS = { NN: abi.MATMUL_NN, NT: abi.MATMUL_NT, TN: abi.MATMUL_TN };

interface Product {
  kind: number;
  rows: number;
  columns: number;
  inner: number;
  /** Floats by which every stride exceeds the smallest possible one. */
  extra?: number;
  biased?: boolean;
  /** Adds onto what is in out. */
  onto?: boolean;
}

type Matrix = { address: number; stride: number };
type Operands = Record<'a' | 'b' | 'start' | 'out', Matrix>;

const roundUp = (count: number): number => Math.ceil(count / abi.LANES) * abi.LANES;

/** Numbers in [−1, 1), one in eight of them a zero of either sign. */
function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    if (state >>> 29 === 0) return state & 65536 ? 0 : -0;
    return Math.fround(state / 2 ** 31 - 1);
  };
}

/** The memory of one product after another: record, state and scratch, then guarded operands. */
class Bench {
  readonly core: Core;
  readonly words: Uint32Array;
  readonly floats: Float32Array;
  readonly record: number;
  readonly state: number;
  /** First address of the operands. */
  readonly first: number;
  top: number;

  constructor(core: Core) {
    core.grow(MEMORY_BYTES);
    this.core = core;
    this.words = new Uint32Array(core.buffer);
    this.floats = new Float32Array(core.buffer);
    this.record = core.base;
    this.state = this.record + abi.RECORD_BYTES;
    this.first = this.state + abi.STATE_BYTES + abi.SCRATCH_BYTES;
    this.top = this.first;
  }

  /** Forgets the operands. */
  clear(): void {
    this.top = this.first;
    this.reserve(0);
  }

  /** Reserves a region with guards behind it. */
  reserve(count: number): number {
    const address = this.top;
    this.top += abi.ALIGNMENT * Math.ceil((4 * (count + GUARD_FLOATS)) / abi.ALIGNMENT);
    if (this.top > MEMORY_BYTES) throw new RangeError('MEMORY_BYTES is too small for this product');
    this.words.fill(GUARD, address / 4, this.top / 4);
    return address;
  }

  /** A matrix of numbers; its padding up to the next multiple of 4 columns is zero, or guards like the rest. */
  matrix(
    rows: number,
    columns: number,
    extra: number,
    padding: 'zero' | 'guard',
    next: () => number,
  ): Matrix {
    const stride = roundUp(columns) + extra;
    const address = this.reserve(rows * stride);
    for (let row = 0; row < rows; row++) {
      const start = address / 4 + row * stride;
      for (let column = 0; column < columns; column++) this.floats[start + column] = next();
      if (padding === 'zero') this.floats.fill(0, start + columns, start + roundUp(columns));
    }
    return { address, stride };
  }

  at(matrix: Matrix, row: number, column: number): number {
    return this.floats[matrix.address / 4 + row * matrix.stride + column]!;
  }

  /** Runs one OP_MATMUL. */
  multiply(product: Product, { out, a, b, start }: Operands): void {
    const fields = {
      [abi.FIELD_OPCODE]: abi.OP_MATMUL,
      [abi.FIELD_KIND]: product.kind,
      [abi.FIELD_OUT]: out.address,
      [abi.FIELD_A]: a.address,
      [abi.FIELD_B]: b.address,
      [abi.FIELD_C]: product.onto ? out.address : product.biased ? start.address : 0,
      [abi.FIELD_ROWS]: product.rows,
      [abi.FIELD_COLUMNS]: product.columns,
      [abi.FIELD_INNER]: product.inner,
      [abi.FIELD_OUT_STRIDE]: out.stride,
      [abi.FIELD_A_STRIDE]: a.stride,
      [abi.FIELD_B_STRIDE]: b.stride,
    };
    for (const [field, value] of Object.entries(fields)) {
      this.words[(this.record + Number(field)) / 4] = value;
    }
    expect(this.core.run(this.state, this.record, 1, 1)).toBe(1);
  }
}

/** Operands full of numbers and an empty result. */
function place(bench: Bench, product: Product): Operands {
  const { kind, rows, columns, inner, extra = 0, onto } = product;
  const next = numbers(rows * 7919 + columns * 104729 + inner);
  bench.clear();
  return {
    a:
      kind === abi.MATMUL_TN
        ? bench.matrix(inner, rows, extra, 'guard', next)
        : bench.matrix(rows, inner, extra, 'guard', next),
    b:
      kind === abi.MATMUL_NT
        ? bench.matrix(columns, inner, extra, 'guard', next)
        : bench.matrix(inner, columns, extra, 'zero', next),
    start: bench.matrix(1, columns, 0, 'zero', next),
    out: bench.matrix(rows, columns, extra, onto ? 'zero' : 'guard', onto ? next : () => NaN),
  };
}

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
    const right = product.kind === abi.MATMUL_NT ? bench.at(b, j, k) : bench.at(b, k, j);
    sum = Math.fround(sum + Math.fround(left * right));
  }
  return sum;
}

/** Every bit of the result is that of the three-line loop, and no other bit of the memory changes. */
function expectExact(bench: Bench, product: Product): void {
  const operands = place(bench, product);
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

describe.each<CoreName>(['js', 'simd'])('matmul, %s core', (name) => {
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
      [784, 30, 10],
      [49, 44, 512],
      [97, 24, 300],
      [95, 68, 300],
      [91, 76, 20],
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
    ]);
  });
});
