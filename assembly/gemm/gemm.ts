/**
 * The matrix product in the three layouts that training needs.
 *
 *   kind   A         B         packed
 *   NN     [m, k]    [k, n]    B copied, unless C has few rows
 *   NT     [m, k]    [n, k]    B transposed
 *   TN     [k, m]    [k, n]    A transposed; B copied, unless C has few rows
 *
 * Loops from outside in: k by KC, rows by MC, columns by panels (`panelColumns`), then the tiles of a panel and k
 * (`micro.ts`). The k blocks of one output follow each other, each continuing from the value in C; so every output is
 * start + a₀b₀ + a₁b₁ + … from left to right, whatever the blocks, panels and tiles are.
 */

import { MATMUL_NT, MATMUL_TN, SCRATCH_BYTES } from '../../src/core/abi';
import { panel12, panel32, panel4, panel8 } from './micro';
import { copyPanel, transpose, ZEROS } from './pack';
import {
  BLOCK_OFFSET,
  FEW_ROWS,
  GEMM_SCRATCH_BYTES,
  KC,
  MC,
  PANEL_OFFSET,
  WIDEST_PANEL,
} from './tiles';

if (GEMM_SCRATCH_BYTES > SCRATCH_BYTES) ERROR('abi: SCRATCH_BYTES');

/**
 * out[rows, columns] = start + Σₖ op(a)[·, k] op(b)[k, ·], k from 0 to inner − 1, each product and each sum rounded.
 * To first order the error of an output is at most (inner + 1) · 2⁻²⁴ · (|start| + Σ |a||b|).
 *
 * Strides are floats, multiples of 4; addresses are 16-byte aligned; out overlaps no operand. start is one row for all
 * rows of out, 0 for zeros, or out for the values already there. Any size may be 0. Rows beyond the given sizes are not read. The padding of out up to a
 * multiple of 4 columns is written and becomes zero, if that of start is and, in NN and TN, that of b.
 */
export function matmul(
  kind: i32,
  out: usize,
  a: usize,
  b: usize,
  start: usize,
  rows: i32,
  columns: i32,
  inner: i32,
  outStride: i32,
  aStride: i32,
  bStride: i32,
  scratch: usize,
): void {
  const outBytes = (<usize>outStride) << 2;
  const aBytes = (<usize>aStride) << 2;
  const bBytes = (<usize>bStride) << 2;
  const padded = (columns + 3) & ~3;
  const packed = kind == MATMUL_NT || rows > FEW_ROWS;

  // The first pass always happens: with inner = 0 the tiles copy start.
  for (let k = 0; k == 0 || k < inner; k += KC) {
    const depth = min(KC, inner - k);
    const kBytes = (<usize>k) << 2;
    for (let i = 0; i < rows; i += MC) {
      const height = min(MC, rows - i);
      let block = a + <usize>i * aBytes + kBytes;
      let blockStride = aBytes;
      if (kind == MATMUL_TN) {
        const from = a + <usize>k * aBytes + ((<usize>i) << 2);
        block = scratch + BLOCK_OFFSET;
        blockStride = (<usize>((depth + 3) & ~3)) << 2;
        transpose(block, blockStride, from, aBytes, depth, height);
      }
      for (let j = 0, width = 0; j < padded; j += width) {
        width = panelColumns(rows, padded - j);
        const jBytes = (<usize>j) << 2;
        const bBlock =
          kind == MATMUL_NT ? b + <usize>j * bBytes + kBytes : b + <usize>k * bBytes + jBytes;
        let panel = bBlock;
        let panelStep = bBytes;
        if (packed) {
          panel = scratch + PANEL_OFFSET;
          panelStep = (<usize>width) << 2;
          if (kind == MATMUL_NT) {
            transpose(panel, panelStep, bBlock, bBytes, min(width, columns - j), depth);
          } else {
            copyPanel(panel, bBlock, bBytes, depth, width);
          }
        }
        const c = out + <usize>i * outBytes + jBytes;
        let from = c;
        let fromStride = outBytes;
        if (k == 0 && start != out) {
          from = start ? start + jBytes : ZEROS;
          fromStride = 0;
        }
        // prettier-ignore
        multiply(width, height, c, outBytes, from, fromStride, block, blockStride, panel, panelStep, depth);
      }
    }
  }
}

/**
 * Columns of the next panel when `left`, a multiple of 4, remain. Measured: tiles of 12 columns are the fastest, but
 * 8 + 8 beats 12 + 4, and when rows are few it counts that they fill whole tiles.
 */
function panelColumns(rows: i32, left: i32): i32 {
  if (rows == 1 && left >= WIDEST_PANEL) return WIDEST_PANEL;
  if (left < 8) return 4;
  const fitsFiveRows = rows > 2 && rows <= FEW_ROWS && rows % 3 != 0;
  return left < 12 || left == 16 || fitsFiveRows ? 8 : 12;
}

/** One panel of C. */
function multiply(
  columns: i32,
  rows: i32,
  c: usize,
  cStride: usize,
  from: usize,
  fromStride: usize,
  a: usize,
  aStride: usize,
  b: usize,
  bStep: usize,
  inner: usize,
): void {
  switch (columns) {
    case WIDEST_PANEL:
      panel32(rows, c, cStride, from, fromStride, a, aStride, b, bStep, inner);
      break;
    case 12:
      panel12(rows, c, cStride, from, fromStride, a, aStride, b, bStep, inner);
      break;
    case 8:
      panel8(rows, c, cStride, from, fromStride, a, aStride, b, bStep, inner);
      break;
    default:
      panel4(rows, c, cStride, from, fromStride, a, aStride, b, bStep, inner);
  }
}
