import type { Arena, Instruction, Matrix } from '../arena.ts';
import type { Rows } from '../reference-kernels.ts';

/** Shape and layout of one run of a case. */
export interface Shape {
  rows: number;
  columns: number;
  /** Vectors of padding behind the necessary ones. */
  extra: number;
  /** Whether out is a, where the kernel allows it. */
  inPlace: boolean;
}

/** What a kernel must have written. */
export interface Output {
  matrix: Matrix;
  expected: Rows;
  /**
   * |got − expected| ≤ units · 2⁻²⁴ · max(1, |expected|). One unit is half an ulp of 1, the error of one rounding; a function is
   * accurate to an ulp or two, two to four units. Where a rounded number is multiplied, so is its error.
   */
  units: number;
  /** What must be true of the padding. */
  padding: 'zero' | 'kept' | 'finite';
}

/** A run that has been laid out in an arena. */
export interface Prepared {
  instruction: Instruction;
  outputs: Output[];
  /** Registers of the state block that must hold exactly these values afterwards. */
  registers?: [register: number, expected: number][];
}

/** One opcode, and one kind of it: lays out operands of a given shape, says what to run and what must come out. */
export interface KernelCase {
  name: string;
  opcode: number;
  kind?: number;
  prepare(arena: Arena, shape: Shape, random: Random): Prepared;
}

/** What fills the padding of operands whose padding may be anything finite. */
export const PADDING = 7;

/** A small generator of operands; the tests need variety, not quality. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** An integer below n. */
  integer(n: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * n);
  }

  /** An f32 in [−4, 4]; every other one is a multiple of ½, so that zeros, ties and kinks happen. */
  value(): number {
    if (this.integer(2) === 0) return this.integer(17) / 2 - 4;
    return Math.fround(this.integer(2 ** 24) / 2 ** 21 - 4);
  }

  /** An f32 in [0, 1]. */
  fraction(): number {
    return Math.fround(Math.abs(this.value()) / 4);
  }

  /** A vector of drawn numbers. */
  values(count: number, draw: () => number = () => this.value()): number[] {
    return Array.from({ length: count }, draw);
  }

  /** A matrix of drawn numbers. */
  rows(rows: number, columns: number, draw?: () => number): Rows {
    return Array.from({ length: rows }, () => this.values(columns, draw));
  }
}

/** out: the operand a itself when the shape says so, or else a new matrix full of PADDING. */
export function target(arena: Arena, { rows, columns, extra, inPlace }: Shape, a?: Matrix): Matrix {
  if (a && inPlace) return a;
  const values = Array.from({ length: rows }, () => new Array<number>(columns).fill(PADDING));
  return arena.matrix(values, columns, { extra, padding: PADDING });
}

/** A record with the addresses and strides of its operands. */
export function record(
  opcode: number,
  { rows, columns }: { rows: number; columns: number },
  { out, a, b, c }: { out?: Matrix; a?: Matrix; b?: Matrix; c?: Matrix },
  rest: Partial<Instruction> = {},
): Instruction {
  return {
    opcode,
    rows,
    columns,
    out: out?.address,
    a: a?.address,
    b: b?.address,
    c: c?.address,
    outStride: out?.stride,
    aStride: a?.stride,
    bStride: b?.stride,
    ...rest,
  };
}
