import {
  LANES,
  MATMUL_NN,
  MATMUL_NT,
  MATMUL_PANELS,
  MATMUL_TN,
  PANEL_COLUMNS,
  PANEL_ROWS,
} from '../../abi.ts';

const { fround } = Math;

/** Below so many products per sum a tile does not repay being set up. */
const SHORT = 4;

/**
 * out[rows, columns] = start + Σₖ op(a)[·, k] op(b)[k, ·], k < inner: the twin of assembly/gemm/gemm.ts.
 *
 * NN: a[rows, inner] b[inner, columns]. NT: b is stored [columns, inner]. TN: a is stored [inner, rows]. PANELS: b as `packPanels` leaves it.
 * Strides are floats; start is one row for all rows, 0 for zeros, or out for what is there. Padding of out up to the next
 * multiple of 4 columns takes that of start. Sums start from `start` and ascend in k, each product and each sum rounded.
 *
 * Tiles of 2 × 4 sums stay in registers over the whole of k: eight independent chains hide the latency of the roundings, and
 * each number that is read serves two or four products.
 *
 * @param f32 - the memory; all addresses are bytes
 * @param kind - one of the `MATMUL_` constants
 */
export function matmul(
  f32: Float32Array,
  kind: number,
  out: number,
  a: number,
  b: number,
  start: number,
  rows: number,
  columns: number,
  inner: number,
  outStride: number,
  aStride: number,
  bStride: number,
): void {
  if (kind === MATMUL_PANELS) {
    // prettier-ignore
    return multiplyPanels(f32, out, a, b, start, rows, columns, inner, outStride, aStride);
  }
  if (start !== out) fillRows(f32, out >>> 2, start >>> 2, rows, columns, outStride);
  const [aRow, aStep] = kind === MATMUL_TN ? [1, aStride] : [aStride, 1];
  const [bColumn, bStep] = kind === MATMUL_NT ? [bStride, 1] : [1, bStride];
  if (kind !== MATMUL_NT && (rows === 1 || inner < SHORT)) {
    for (let row = 0; row < rows; row++) {
      const c = (out >>> 2) + row * outStride;
      addWeightedRows(f32, c, (a >>> 2) + row * aRow, aStep, b >>> 2, columns, inner, bStride);
    }
    return;
  }
  const whole = columns & ~3;
  for (let row = 0; row < rows; row += 2) {
    const c = (out >>> 2) + row * outStride;
    const a0 = (a >>> 2) + row * aRow;
    const pair = row + 1 < rows;
    let bj = b >>> 2;
    for (let j = 0; j < whole; j += 4, bj += 4 * bColumn) {
      if (pair) tile2x4(f32, c + j, outStride, a0, aRow, aStep, bj, bColumn, bStep, inner);
      else tile1x4(f32, c + j, a0, aStep, bj, bColumn, bStep, inner);
    }
    for (let j = whole; j < columns; j++, bj += bColumn) {
      tile1x1(f32, c + j, a0, aStep, bj, bStep, inner);
      if (pair) tile1x1(f32, c + outStride + j, a0 + aRow, aStep, bj, bStep, inner);
    }
  }
}

/** Panel by panel as NN; each continues from what those above it have left in out. */
function multiplyPanels(
  f32: Float32Array,
  out: number,
  a: number,
  b: number,
  start: number,
  rows: number,
  columns: number,
  inner: number,
  outStride: number,
  aStride: number,
): void {
  for (const { row, depth, column, width, address } of panels(inner, columns)) {
    const c = out + 4 * column;
    const first = start === 0 || start === out ? start : start + 4 * column;
    const from = row > 0 || start === out ? c : first;
    const own = Math.min(width, columns - column);
    // prettier-ignore
    matmul(f32, MATMUL_NN, c, a + 4 * row, b + 4 * address, from, rows, own, depth, outStride, aStride, width);
  }
}

/** out = a[rows, columns] in panels; strides and sizes are floats, padding of rows up to whole vectors is copied too. */
export function packPanels(
  f32: Float32Array,
  out: number,
  a: number,
  aStride: number,
  rows: number,
  columns: number,
): void {
  for (const { row, depth, column, width, address } of panels(rows, columns)) {
    for (let k = 0; k < depth; k++) {
      const from = (a >>> 2) + (row + k) * aStride + column;
      f32.copyWithin((out >>> 2) + address + k * width, from, from + width);
    }
  }
}

/** One panel: its place in the matrix, and in memory behind the ones before. */
interface Panel {
  readonly row: number;
  readonly depth: number;
  readonly column: number;
  readonly width: number;
  readonly address: number;
}

/** The panels of a matrix in the order of memory; of one without rows those of its start. */
function* panels(rows: number, columns: number): Generator<Panel> {
  const padded = Math.ceil(columns / LANES) * LANES;
  let address = 0;
  for (let row = 0; row === 0 || row < rows; row += PANEL_ROWS) {
    const depth = Math.min(PANEL_ROWS, rows - row);
    let width = 0;
    for (let column = 0; column < padded; column += width, address += depth * width) {
      width = padded - column < PANEL_COLUMNS ? LANES : PANEL_COLUMNS;
      yield { row, depth, column, width, address };
    }
  }
}

