/**
 * Which kernels a matrix product takes, which operands it packs and how wide its panels are: the one place that knows by
 * shape. Every choice gives the same bits, so this is about speed alone.
 */

import {
  KEPT_TERMS,
  MATMUL_NT,
  MATMUL_PANELS,
  MATMUL_TN,
  PANEL_COLUMNS,
  UNPACKED_COLUMNS,
  UNPACKED_ROWS,
} from '../../src/core/abi';
import { KC, MC, WIDEST_PANEL } from './tiles';

/** A product of up to this many rows reads each panel of B too seldom to repay a copy. */
const FEW_ROWS = UNPACKED_ROWS;

/** A product of up to this many columns reads each row of A too seldom to repay a copy. */
const FEW_COLUMNS = UNPACKED_COLUMNS;

/** A TN product reads A where it is while this many of its rows fit into L1, whatever their stride. */
const FEW_TERMS = 16;

/** As FEW_COLUMNS, for a TN product whose rows of A are scattered. */
const FEW_SCATTERED_COLUMNS = 32;

/** Floats on 64 pages of 4 KiB, about as many as a processor finds without delay. */
const FLOATS_AT_HAND = 64 * 1024;

/** Rows so many floats apart, or a multiple of it, are in at most four of the 64 sets of L1. */
const CROWDING_STRIDE = 256;

/** One row of at least this many terms is faster without packing B, whose elements are used once. */
const MANY_TERMS = 32;

/** The weight gradient of one example. */
export function isOuterProduct(kind: i32, inner: i32): bool {
  return kind == MATMUL_TN && inner == 1;
}

/** The backward pass of one example. */
export function isRowTimesTransposed(kind: i32, rows: i32, inner: i32): bool {
  return kind == MATMUL_NT && rows == 1 && inner >= MANY_TERMS;
}

/** Whether A is packed into groups of rows with their elements interleaved. */
export function packsLeft(kind: i32, rows: i32, columns: i32, inner: i32, aStride: i32): bool {
  if (kind != MATMUL_TN) return rows > FEW_ROWS && columns > FEW_COLUMNS;
  const few = isScattered(min(inner, KC), aStride) ? FEW_SCATTERED_COLUMNS : FEW_COLUMNS;
  return inner > FEW_TERMS && columns > few;
}

/**
 * Whether a thread that multiplies one part after the other of a line of so many columns packs A for all of them. It has half of the
 * columns, or less where more than two threads share them.
 */
export function keepsLeft(kind: i32, rows: i32, columns: i32, inner: i32, aStride: i32): bool {
  return rows <= MC && inner <= KEPT_TERMS && packsLeft(kind, rows, columns >> 1, inner, aStride);
}

/**
 * Whether rows of A lie so that the caches lose them before the next panel of B reads them again. Packing them is then worth 8 to 15 %
 * with 64 columns, where it costs 2 to 4 % otherwise.
 */
function isScattered(rows: i32, stride: i32): bool {
  return rows * stride > FLOATS_AT_HAND || stride % CROWDING_STRIDE == 0;
}

/** Whether B is packed into panels. */
export function packsRight(kind: i32, rows: i32): bool {
  return kind != MATMUL_PANELS && (kind == MATMUL_NT || rows > FEW_ROWS);
}

/** Columns of the next panel when `left`, a multiple of 4, remain; `interleaved`: A is read so, or B is in panels already. */
export function panelColumns(interleaved: bool, rows: i32, left: i32): i32 {
  if (left < 8) return 4;
  if (interleaved) return PANEL_COLUMNS;
  if (rows == 1 && left >= WIDEST_PANEL) return WIDEST_PANEL;
  // 12 columns are the fastest of those read row by row, but 8 + 8 beats 12 + 4.
  const fitsTallTile = rows > 2 && rows <= FEW_ROWS && rows % 3 != 0;
  return left < 12 || left == 16 || fitsTallTile ? 8 : 12;
}
