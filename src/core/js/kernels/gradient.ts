// Twin of assembly/kernels/gradient.ts: what happens to gradients between the backward pass and the update. Ranges are `count`
// floats, a multiple of 4; sums over them are made in double precision, one for each of four lanes. Addresses are in bytes.

const { abs, fround, max, min, sign } = Math;

/** ½ l₂ Σ w² + l₁ Σ |w|, whose derivative is added to the gradients: g += l₂ w + l₁ sign w with sign 0 = 0. */
export function penalty(
  f32: Float32Array,
  g: number,
  w: number,
  count: number,
  l1: number,
  l2: number,
): number {
  const [slope, factor] = [fround(l1), fround(l2)];
  const [g0, w0] = [g >>> 2, w >>> 2];
  const squares = [0, 0, 0, 0];
  const sizes = [0, 0, 0, 0];
  for (let i = 0; i < count; i++) {
    const weight = f32[w0 + i]!;
    squares[i & 3]! += weight * weight;
    sizes[i & 3]! += abs(weight);
    const square = fround(factor * weight);
    const derivative =
      l1 === 0 ? square : fround(square + (weight === 0 ? 0 : slope * sign(weight)));
    f32[g0 + i]! += derivative;
  }
  return 0.5 * l2 * sumOfLanes(squares) + l1 * sumOfLanes(sizes);
}

/** start + Σ a²; finite exactly when every a is. */
export function addSquares(f32: Float32Array, start: number, a: number, count: number): number {
  const a0 = a >>> 2;
  const squares = [0, 0, 0, 0];
  for (let i = 0; i < count; i++) squares[i & 3]! += f32[a0 + i]! * f32[a0 + i]!;
  return start + sumOfLanes(squares);
}

function sumOfLanes(lanes: readonly number[]): number {
  return lanes[0]! + lanes[1]! + (lanes[2]! + lanes[3]!);
}

/** The largest |a| of [rows, columns], padding left out; NaN when there is one. */
export function largestMagnitude(
  f32: Float32Array,
  a: number,
  rows: number,
  columns: number,
  stride: number,
): number {
  let largest = 0;
  for (let i = 0; i < rows; i++) {
    const row = (a >>> 2) + i * stride;
    for (let j = 0; j < columns; j++) {
      const magnitude = abs(f32[row + j]!);
      if (magnitude > largest || Number.isNaN(magnitude)) largest = magnitude;
    }
  }
  return largest;
}

/** g = g within ±limit. */
export function clipValue(f32: Float32Array, g: number, count: number, limit: number): void {
  const high = fround(limit);
  const g0 = g >>> 2;
  for (let i = 0; i < count; i++) f32[g0 + i] = min(high, max(-high, f32[g0 + i]!));
}

/** g *= limit / norm where norm > limit. */
export function clipNorm(
  f32: Float32Array,
  g: number,
  count: number,
  limit: number,
  norm: number,
): void {
  if (norm <= limit) return;
  const factor = fround(limit / norm);
  const g0 = g >>> 2;
  for (let i = 0; i < count; i++) f32[g0 + i]! *= factor;
}
