/**
 * The matrix product in the three layouts that training needs.
 *
 *   kind   A         B         packed (`paths.ts` says when)
 *   NN     [m, k]    [k, n]    A interleaved, B copied, or either read where it is
 *   NT     [m, k]    [n, k]    A interleaved or read where it is, B transposed
 *   TN     [k, m]    [k, n]    A interleaved, B copied, or either read where it is
 *   PANELS [m, k]    panels    A interleaved or read where it is, B copied by `packPanels` before
 *
 * Loops from outside in: k by KC, rows by MC, columns by panels (`panelColumns`), then the tiles of a panel and k
 * (`micro.simd.ts`, `micro.relaxed.ts`). The k blocks of one output follow each other, each continuing from the value in C; so every output is
 * start + a₀b₀ + a₁b₁ + … from left to right, whatever the blocks, panels and tiles are.
 */

import { MATMUL_NT, MATMUL_PANELS, MATMUL_TN, SCRATCH_BYTES } from '../../src/core/abi';
import * as relaxed from './micro.relaxed';
import * as simd from './micro.simd';
import { outerProduct, rowTimesTransposed } from './online';
import { copyPanel, interleaveColumns, interleaveRows, transpose, ZEROS } from './pack';
import { isOuterProduct, isRowTimesTransposed, packsLeft, packsRight, panelColumns } from './paths';
import { BLOCK_OFFSET, GEMM_SCRATCH_BYTES, KC, MC, PANEL_OFFSET } from './tiles';

/** Rows of the highest tile. */
const TILE_ROWS: i32 = ASC_FEATURE_RELAXED_SIMD ? relaxed.TILE_ROWS : simd.TILE_ROWS;

/** Bytes from one term to the next in a group of packed rows. */
const GROUP_STEP: usize = (<usize>TILE_ROWS) << 2;

if (GEMM_SCRATCH_BYTES > SCRATCH_BYTES) ERROR('abi: SCRATCH_BYTES');

/**
 * out[rows, columns] = start + Σₖ op(a)[·, k] op(b)[k, ·], k from 0 to inner − 1, each product and each sum rounded.
 * To first order the error of an output is at most (inner + 1) · 2⁻²⁴ · (|start| + Σ |a||b|). In the relaxed core a
 * product and its sum may be rounded together, which leaves the bound as it is but not the bits.
 *
 * Strides are floats, multiples of 4; addresses are 16-byte aligned; out overlaps no operand. start is one row for all
 * rows of out, 0 for zeros, or out for the values already there. Any size may be 0. Rows beyond the given sizes are not
 * read. The padding of out up to a multiple of 4 columns is written and becomes zero, if that of start is and, in NN and
 * TN, that of b.
 *
 * @param packed - where `packLeft` has packed a, 0 to read it at a
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
  packed: usize,
): void {
  const outBytes = (<usize>outStride) << 2;
  const aBytes = (<usize>aStride) << 2;
  const bBytes = (<usize>bStride) << 2;
  if (isOuterProduct(kind, inner)) {
    return outerProduct(out, outBytes, a, b, start, rows, columns);
  }
  if (isRowTimesTransposed(kind, rows, inner)) {
    return rowTimesTransposed(out, a, b, bBytes, start, columns, inner, scratch);
  }
  const padded = (columns + 3) & ~3;
  const packedA = packed != 0 || packsLeft(kind, rows, columns, inner, aStride);
  const packedB = packsRight(kind, rows);
  const inPanels = kind == MATMUL_PANELS;

  // The first pass always happens: with inner = 0 the tiles copy start.
  for (let k = 0; k == 0 || k < inner; k += KC) {
    const depth = min(KC, inner - k);
    const kBytes = (<usize>k) << 2;
    for (let i = 0; i < rows; i += MC) {
      const height = min(MC, rows - i);
      const source = blockOf(kind, a, aBytes, i, k);
      let block = source;
      let step = aBytes;
      // Bytes between groups of TILE_ROWS rows that can be read interleaved: in TN they lie so, otherwise only packed ones.
      let group: usize = kind == MATMUL_TN ? GROUP_STEP : 0;
      if (packedA) {
        step = GROUP_STEP;
        group = groupBytes(depth);
        block = packed ? packed + packedBytes(rows, k) : scratch + BLOCK_OFFSET;
        if (!packed) packBlock(kind, block, source, aBytes, height, depth);
      }
      for (let j = 0, width = 0; j < padded; j += width) {
        width = panelColumns(group != 0 || inPanels, rows, padded - j);
        const jBytes = (<usize>j) << 2;
        const bBlock =
          kind == MATMUL_NT ? b + <usize>j * bBytes + kBytes : b + <usize>k * bBytes + jBytes;
        let panel = bBlock;
        let panelStep = bBytes;
        if (inPanels) {
          panel = b + ((<usize>(k * padded + j * depth)) << 2);
          panelStep = (<usize>width) << 2;
        } else if (packedB) {
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
        if (group) {
          multiplyInterleaved(width, height, c, outBytes, from, fromStride, block, group, step, panel, panelStep, depth);
        } else {
          multiply(width, height, c, outBytes, from, fromStride, block, step, panel, panelStep, depth);
        }
      }
    }
  }
}

/**
 * Packs all of a, of up to MC rows, for products with the same rows of it: to holds a block of KC terms after the other, each as `matmul`
 * packs it, in rows · inner floats, rows rounded up to whole tiles and inner to a multiple of 4.
 */
