import * as abi from '../core/abi.ts';
import { byColumns, byRows, type Duration, type Parts, type Rule } from './cut.ts';
import { DENSE_NANOSECONDS, product, sparseProduct } from './product-parts.ts';
import type { Instruction } from './program.ts';

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

/** Rows of a part of a recurrent layer: so few that its products read both operands where they are and a mini-batch has many parts. */
const STEP_ROWS = 8;

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

/**
 * Writes the second half of a record, which is 0 without, when the first is written.
 *
 * Parts are counted along the shorter side of a matrix first. Two threads that have the first and the second half of them then share the
 * operand that is read along it, which is the smaller one, and have half of the other each.
 */
export function encodeParts(record: DataView, { rows, columns, steps }: Parts): void {
  const integer = (field: number, value: number): void => record.setUint32(field, value, true);
  const wholeRows = record.getUint32(abi.FIELD_ROWS, true);
  const wholeColumns = record.getUint32(abi.FIELD_COLUMNS, true);
  const down = rows ? Math.ceil(wholeRows / rows) : 1;
  const across = columns ? Math.ceil(wholeColumns / columns) : 1;
  const sideBySide = wholeRows < wholeColumns ? down === 1 : across > 1;
  integer(abi.FIELD_PART_ROWS, rows || wholeRows);
  integer(abi.FIELD_PART_COLUMNS, columns || wholeColumns);
  integer(abi.FIELD_LINES, sideBySide ? down : across);
  integer(abi.FIELD_LINE_PARTS, sideBySide ? across : down);
  integer(abi.FIELD_SIDE_BY_SIDE, Number(sideBySide));
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
