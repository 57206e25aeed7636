/**
 * Cache blocks of the matrix product and where they lie in scratch. The register tiles are in `generate.mjs`.
 *
 * ```
 *                   B panel, KC × 12 or fewer: L1, packed just before its use
 *                  ┌──┐
 *                  │  │
 *                  └──┘
 *   A, MC × KC  ┌──────┐ ┌──┐  C, MC × 8 in tiles of 5 × 8 (5 × 4, 3 × 12, 1 × 32): registers
 *   L2          │      │ │  │
 *               └──────┘ └──┘
 * ```
 */

import { BLOCK_ROWS, KEPT_BYTES, KEPT_TERMS, PANEL_ROWS } from '../../src/core/abi';

/** Inner block: 12 columns of it are 12 KiB, which leaves most of a 32 KiB L1 to the rows of A that pass. */
export const KC = PANEL_ROWS;

/**
 * Row block of 150: 150 KiB of A stay in L2 while the panels of B pass, each packed once for all the rows of a usual mini-batch; 1.2 to 3.6 %
 * faster than 90 rows. A multiple of 5 and 6, the rows of the tiles.
 */
export const MC = BLOCK_ROWS;

/** Columns of the widest panel. */
export const WIDEST_PANEL = 32;

/** Scratch: the packed panel of B, then the packed block of A. */
export const PANEL_OFFSET = 0;
export const BLOCK_OFFSET = WIDEST_PANEL * KC * 4;
export const GEMM_SCRATCH_BYTES = BLOCK_OFFSET + MC * KC * 4;

if (MC * KEPT_TERMS * 4 > KEPT_BYTES) ERROR('abi: KEPT_BYTES');
