// Twin of assembly/kernels/gru-before.ts: gated recurrent units, reset before the product, and their gradient. Addresses are in bytes.
import { MATMUL_NN } from '../../abi.ts';
import { sigmoid, tanh } from '../math.ts';
import type { Views } from '../views.ts';
import { addRows, clearPaddingRows } from './gru.ts';
import { matmul } from './matmul.ts';
import { carryState, passGradientOn } from './rnn.ts';

const { fround } = Math;

/** Reset before the product: out = [r z n] = σ(out + hₜ₋₁ b), σ(out + hₜ₋₁ b), tanh(out + (r hₜ₋₁) b); c becomes [r hₜ₋₁ | hₜ₋₁ | –]. */
export function gruBefore(
  views: Views,
  out: number,
  h: number,
  b: number,
  c: number,
  lengths: number,
  rows: number,
  units: number,
  steps: number,
  stride: number,
  bStride: number,
): void {
  const { f32 } = views;
  const gateStride = 3 * stride;
  const step = 4 * rows * stride;
  for (let t = 0; t < steps; t++) {
    const gates = out + 3 * t * step;
    const kept = c + 3 * t * step;
    const state = h + t * step;
    // prettier-ignore
    matmul(f32, MATMUL_NN, gates, state, b, gates, rows, 2 * stride, units, gateStride, stride, bStride);
    gruBeforeReset(f32, gates, kept, state, rows, stride);
    const n = gates + 8 * stride;
    // prettier-ignore
    matmul(f32, MATMUL_NN, n, kept, b + 8 * stride, n, rows, stride, units, gateStride, gateStride, bStride);
    gruBeforeState(f32, gates, state, state + step, rows, stride);
    carryState(views, state + step, state, lengths, t, rows, stride, stride);
  }
}

function gruBeforeReset(
  f32: Float32Array,
  gates: number,
  c: number,
  h: number,
  rows: number,
  stride: number,
): void {
  for (let row = 0; row < rows; row++) {
    const gate = (gates >>> 2) + row * 3 * stride;
    const kept = (c >>> 2) + row * 3 * stride;
    for (let j = 0; j < stride; j++) {
      const r = sigmoid(f32[gate + j]!);
      const state = f32[(h >>> 2) + row * stride + j]!;
      f32[gate + stride + j] = sigmoid(f32[gate + stride + j]!);
      f32[gate + j] = r;
      f32[kept + j] = r * state;
      f32[kept + stride + j] = state;
    }
  }
}

function gruBeforeState(
  f32: Float32Array,
  gates: number,
  before: number,
  after: number,
  rows: number,
  stride: number,
): void {
  for (let row = 0; row < rows; row++) {
    const gate = (gates >>> 2) + row * 3 * stride;
    for (let j = 0; j < stride; j++) {
      const z = f32[gate + stride + j]!;
      const n = tanh(f32[gate + 2 * stride + j]!);
      f32[gate + 2 * stride + j] = n;
      const kept = fround(z * f32[(before >>> 2) + row * stride + j]!);
      f32[(after >>> 2) + row * stride + j] = fround(fround(1 - z) * n) + kept;
    }
  }
}

/** δ of the pre-activations in place of the gates, t descending; dh holds dC/dh from above and is used up. */
export function gruBeforeGradient(
  views: Views,
  out: number,
  dh: number,
  b: number,
  c: number,
  lengths: number,
  rows: number,
  units: number,
  steps: number,
  stride: number,
  bStride: number,
): void {
  const { f32 } = views;
  const gateStride = 3 * stride;
  const step = 4 * rows * stride;
  const ofN = b + 8 * stride * bStride;
  for (let t = steps - 1; t >= 0; t--) {
    const delta = out + 3 * t * step;
    const kept = c + 3 * t * step;
    const gradient = dh + t * step;
    const before = t > 0 ? gradient - step : 0;
    if (t < steps - 1) {
      // prettier-ignore
      matmul(f32, MATMUL_NN, gradient, delta + 3 * step, b, gradient, rows, units, 2 * stride, stride, gateStride, bStride);
    }
    passGradientOn(views, gradient, before, lengths, t, rows, stride);
    gruBeforeStateGradient(f32, delta, kept, gradient, rows, stride);
    // prettier-ignore
    matmul(f32, MATMUL_NN, kept + 8 * stride, delta + 8 * stride, ofN, 0, rows, units, stride, gateStride, gateStride, bStride);
    gruBeforeResetGradient(f32, delta, kept, gradient, rows, stride);
    clearPaddingRows(views, delta, lengths, t, rows, gateStride);
    if (before) addRows(f32, before, gradient, rows * stride);
  }
}

function gruBeforeStateGradient(
  f32: Float32Array,
  gates: number,
  c: number,
  dh: number,
  rows: number,
  stride: number,
): void {
  for (let row = 0; row < rows; row++) {
    const gate = (gates >>> 2) + row * 3 * stride;
    const kept = (c >>> 2) + row * 3 * stride;
    const state = (dh >>> 2) + row * stride;
    for (let j = 0; j < stride; j++) {
      const z = f32[gate + stride + j]!;
      const n = f32[gate + 2 * stride + j]!;
      const gradient = f32[state + j]!;
      const complement = fround(1 - z);
      const difference = fround(f32[kept + stride + j]! - n);
      f32[gate + 2 * stride + j] = fround(gradient * complement) * fround(1 - fround(n * n));
      f32[gate + stride + j] = fround(gradient * difference) * fround(z * complement);
      f32[state + j] = gradient * z;
    }
  }
}

function gruBeforeResetGradient(
  f32: Float32Array,
  gates: number,
  c: number,
  dh: number,
  rows: number,
  stride: number,
): void {
  for (let row = 0; row < rows; row++) {
    const gate = (gates >>> 2) + row * 3 * stride;
    const kept = (c >>> 2) + row * 3 * stride;
    const state = (dh >>> 2) + row * stride;
    for (let j = 0; j < stride; j++) {
      const r = f32[gate + j]!;
      const q = f32[kept + 2 * stride + j]!;
      f32[state + j] = f32[state + j]! + fround(q * r);
      f32[gate + j] = fround(q * f32[kept + stride + j]!) * fround(r * fround(1 - r));
    }
  }
}
