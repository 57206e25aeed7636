import * as abi from '../core/abi.ts';
import {
  cut,
  ELEMENT_PER_COLUMN,
  MOST_PARTS,
  NOTHING,
  type Parts,
  partSize,
  type Step,
} from './cut.ts';
import { firstHalf } from './nonzeros.ts';
import type { Instruction } from './program.ts';
import { roundUp, type Tensor } from './tensor.ts';

/**
 * Columns of a part of a matrix product; threads take several parts at once while there are many.
 *
 * So few cost little, since a thread packs the left operand once for all its parts of a line (assembly/threads.ts). Time of the parts one
 * after the other on one thread, over that of the undivided product, Node 20:
 *
 * ```
 *  rows × columns of a part    65 × 64   130 × 16   130 × 32   130 × 64
 *  NN 128 × 512 × 784             1.05       1.02       1.01       1.01
 *  NT 128 × 512 × 512             1.04       1.00       1.00       1.00
 *  TN 512 × 512 × 128                        1.00       1.00       1.00
 *  TN 784 × 512 × 128                        1.01       1.01       1.01
 *  TN 784 × 128 × 128                        1.01       1.01       1.01
 * ```
 *
 * Of a weight gradient over more terms than are kept, as recurrent layers have it, each part packs its own, which wider parts repay.
 */
const COLUMNS = 16;
const COLUMNS_OF_MANY_TERMS = 64;
/** Multiple of the rows of the register tiles. */
const TILE_ROWS = 5;
/** Rows are cut closer than into blocks only to have so many parts. */
const FEWEST_PARTS = 4;
/** Columns of the widest sweeps over lists of nonzeros. */
const SPARSE_COLUMNS = { forward: 16, gradient: 32 };
/** Nanoseconds of a multiplication and an addition: of dense products, and of products over nonzeros for each element there might be. */
export const DENSE_NANOSECONDS = 0.035;
const SPARSE_NANOSECONDS = 0.015;

/** Cuts a product into blocks of rows and columns; see {@link COLUMNS}. Those over panels are for looking into networks, on one thread. */
export function product(
  { kind, out, a, b, c, inner = 0 }: Instruction,
  shortest: number,
): Parts | undefined {
  if (!out || !a || !b || kind === abi.MATMUL_PANELS) return undefined;
  const most = Math.floor((out.rows * out.width * inner * DENSE_NANOSECONDS) / shortest);
  if (most < 2) return undefined;
  const unit = kind === abi.MATMUL_TN && inner > abi.KEPT_TERMS ? COLUMNS_OF_MANY_TERMS : COLUMNS;
  const columns = roundUp(out.width / Math.min(most, MOST_PARTS), unit);
  const across = Math.ceil(out.width / columns);
  // In a product wider than high, parts that threads take together are to be side by side, for which there may be one row of them.
  const down = out.rows < out.width ? 1 : Math.ceil(out.rows / abi.BLOCK_ROWS);
  const wanted = Math.min(MOST_PARTS, Math.max(down, Math.ceil(FEWEST_PARTS / across)));
  const blocks = Math.min(wanted, Math.max(1, Math.floor(most / across)));
  const rows = roundUp(out.rows / blocks, TILE_ROWS);
  if (rows >= out.rows && across === 1) return undefined;
  return cut(rows, columns, {
    out: [out.stride * 4, 4],
    a: kind === abi.MATMUL_TN ? [4, 0] : [a.stride * 4, 0],
    b: kind === abi.MATMUL_NT ? [0, b.stride * 4] : ELEMENT_PER_COLUMN,
    c: startStep(out, c),
    d: NOTHING,
  });
}

/**
 * Cuts a product over lists of nonzeros. Forwards between columns: the kernel runs through all lists for one panel of columns after the
 * other in any case, and each thread then reads its part of the weights alone. A weight gradient between the halves of its rows first, as
 * the update is: each thread then updates what it has in its caches. Where the cores have none in common, a step of 784-128-10 takes nine
 * tenths of what it takes when cut between columns alone. The kernel finds its rows by their number: addresses are the same for both.
 */
export function sparseProduct(
  { kind, out, a, c, inner = 0 }: Instruction,
  shortest: number,
): Parts | undefined {
  if (!out || !a) return undefined;
  const isForward = kind === abi.MATMUL_NN;
  const rows = isForward ? 0 : firstHalf(out.rows);
  const nanoseconds = (rows || out.rows) * inner * SPARSE_NANOSECONDS;
  if (rows > 0 && (rows === out.rows || out.width * nanoseconds < shortest)) return undefined;
  const unit = isForward ? SPARSE_COLUMNS.forward : SPARSE_COLUMNS.gradient;
  return cut(rows, partSize(out.width, unit, nanoseconds, shortest), {
    out: ELEMENT_PER_COLUMN,
    a: NOTHING,
    b: ELEMENT_PER_COLUMN,
    c: c ? ELEMENT_PER_COLUMN : NOTHING,
    d: NOTHING,
  });
}

/** Of where a sum starts: at what is in out, at one row for all rows, or nowhere, at 0. */
function startStep(out: Tensor, c: Tensor | undefined): Step {
  if (c === out) return [out.stride * 4, 4];
  return c ? ELEMENT_PER_COLUMN : NOTHING;
}
