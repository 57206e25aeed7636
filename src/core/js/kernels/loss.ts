// Twin of assembly/kernels/loss.ts: costs of single examples and the deltas they start backpropagation with.
// Addresses are in bytes; the padding of out becomes zero.
import { LOSS_ABSOLUTE, LOSS_HUBER, LOSS_SQUARED } from '../../abi.ts';
import { exp, log, log1p, sigmoid } from '../math.ts';
import { clearPadding, rowExponentials, rowMaximum, rowSum } from './row.ts';

/** c[i] = scale2 Σⱼ f(eᵢⱼ), out = scale f′(e) with e = a − y, y = b; f is chosen by kind (LOSS_*). */
export function loss(
  f32: Float32Array,
  kind: number,
  out: number,
  a: number,
  b: number,
  c: number,
  rows: number,
  columns: number,
  outStride: number,
  aStride: number,
  bStride: number,
  scale: number,
  scale2: number,
): void {
  const row = lossRow(kind);
  for (let i = 0; i < rows; i++) {
    const outRow = (out >>> 2) + i * outStride;
    const aRow = (a >>> 2) + i * aStride;
    const bRow = (b >>> 2) + i * bStride;
    f32[(c >>> 2) + i] = scale2 * row(f32, outRow, aRow, bRow, columns, scale);
    clearPadding(f32, outRow, columns, outStride);
  }
}

/** Writes scale f′(e) of one row and returns its cost Σ f(e). */
type LossRow = (
  f32: Float32Array,
  out: number,
  a: number,
  b: number,
  columns: number,
  scale: number,
) => number;

function lossRow(kind: number): LossRow {
  switch (kind) {
    case LOSS_SQUARED:
      return squaredErrorRow;
    case LOSS_ABSOLUTE:
      return absoluteErrorRow;
    case LOSS_HUBER:
      return huberRow;
    default:
      throw new RangeError(`program: expected a loss of abi.ts, got ${kind}`);
  }
}

/** e²; its derivative without the factor 2, which the caller puts into scale. */
const squaredErrorRow: LossRow = (f32, out, a, b, columns, scale) => {
  let cost = 0;
  for (let j = 0; j < columns; j++) {
    const error = Math.fround(f32[a + j]! - f32[b + j]!);
    cost = Math.fround(cost + Math.fround(error * error));
    f32[out + j] = scale * error;
  }
  return cost;
};

/** |e|; sign e. */
const absoluteErrorRow: LossRow = (f32, out, a, b, columns, scale) => {
  let cost = 0;
  for (let j = 0; j < columns; j++) {
    const error = Math.fround(f32[a + j]! - f32[b + j]!);
    cost = Math.fround(cost + Math.abs(error));
    f32[out + j] = scale * (error > 0 ? 1 : error < 0 ? -1 : 0);
  }
  return cost;
};

/** ½e² where |e| ≤ 1 and |e| − ½ elsewhere; e clamped to ±1. */
const huberRow: LossRow = (f32, out, a, b, columns, scale) => {
  let cost = 0;
  for (let j = 0; j < columns; j++) {
    const error = Math.fround(f32[a + j]! - f32[b + j]!);
    const distance = Math.abs(error);
    const term = distance <= 1 ? 0.5 * Math.fround(error * error) : distance - 0.5;
    cost = Math.fround(cost + Math.fround(term));
    f32[out + j] = scale * (error > 1 ? 1 : error < -1 ? -1 : error);
  }
  return cost;
};

/**
 * z = a, y = b: c[i] = Σⱼ yⱼ (ln s − (zⱼ − m)), out = δ = scale (eⱼ/s · Σy − yⱼ) with m = max z, eⱼ = exp(zⱼ − m),
 * s = Σⱼ eⱼ. out is scratch for e, so it must not be a or b.
 */
export function softmaxCrossEntropy(
  f32: Float32Array,
  out: number,
  a: number,
  b: number,
  c: number,
  rows: number,
  columns: number,
  outStride: number,
  aStride: number,
  bStride: number,
  scale: number,
): void {
  for (let i = 0; i < rows; i++) {
    const outRow = (out >>> 2) + i * outStride;
    const aRow = (a >>> 2) + i * aStride;
    const bRow = (b >>> 2) + i * bStride;
    const maximum = rowMaximum(f32, aRow, columns);
    rowExponentials(f32, outRow, aRow, maximum, columns);
    const sum = rowSum(f32, outRow, columns);
    f32[(c >>> 2) + i] = crossEntropyRow(f32, aRow, bRow, columns, maximum, log(sum));
    const targetSum = rowSum(f32, bRow, columns);
    for (let j = 0; j < columns; j++) {
      const softmax = Math.fround(f32[outRow + j]! / sum);
      const expected = Math.fround(softmax * targetSum);
      f32[outRow + j] = scale * Math.fround(expected - f32[bRow + j]!);
    }
    clearPadding(f32, outRow, columns, outStride);
  }
}

/** Σⱼ yⱼ (logarithm − (zⱼ − maximum)), logarithm = ln s. */
function crossEntropyRow(
  f32: Float32Array,
  z: number,
  y: number,
  columns: number,
  maximum: number,
  logarithm: number,
): number {
  let cost = 0;
  for (let j = 0; j < columns; j++) {
    const term = Math.fround(logarithm - Math.fround(f32[z + j]! - maximum));
    cost = Math.fround(cost + Math.fround(f32[y + j]! * term));
  }
  return cost;
}

/** z = a, y = b: c[i] = Σⱼ max(zⱼ, 0) − zⱼ yⱼ + ln(1 + e^−|zⱼ|), out = δ = scale (σ(zⱼ) − yⱼ). */
export function sigmoidCrossEntropy(
  f32: Float32Array,
  out: number,
  a: number,
  b: number,
  c: number,
  rows: number,
  columns: number,
  outStride: number,
  aStride: number,
  bStride: number,
  scale: number,
): void {
  for (let i = 0; i < rows; i++) {
    const outRow = (out >>> 2) + i * outStride;
    const aRow = (a >>> 2) + i * aStride;
    const bRow = (b >>> 2) + i * bStride;
    let cost = 0;
    for (let j = 0; j < columns; j++) {
      const z = f32[aRow + j]!;
      const y = f32[bRow + j]!;
      const linear = Math.fround((z < 0 ? 0 : z) - Math.fround(z * y));
      cost = Math.fround(cost + Math.fround(linear + log1p(exp(-Math.abs(z)))));
      f32[outRow + j] = scale * Math.fround(sigmoid(z) - y);
    }
    f32[(c >>> 2) + i] = cost;
    clearPadding(f32, outRow, columns, outStride);
  }
}
