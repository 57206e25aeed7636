/**
 * Packing: the operands in the order in which the tiles read them. Copies only, no arithmetic.
 *
 * ```
 *   copyPanel                              transpose
 *   B[k, n]      panel[k][12]              from[rows, columns]     to[columns][rows]
 *   ┌─┬──┬──┐    ┌──┐                      ┌────────┐              ┌──┐
 *   │ │▒▒│  │ ─▶ │▒▒│                      │▒▒▒▒▒▒▒▒│          ─▶  │▒▒│
 *   │ │▒▒│  │    │▒▒│                      └────────┘              │▒▒│
 *   └─┴──┴──┘    └──┘                                              └──┘
 *
 *   interleaveRows                         interleaveColumns
 *   A[m, k]      block[m/5][k][5]          A[k, m]                 block[m/5][k][5]
 *   ┌────────┐                             ┌──┬──┬──┐
 *   │▒▒▒▒▒▒▒▒│   ┌──┐                      │▒▒│  │  │              ┌──┐
 *   ├────────┤ ─▶│▒▒│ …                    │▒▒│  │  │           ─▶ │▒▒│ …
 *   └────────┘   └──┘                      └──┴──┴──┘              └──┘
 * ```
 */

import { KC } from './tiles';

/** A row of zeros: stands in for absent rows and for an absent start. */
export const ZEROS: usize = memory.data(KC * 4, 16);

/**
 * to[rows][columns] = from[rows, columns] without gaps; columns is 4, 8 or 12, fromStride is bytes.
 */
export function copyPanel(
  to: usize,
  from: usize,
  fromStride: usize,
  rows: i32,
  columns: i32,
): void {
  const step = (<usize>columns) << 2;
  const end = to + <usize>rows * step;
  while (to < end) {
    v128.store(to, v128.load(from));
    if (columns >= 8) v128.store(to, v128.load(from, 16), 16);
    if (columns == 12) v128.store(to, v128.load(from, 32), 32);
    to += step;
    from += fromStride;
  }
}

/**
 * to[columns][rows] = from[rows, columns], 4×4 at a time; both strides are bytes.
 *
 * Rows and columns are rounded up to a multiple of 4: the additional rows are zeros and are not read, the additional
 * columns are read from the padding of `from`. columns ≤ KC.
 */
export function transpose(
  to: usize,
  toStride: usize,
  from: usize,
  fromStride: usize,
  rows: i32,
  columns: i32,
): void {
  for (let row = 0; row < rows; row += 4) {
    const row0 = from + <usize>row * fromStride;
    transposeRows(
      to + (row << 2),
      toStride,
      row0,
      row + 1 < rows ? row0 + fromStride : ZEROS,
      row + 2 < rows ? row0 + 2 * fromStride : ZEROS,
      row + 3 < rows ? row0 + 3 * fromStride : ZEROS,
      columns,
    );
  }
}

/** to[columns][4] = the four rows given by their addresses. */
function transposeRows(
  to: usize,
  toStride: usize,
  row0: usize,
  row1: usize,
  row2: usize,
  row3: usize,
  columns: i32,
): void {
  const end = row0 + ((<usize>columns) << 2);
  while (row0 < end) {
    const a = v128.load(row0);
    const b = v128.load(row1);
    const c = v128.load(row2);
    const d = v128.load(row3);
    const ab01 = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
    const ab23 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
    const cd01 = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
    const cd23 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
    v128.store(to, v128.shuffle<f64>(ab01, cd01, 0, 2));
    to += toStride;
    v128.store(to, v128.shuffle<f64>(ab01, cd01, 1, 3));
    to += toStride;
    v128.store(to, v128.shuffle<f64>(ab23, cd23, 0, 2));
    to += toStride;
    v128.store(to, v128.shuffle<f64>(ab23, cd23, 1, 3));
    to += toStride;
    row0 += 16;
    row1 += 16;
    row2 += 16;
    row3 += 16;
  }
}

/**
 * to[groups][columns][height] = from[rows, columns], rows in groups of height = step / 4; strides are bytes.
 *
 * Columns are rounded up to a multiple of 4, at most KC; those added are read from the padding of `from`. What belongs to
 * absent rows of the last group is unspecified.
 */
export function interleaveRows(
  to: usize,
  group: usize,
  step: usize,
  from: usize,
  fromStride: usize,
  rows: i32,
  columns: i32,
): void {
  const height = <i32>(step >> 2);
  for (let row = 0; row < rows; row += height) {
    const count = min(height, rows - row);
    transpose(to, step, from, fromStride, min(count, 4), columns);
    // The last four of 5 or 6 rows overlap the first four.
    if (count > 4) {
      const first = <usize>(count - 4);
      transpose(to + (first << 2), step, from + first * fromStride, fromStride, 4, columns);
    }
    to += group;
    from += <usize>height * fromStride;
  }
}

/** Rows that stay in L1 while the groups pass, even where a stride of a power of two crowds them into two of its sets. */
const STRIP_ROWS = 16;

/**
 * to[groups][rows][height] = from[rows, columns], columns in groups of height = step / 4: for an A that is transposed. Strip by strip, as
 * a line of `from` has columns of several groups.
 */
export function interleaveColumns(
  to: usize,
  group: usize,
  step: usize,
  from: usize,
  fromStride: usize,
  rows: i32,
  columns: i32,
): void {
  const height = <i32>(step >> 2);
  for (let row = 0; row < rows; row += STRIP_ROWS) {
    const strip = min(STRIP_ROWS, rows - row);
    let source = from;
    let target = to;
    for (let column = 0; column < columns; column += height) {
      const count = min(height, columns - column);
      if (count >= 4)
        copyVectorPairs(target, step, source, fromStride, (<usize>(count - 4)) << 2, strip);
      else copyColumns(target, step, source, fromStride, strip, count);
      target += group;
      source += step;
    }
    to += <usize>STRIP_ROWS * step;
    from += <usize>STRIP_ROWS * fromStride;
  }
}

/** to[rows] = from[rows], the vectors at 0 and at `second` bytes, which may overlap: 4, 5 or 6 floats of every row. */
function copyVectorPairs(
  to: usize,
  toStride: usize,
  from: usize,
  fromStride: usize,
  second: usize,
  rows: i32,
): void {
  const end = to + <usize>rows * toStride;
  while (to < end) {
    v128.store(to, v128.load(from));
    v128.store(to + second, v128.load(from + second));
    to += toStride;
    from += fromStride;
  }
}

/** to[rows, columns] = from[rows, columns], for fewer columns than a vector has. */
function copyColumns(
  to: usize,
  toStride: usize,
  from: usize,
  fromStride: usize,
  rows: i32,
  columns: i32,
): void {
  const bytes = (<usize>columns) << 2;
  const end = to + <usize>rows * toStride;
  while (to < end) {
    for (let offset: usize = 0; offset < bytes; offset += 4) {
      store<f32>(to + offset, load<f32>(from + offset));
    }
    to += toStride;
    from += fromStride;
  }
}
