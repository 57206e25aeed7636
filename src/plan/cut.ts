import type { Instruction } from './program.ts';
import { roundUp, type Tensor } from './tensor.ts';

/** How an instruction is cut into parts that several threads can take, one by one and in any order. */
export interface Parts {
  /** Rows and columns of a part; 0 where there is no cut. */
  readonly rows: number;
  readonly columns: number;
  /** Bytes from an operand's address in one part to that in a part one row or one column further on. */
  readonly steps: Readonly<Record<Operand, Step>>;
}

export type Operand = 'out' | 'a' | 'b' | 'c' | 'd';
/** Bytes per row and per column. */
export type Step = readonly [row: number, column: number];
/** How to cut an instruction into parts of about so many nanoseconds; undefined when it is for one thread. */
export type Rule = (instruction: Instruction, shortest: number) => Parts | undefined;
/** Nanoseconds that a row or a column takes, roughly. */
export type Duration = (instruction: Instruction) => number;

/** An instruction has at most so many parts of rows or columns; they are counted in 16 bits. */
export const MOST_PARTS = 250;

/** Floats of a cache line: where parts meet within a row, no two threads write to one line. */
export const LINE = 16;

/** What of an operand belongs to a row of out: a row of it, one element, or nothing in particular, the same for all rows. */
type Share = 'row' | 'element' | 'all';

/** Step of an operand that every part reads whole, or that is not there. */
export const NOTHING: Step = [0, 0];
/** Step of one row, or of one that each row reads alike. */
export const ELEMENT_PER_COLUMN: Step = [0, 4];

function shareStep(tensor: Tensor | undefined, share: Share = 'row'): Step {
  if (!tensor || share === 'all') return NOTHING;
  return share === 'row' ? [tensor.stride * 4, 0] : [4, 0];
}

/**
 * Cuts between rows, which are examples. For kernels that sweep whole rows, padding included.
 *
 * @param duration - of a row
 * @param shares - of operands whose rows are not those of out
 * @param unit - rows of a part are a multiple of it
 */
export function byRows(
  duration: Duration,
  shares: Partial<Record<Operand, Share>> = {},
  unit = 1,
): Rule {
  return (instruction, shortest) => {
    const { out, a, b, c, d, rows = out?.rows ?? 0 } = instruction;
    return cut(partSize(rows, unit, duration(instruction), shortest), 0, {
      out: shareStep(out),
      a: shareStep(a, shares.a),
      b: shareStep(b, shares.b),
      c: shareStep(c, shares.c),
      d: shareStep(d),
    });
  };
}

/** Cuts between columns: of operands of one row each, or of a where out is the sum of its rows or there is none. */
export function byColumns(duration: Duration): Rule {
  return (instruction, shortest) => {
    const { out, a, b, c, columns = (out ?? a)?.width ?? 0 } = instruction;
    const step = (tensor: Tensor | undefined): Step => (tensor ? ELEMENT_PER_COLUMN : NOTHING);
    return cut(0, partSize(columns, LINE, duration(instruction), shortest), {
      out: step(out),
      a: step(a),
      b: step(b),
      c: step(c),
      d: NOTHING,
    });
  };
}

/** Parts of so many rows and columns; undefined when neither is cut. */
export function cut(rows: number, columns: number, steps: Parts['steps']): Parts | undefined {
  return rows + columns > 0 ? { rows, columns, steps } : undefined;
}

/**
 * Rows or columns of a part when `count` of them, each of so many nanoseconds, are cut into parts of about `shortest`.
 *
 * @returns a multiple of `unit`, or 0 when there would be one part
 */
export function partSize(
  count: number,
  unit: number,
  nanoseconds: number,
  shortest: number,
): number {
  const size = roundUp(Math.max(count / MOST_PARTS, shortest / nanoseconds, 1), unit);
  return size < count ? size : 0;
}
