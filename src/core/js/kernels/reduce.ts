// Twin of assembly/kernels/reduce.ts: sums and counts over the rows of a matrix, ascending. Addresses are in bytes.

/** out[j] = Σᵢ a[i, j], starting from 0, or from out when start is out, over whole vectors: the padding of a must be zero, that of out becomes zero. */
export function columnSums(
  f32: Float32Array,
  out: number,
  a: number,
  start: number,
  rows: number,
  columns: number,
  aStride: number,
): void {
  const sums = out >>> 2;
  const width = (columns + 3) & ~3;
  if (start !== out) f32.fill(0, sums, sums + width);
  for (let i = 0; i < rows; i++) {
    const row = (a >>> 2) + i * aStride;
    for (let j = 0; j < width; j++) f32[sums + j]! += f32[row + j]!;
  }
}

/** start + Σ costs[rows] in double precision; not finite as soon as one cost is not. */
export function sumCosts(f32: Float32Array, start: number, costs: number, rows: number): number {
  const first = costs >>> 2;
  let sum = start;
  for (let i = 0; i < rows; i++) sum += f32[first + i]!;
  return sum;
}

/**
 * The number of rows whose prediction a agrees with the target b: the same first maximum, or for one column
 * (a ≥ threshold) = (b ≥ ½). A row of a with a NaN in it never agrees.
 */
export function countCorrect(
  f32: Float32Array,
  a: number,
  b: number,
  rows: number,
  columns: number,
  aStride: number,
  bStride: number,
  threshold: number,
): number {
  let correct = 0;
  for (let i = 0; i < rows; i++) {
    const aRow = (a >>> 2) + i * aStride;
    const bRow = (b >>> 2) + i * bStride;
    if (columns === 1) {
      const prediction = f32[aRow]!;
      const agrees = prediction >= threshold === f32[bRow]! >= 0.5;
      if (agrees && !Number.isNaN(prediction)) correct++;
    } else {
      const predicted = argmax(f32, aRow, columns);
      if (predicted >= 0 && predicted === argmax(f32, bRow, columns)) correct++;
    }
  }
  return correct;
}

/** Column of the first maximum of a row, −1 when the row contains a NaN. */
function argmax(f32: Float32Array, row: number, columns: number): number {
  let best = -1;
  let maximum = -Infinity;
  for (let j = 0; j < columns; j++) {
    const value = f32[row + j]!;
    if (Number.isNaN(value)) return -1;
    if (best < 0 || value > maximum) {
      best = j;
      maximum = value;
    }
  }
  return best;
}
