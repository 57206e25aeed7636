import * as abi from '../core/abi.ts';
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

type Operand = 'out' | 'a' | 'b' | 'c' | 'd';
type Step = readonly [row: number, column: number];
type Rule = (instruction: Instruction, shortest: number) => Parts | undefined;
/** Nanoseconds that a row or a column takes, roughly. */
type Duration = (instruction: Instruction) => number;

/**
 * A part takes at least so long; what does not make two of them is for one thread. To offer an instruction and to wait for its last part
 * costs half a microsecond on two threads. Training a network of n inputs, n and 10 units, two threads over one, Node 20:
 *
 * ```
 *  n, batch      64, 10   64, 32   128, 8   128, 32   256, 1   256, 32
 *  µs per step      9       20       24        61       45       210
 *  faster         1.05     1.01     1.18      1.50     1.40      1.63
 * ```
 *
 * With parts of 10 µs, 784-128-10 in batches of 128 was 1.55 times as fast instead of 1.8.
 */
const PART_NANOSECONDS = 2_500;

/** An instruction has at most so many parts of rows or columns; they are counted in 16 bits. */
const MOST_PARTS = 250;

/** Floats of a cache line: where parts meet within a row, no two threads write to one line. */
const LINE = 16;

/**
 * Columns of a part of a matrix product that has many parts, and of others the fewest; the most of others are `UNPACKED_COLUMNS`.
 *
 * Every part packs its operands anew. Little is lost to that with `BLOCK_ROWS` rows, which the product packs at once anyway, and with
 * columns so few that it reads the left operand where it is. Time of the parts one after the other on one thread, over that of the
 * undivided product, Node 20:
 *
 * ```
 *  rows × columns of a part    65 × 64   128 × 64   128 × 32   115 × 256   115 × 64
 *  NN 128 × 512 × 784             1.07       1.03       1.03
 *  NT 128 × 512 × 512             1.07       1.04       1.04
 *  TN 784 × 512 × 128                                               1.01       1.02
 * ```
 */
const BLOCK_COLUMNS = 256;
const LEAST_COLUMNS = 32;
/** Multiple of the rows of the register tiles. */
const TILE_ROWS = 5;
/** Parts that keep threads of unequal speed busy to the end. */
const ENOUGH_PARTS = 12;
/** Where there are fewer of whole blocks, columns are cut into so many parts, if they are wide enough. */
const COLUMN_PARTS = 8;
/** Rows are cut closer than into blocks only to have so many parts. */
const FEWEST_PARTS = 4;
/** Columns of the widest sweeps over lists of nonzeros. */
const SPARSE_COLUMNS = { forward: 16, gradient: 32 };
/** Rows for which the products of a recurrent layer read both operands where they are. */
const STEP_ROWS = 16;
/** Nanoseconds of a multiplication and an addition: of dense products, and of products over nonzeros for each element there might be. */
const DENSE_NANOSECONDS = 0.035;
const SPARSE_NANOSECONDS = 0.015;

/** What of an operand belongs to a row of out: a row of it, one element, or nothing in particular, the same for all rows. */
type Share = 'row' | 'element' | 'all';

const NOTHING: Step = [0, 0];
const ELEMENT_PER_COLUMN: Step = [0, 4];

function shareStep(tensor: Tensor | undefined, share: Share = 'row'): Step {
  if (!tensor || share === 'all') return NOTHING;
  return share === 'row' ? [tensor.stride * 4, 0] : [4, 0];
}

/** So many nanoseconds for each element of a row of out, padding included. */
function elementwise(nanoseconds: number): Duration {
  return ({ out }) => (out?.stride ?? 0) * nanoseconds;
}

/** So many nanoseconds for each element of a column of a. */
function perColumn(nanoseconds: number): Duration {
  return ({ a, rows = a?.rows ?? 0 }) => rows * nanoseconds;
}

/** All steps of an example in a recurrent layer: products with the recurrent weights, in the main. */
const stepwise: Duration = ({ out, a, inner = 0 }) =>
  inner * (out?.stride ?? 0) * (a?.stride ?? 0) * DENSE_NANOSECONDS;

/**
 * Cuts between rows, which are examples. For kernels that sweep whole rows, padding included.
 *
 * @param duration - of a row
 * @param shares - of operands whose rows are not those of out
 * @param unit - rows of a part are a multiple of it
 */