export function packLeft(
  kind: i32,
  to: usize,
  a: usize,
  rows: i32,
  inner: i32,
  aStride: i32,
): void {
  const aBytes = (<usize>aStride) << 2;
  for (let k = 0; k < inner; k += KC) {
    const block = to + packedBytes(rows, k);
    packBlock(kind, block, blockOf(kind, a, aBytes, 0, k), aBytes, rows, min(KC, inner - k));
  }
}

/** The address of the block of a that begins at row i and term k. */
function blockOf(kind: i32, a: usize, aBytes: usize, i: i32, k: i32): usize {
  return kind == MATMUL_TN
    ? a + <usize>k * aBytes + ((<usize>i) << 2)
    : a + <usize>i * aBytes + ((<usize>k) << 2);
}

/** Bytes of a group of TILE_ROWS packed rows. */
function groupBytes(depth: i32): usize {
  return <usize>((depth + 3) & ~3) * GROUP_STEP;
}

/** Bytes of whole blocks of packed rows, before term k. */
function packedBytes(rows: i32, k: i32): usize {
  return <usize>((rows + TILE_ROWS - 1) / TILE_ROWS) * groupBytes(k);
}

function packBlock(kind: i32, to: usize, from: usize, aBytes: usize, rows: i32, depth: i32): void {
  const group = groupBytes(depth);
  if (kind == MATMUL_TN) interleaveColumns(to, group, GROUP_STEP, from, aBytes, depth, rows);
  else interleaveRows(to, group, GROUP_STEP, from, aBytes, rows, depth);
}

/** to = from[rows, columns] in panels, as a product of kind PANELS reads it; padding of rows up to a multiple of 4 is copied too. */
export function packPanels(to: usize, from: usize, fromStride: i32, rows: i32, columns: i32): void {
  const padded = (columns + 3) & ~3;
  const bytes = (<usize>fromStride) << 2;
  for (let row = 0; row < rows; row += KC) {
    const depth = min(KC, rows - row);
    for (let j = 0, width = 0; j < padded; j += width) {
      width = panelColumns(true, 0, padded - j);
      copyPanel(to, from + <usize>row * bytes + ((<usize>j) << 2), bytes, depth, width);
      to += (<usize>(depth * width)) << 2;
    }
  }
}

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
  // prettier-ignore
  if (ASC_FEATURE_RELAXED_SIMD) relaxed.multiply(columns, rows, c, cStride, from, fromStride, a, aStride, b, bStep, inner);
  else simd.multiply(columns, rows, c, cStride, from, fromStride, a, aStride, b, bStep, inner);
}

function multiplyInterleaved(
  columns: i32,
  rows: i32,
  c: usize,
  cStride: usize,
  from: usize,
  fromStride: usize,
  a: usize,
  aGroup: usize,
  aStep: usize,
  b: usize,
  bStep: usize,
  inner: usize,
): void {
  // prettier-ignore
  if (ASC_FEATURE_RELAXED_SIMD) relaxed.multiplyInterleaved(columns, rows, c, cStride, from, fromStride, a, aGroup, aStep, b, bStep, inner);
  else simd.multiplyInterleaved(columns, rows, c, cStride, from, fromStride, a, aGroup, aStep, b, bStep, inner);
}