/** Every row of out becomes the row at start, or zeros. Indices of floats. */
function fillRows(
  f32: Float32Array,
  out: number,
  start: number,
  rows: number,
  columns: number,
  outStride: number,
): void {
  const padded = Math.ceil(columns / LANES) * LANES;
  for (let row = 0, c = out; row < rows; row++, c += outStride) {
    if (start === 0) f32.fill(0, c, c + padded);
    else f32.copyWithin(c, start, start + padded);
  }
}

/** c[j] += Σₖ a[k · aStep] b[k, j]: for a single row, b is read fastest in the order of its memory. Indices of floats. */
function addWeightedRows(
  f32: Float32Array,
  c: number,
  a: number,
  aStep: number,
  b: number,
  columns: number,
  inner: number,
  bStride: number,
): void {
  let k = 0;
  for (; k + 4 <= inner; k += 4) {
    const a0 = f32[a]!;
    const a1 = f32[a + aStep]!;
    const a2 = f32[a + 2 * aStep]!;
    const a3 = f32[a + 3 * aStep]!;
    for (let j = 0; j < columns; j++) {
      const row = b + j;
      let sum = f32[c + j]!;
      sum = fround(sum + fround(a0 * f32[row]!));
      sum = fround(sum + fround(a1 * f32[row + bStride]!));
      sum = fround(sum + fround(a2 * f32[row + 2 * bStride]!));
      f32[c + j] = sum + fround(a3 * f32[row + 3 * bStride]!);
    }
    a += 4 * aStep;
    b += 4 * bStride;
  }
  for (; k < inner; k++) {
    const weight = f32[a]!;
    for (let j = 0; j < columns; j++) f32[c + j] = f32[c + j]! + fround(weight * f32[b + j]!);
    a += aStep;
    b += bStride;
  }
}

/** c[i, j] += Σₖ a[i, k] b[k, j] for two rows and four columns. Indices and steps are floats. */
function tile2x4(
  f32: Float32Array,
  c: number,
  outStride: number,
  a: number,
  aRow: number,
  aStep: number,
  b: number,
  bColumn: number,
  bStep: number,
  inner: number,
): void {
  const d = c + outStride;
  let [c0, c1, c2, c3] = [f32[c]!, f32[c + 1]!, f32[c + 2]!, f32[c + 3]!];
  let [d0, d1, d2, d3] = [f32[d]!, f32[d + 1]!, f32[d + 2]!, f32[d + 3]!];
  for (let k = 0; k < inner; k++) {
    const first = f32[a]!;
    const second = f32[a + aRow]!;
    const b0 = f32[b]!;
    const b1 = f32[b + bColumn]!;
    const b2 = f32[b + 2 * bColumn]!;
    const b3 = f32[b + 3 * bColumn]!;
    c0 = fround(c0 + fround(first * b0));
    c1 = fround(c1 + fround(first * b1));
    c2 = fround(c2 + fround(first * b2));
    c3 = fround(c3 + fround(first * b3));
    d0 = fround(d0 + fround(second * b0));
    d1 = fround(d1 + fround(second * b1));
    d2 = fround(d2 + fround(second * b2));
    d3 = fround(d3 + fround(second * b3));
    a += aStep;
    b += bStep;
  }
  f32[c] = c0;
  f32[c + 1] = c1;
  f32[c + 2] = c2;
  f32[c + 3] = c3;
  f32[d] = d0;
  f32[d + 1] = d1;
  f32[d + 2] = d2;
  f32[d + 3] = d3;
}

/** The same for one row and four columns. */
function tile1x4(
  f32: Float32Array,
  c: number,
  a: number,
  aStep: number,
  b: number,
  bColumn: number,
  bStep: number,
  inner: number,
): void {
  let [c0, c1, c2, c3] = [f32[c]!, f32[c + 1]!, f32[c + 2]!, f32[c + 3]!];
  for (let k = 0; k < inner; k++) {
    const weight = f32[a]!;
    c0 = fround(c0 + fround(weight * f32[b]!));
    c1 = fround(c1 + fround(weight * f32[b + bColumn]!));
    c2 = fround(c2 + fround(weight * f32[b + 2 * bColumn]!));
    c3 = fround(c3 + fround(weight * f32[b + 3 * bColumn]!));
    a += aStep;
    b += bStep;
  }
  f32[c] = c0;
  f32[c + 1] = c1;
  f32[c + 2] = c2;
  f32[c + 3] = c3;
}

/** The same for one sum. */
function tile1x1(
  f32: Float32Array,
  c: number,
  a: number,
  aStep: number,
  b: number,
  bStep: number,
  inner: number,
): void {
  let sum = f32[c]!;
  for (let k = 0; k < inner; k++) {
    sum = fround(sum + fround(f32[a]! * f32[b]!));
    a += aStep;
    b += bStep;
  }
  f32[c] = sum;
}