function byRows(duration: Duration, shares: Partial<Record<Operand, Share>> = {}, unit = 1): Rule {
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
function byColumns(duration: Duration): Rule {
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

function cut(rows: number, columns: number, steps: Parts['steps']): Parts | undefined {
  return rows + columns > 0 ? { rows, columns, steps } : undefined;
}

/**
 * Rows or columns of a part when `count` of them, each of so many nanoseconds, are cut into parts of about `shortest`.
 *
 * @returns a multiple of `unit`, or 0 when there would be one part
 */
function partSize(count: number, unit: number, nanoseconds: number, shortest: number): number {
  const size = roundUp(Math.max(count / MOST_PARTS, shortest / nanoseconds, 1), unit);
  return size < count ? size : 0;
}

/** Cuts a product into blocks of rows and columns; see {@link BLOCK_COLUMNS}. Those over panels are for looking into networks, on one thread. */
function product(
  { kind, out, a, b, c, inner = 0 }: Instruction,
  shortest: number,
): Parts | undefined {
  if (!out || !a || !b || kind === abi.MATMUL_PANELS) return undefined;
  const most = Math.floor((out.rows * out.width * inner * DENSE_NANOSECONDS) / shortest);
  const down = Math.min(MOST_PARTS, Math.ceil(out.rows / abi.BLOCK_ROWS));
  const many = down * Math.ceil(out.width / BLOCK_COLUMNS) >= ENOUGH_PARTS;
  const columns = many ? BLOCK_COLUMNS : fewColumns(out.width);
  const across = Math.ceil(out.width / columns);
  const wanted = Math.max(down, Math.ceil(FEWEST_PARTS / across));
  const blocks = Math.min(wanted, Math.max(1, Math.floor(most / across)));
  const rows = roundUp(out.rows / blocks, TILE_ROWS);
  if (most < 2 || (rows >= out.rows && across === 1)) return undefined;
  return cut(rows, columns, {
    out: [out.stride * 4, 4],
    a: kind === abi.MATMUL_TN ? [4, 0] : [a.stride * 4, 0],
    b: kind === abi.MATMUL_NT ? [0, b.stride * 4] : ELEMENT_PER_COLUMN,
    c: startStep(out, c),
    d: NOTHING,
  });
}

/** Columns of a part of a product that has few parts of whole blocks. */
function fewColumns(width: number): number {
  const few = Math.min(abi.UNPACKED_COLUMNS, roundUp(width / COLUMN_PARTS, LEAST_COLUMNS));
  return Math.max(few, roundUp(width / MOST_PARTS, LEAST_COLUMNS));
}

/**
 * Cuts columns of a product over lists of nonzeros: the kernels run through all lists for one panel of columns after the other in any
 * case, and each thread then reads its part of the weights alone.
 */
function sparseProduct(
  { kind, out, a, c, inner = 0 }: Instruction,
  shortest: number,
): Parts | undefined {
  if (!out || !a) return undefined;
  const unit = kind === abi.MATMUL_NN ? SPARSE_COLUMNS.forward : SPARSE_COLUMNS.gradient;
  const nanoseconds = out.rows * inner * SPARSE_NANOSECONDS;
  return cut(0, partSize(out.width, unit, nanoseconds, shortest), {
    out: ELEMENT_PER_COLUMN,
    a: NOTHING,
    b: ELEMENT_PER_COLUMN,
    c: startStep(out, c),
    d: NOTHING,
  });
}

/** Of where a sum starts: at what is in out, at one row for all rows, or nowhere, at 0. */
function startStep(out: Tensor, c: Tensor | undefined): Step {
  if (c === out) return [out.stride * 4, 4];
  return c ? ELEMENT_PER_COLUMN : NOTHING;
}

/** Where there is a second operand, its largest value is a factor of every element's bound: that is for one thread. */
const bound: Rule = (instruction, shortest) =>
  instruction.b ? undefined : byColumns(perColumn(0.04))(instruction, shortest);

/** The order of the examples at b; the rows of the data at a are read anywhere. */
const GATHERED = { a: 'all', b: 'element' } as const;
/** A cost or a weight for each example at c. */
const PER_EXAMPLE = { c: 'element' } as const;
/** Recurrent weights, for all examples. */
const RECURRENT = { b: 'all' } as const;

const recurrent = byRows(stepwise, RECURRENT, STEP_ROWS);

/**
 * How the instructions are cut whose output elements do not depend on each other. An opcode that is not listed is executed by one
 * thread, as every one that writes registers must be.
 */
const rules: Readonly<Record<number, Rule>> = {
  [abi.OP_GATHER_ROWS]: byRows(elementwise(0.2), GATHERED),
  [abi.OP_GATHER_BYTES]: byRows(elementwise(0.2), GATHERED),
  [abi.OP_GATHER_LABELS]: byRows(elementwise(0.2), GATHERED),
  [abi.OP_NORMALIZE]: byRows(elementwise(0.2), { b: 'all', c: 'all' }),
  [abi.OP_MATMUL]: product,
  [abi.OP_SPARSE_MATMUL]: sparseProduct,
  [abi.OP_COLUMN_SUMS]: byColumns(perColumn(0.1)),
  [abi.OP_ACTIVATE]: byRows(elementwise(1)),
  [abi.OP_ACTIVATE_GRADIENT]: byRows(elementwise(0.5)),
  [abi.OP_SOFTMAX]: byRows(elementwise(2)),
  [abi.OP_SOFTMAX_GRADIENT]: byRows(elementwise(1)),
  [abi.OP_DROPOUT]: byRows(elementwise(2)),
  [abi.OP_LOSS]: byRows(elementwise(1), PER_EXAMPLE),
  [abi.OP_SOFTMAX_CROSS_ENTROPY]: byRows(elementwise(6), PER_EXAMPLE),
  [abi.OP_SIGMOID_CROSS_ENTROPY]: byRows(elementwise(6), PER_EXAMPLE),
  [abi.OP_WEIGHT_ROWS]: byRows(elementwise(0.2), PER_EXAMPLE),
  [abi.OP_COPY]: byRows(elementwise(0.1)),
  [abi.OP_SELECT_ROWS]: byRows(elementwise(0.1)),
  [abi.OP_RNN]: recurrent,
  [abi.OP_RNN_GRADIENT]: recurrent,
  [abi.OP_LSTM]: recurrent,
  [abi.OP_LSTM_GRADIENT]: recurrent,
  [abi.OP_GRU]: recurrent,
  [abi.OP_GRU_GRADIENT]: recurrent,
  [abi.OP_GRU_BEFORE]: recurrent,
  [abi.OP_GRU_BEFORE_GRADIENT]: recurrent,
  [abi.OP_CHECK_BOUND]: bound,
  [abi.OP_CLIP_VALUE]: byColumns(() => 0.1),
  [abi.OP_CLIP_NORM]: byColumns(() => 0.1),
  [abi.OP_SCALE_BY_RATE]: byRows(elementwise(0.2)),
  [abi.OP_SGD]: byColumns(() => 0.2),
  [abi.OP_MOMENTUM]: byColumns(() => 0.3),
  [abi.OP_NESTEROV]: byColumns(() => 0.3),
  [abi.OP_RMSPROP]: byColumns(() => 0.6),
  [abi.OP_ADAGRAD]: byColumns(() => 0.6),
  [abi.OP_ADAM]: byColumns(() => 0.8),
  [abi.OP_ADAMW]: byColumns(() => 0.8),
};

/**
 * How to cut an instruction; undefined when it is for one thread, because of what it does or because it is short.
 *
 * @param shortest - nanoseconds that a part takes at least, more or less
 */
export function partsOf(
  instruction: Instruction,
  shortest: number = PART_NANOSECONDS,
): Parts | undefined {
  return rules[instruction.opcode]?.(instruction, shortest);
}

/**
 * Writes how several threads share an instruction.
 *
 * @returns false when it is for one thread
 */
export function writeParts(record: DataView, instruction: Instruction): boolean {
  const parts = partsOf(instruction);
  if (parts) encodeParts(record, parts);
  return parts !== undefined;
}

/** Writes the second half of a record, which is 0 without. */
export function encodeParts(record: DataView, { rows, columns, steps }: Parts): void {
  const integer = (field: number, value: number): void => record.setUint32(field, value, true);
  integer(abi.FIELD_PART_ROWS, rows);
  integer(abi.FIELD_PART_COLUMNS, columns);
  integer(abi.FIELD_OUT_ROW_STEP, steps.out[0]);
  integer(abi.FIELD_OUT_COLUMN_STEP, steps.out[1]);
  integer(abi.FIELD_A_ROW_STEP, steps.a[0]);
  integer(abi.FIELD_A_COLUMN_STEP, steps.a[1]);
  integer(abi.FIELD_B_ROW_STEP, steps.b[0]);
  integer(abi.FIELD_B_COLUMN_STEP, steps.b[1]);
  integer(abi.FIELD_C_ROW_STEP, steps.c[0]);
  integer(abi.FIELD_C_COLUMN_STEP, steps.c[1]);
  integer(abi.FIELD_D_ROW_STEP, steps.d[0]);
}
