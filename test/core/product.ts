import { expect } from 'vitest';
import * as abi from '../../src/core/abi.ts';
import type { Core } from '../../src/core/core.ts';
import { panelIndex } from './panels.ts';

/** A NaN: read outside an operand it would show in the result, overwritten it would show in the memory. */
const GUARD = 0x7fc0dead;
const GUARD_FLOATS = 40;
const MEMORY_BYTES = 4 << 20;

/** The layouts of OP_MATMUL. */
export const KINDS: Record<string, number> = {
  NN: abi.MATMUL_NN,
  NT: abi.MATMUL_NT,
  TN: abi.MATMUL_TN,
  PANELS: abi.MATMUL_PANELS,
};

/** One OP_MATMUL. */
export interface Product {
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

/** Where a matrix is and how many floats apart its rows are. */
export type Matrix = { address: number; stride: number };
/** The matrices of a product. */
export type Operands = Record<'a' | 'b' | 'start' | 'out', Matrix>;

/** The next multiple of LANES. */
export const roundUp = (count: number): number => Math.ceil(count / abi.LANES) * abi.LANES;

/** Numbers in [−1, 1), one in eight of them a zero of either sign. */
export function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    if (state >>> 29 === 0) return state & 65536 ? 0 : -0;
    return Math.fround(state / 2 ** 31 - 1);
  };
}

/** Integers in [−8, 8), whose products and sums are exact, fused or not. */
export function integers(seed: number): () => number {
  const next = numbers(seed);
  return () => Math.floor(8 * next());
}

/** The memory of one product after another: record, state and scratch, then guarded operands. */
export class Bench {
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

/** Element [k, j] of the right operand. */
export function rightOf(bench: Bench, product: Product, b: Matrix, k: number, j: number): number {
  const { kind, inner, columns } = product;
  if (kind === abi.MATMUL_NT) return bench.at(b, j, k);
  if (kind !== abi.MATMUL_PANELS) return bench.at(b, k, j);
  return bench.floats[b.address / 4 + panelIndex(k, j, inner, columns)]!;
}

/** A matrix in panels; its padding is zero. */
function panels(bench: Bench, rows: number, columns: number, next: () => number): Matrix {
  const stride = roundUp(columns);
  const address = bench.reserve(rows * stride);
  bench.floats.fill(0, address / 4, address / 4 + rows * stride);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      bench.floats[address / 4 + panelIndex(row, column, rows, columns)] = next();
    }
  }
  return { address, stride };
}

/** Operands full of numbers and an empty result. */
export function place(bench: Bench, product: Product, draw = numbers): Operands {
  const { kind, rows, columns, inner, extra = 0, onto } = product;
  const next = draw(rows * 7919 + columns * 104729 + inner);
  bench.clear();
  return {
    a:
      kind === abi.MATMUL_TN
        ? bench.matrix(inner, rows, extra, 'guard', next)
        : bench.matrix(rows, inner, extra, 'guard', next),
    b:
      kind === abi.MATMUL_NT
        ? bench.matrix(columns, inner, extra, 'guard', next)
        : kind === abi.MATMUL_PANELS
          ? panels(bench, inner, columns, next)
          : bench.matrix(inner, columns, extra, 'zero', next),
    start: bench.matrix(1, columns, 0, 'zero', next),
    out: bench.matrix(rows, columns, extra, onto ? 'zero' : 'guard', onto ? next : () => NaN),
  };
}
