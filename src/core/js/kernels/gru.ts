// Twin of assembly/kernels/gru.ts: gated recurrent units, reset after the product, and their gradient. Addresses are in bytes.
import { sigmoid, tanh } from '../math.ts';
import type { Views } from '../views.ts';
import { matmul } from './matmul.ts';
import { carryState, passGradientOn } from './rnn.ts';
import { validSteps } from './steps.ts';

const { fround } = Math;

/** Reset after the product: u += hₜ₋₁ b; out = [r z n] = σ(out + u), σ(out + u), tanh(out + r u); hₜ = (1 − z) n + z hₜ₋₁. */
export function gru(
  views: Views,
  product: number,
  out: number,
  h: number,
  b: number,
  u: number,
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
    const recurrent = u + 3 * t * step;
    const state = h + t * step;
    // prettier-ignore
    matmul(f32, product, recurrent, state, b, recurrent, rows, gateStride, units, gateStride, stride, bStride);
    gruStep(f32, gates, recurrent, state, state + step, rows, stride);
    carryState(views, state + step, state, lengths, t, rows, stride, stride);
  }
}

function gruStep(
  f32: Float32Array,
  gates: number,
  u: number,
  before: number,
  after: number,
  rows: number,
  stride: number,
): void {
  for (let row = 0; row < rows; row++) {
    const gate = (gates >>> 2) + row * 3 * stride;
    const recurrent = (u >>> 2) + row * 3 * stride;
    const from = (before >>> 2) + row * stride;
    const to = (after >>> 2) + row * stride;
    for (let j = 0; j < stride; j++) {
      const r = sigmoid(fround(f32[gate + j]! + f32[recurrent + j]!));
      const z = sigmoid(fround(f32[gate + stride + j]! + f32[recurrent + stride + j]!));
      const reset = fround(r * f32[recurrent + 2 * stride + j]!);
      const n = tanh(fround(f32[gate + 2 * stride + j]! + reset));
      f32[gate + j] = r;
      f32[gate + stride + j] = z;
      f32[gate + 2 * stride + j] = n;
      const h = f32[from + j]!;
      f32[recurrent + stride + j] = h - n;
      f32[to + j] = fround(fround(1 - z) * n) + fround(z * h);
    }
  }
}

/** δ of the pre-activations in place of the gates and of u in place of u, t descending; dh holds dC/dh from above and is used up. */
export function gruGradient(
  views: Views,
  product: number,
  out: number,
  dh: number,
  b: number,
  u: number,
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
  for (let t = steps - 1; t >= 0; t--) {
    const delta = out + 3 * t * step;
    const deltaU = u + 3 * t * step;
    const gradient = dh + t * step;
    const before = t > 0 ? gradient - step : 0;
    if (t < steps - 1) {
      // prettier-ignore
      matmul(f32, product, gradient, deltaU + 3 * step, b, gradient, rows, units, gateStride, stride, gateStride, bStride);
    }
    passGradientOn(views, gradient, before, lengths, t, rows, stride);
    gruStepGradient(f32, delta, deltaU, gradient, rows, stride);
    clearPaddingRows(views, delta, lengths, t, rows, gateStride);
    clearPaddingRows(views, deltaU, lengths, t, rows, gateStride);
    if (before) addRows(f32, before, gradient, rows * stride);
  }
}

function gruStepGradient(
  f32: Float32Array,
  gates: number,
  u: number,
  dh: number,
  rows: number,
  stride: number,
): void {
  for (let row = 0; row < rows; row++) {
    const gate = (gates >>> 2) + row * 3 * stride;
    const recurrent = (u >>> 2) + row * 3 * stride;
    const state = (dh >>> 2) + row * stride;
    for (let j = 0; j < stride; j++) {
      const r = f32[gate + j]!;
      const z = f32[gate + stride + j]!;
      const n = f32[gate + 2 * stride + j]!;
      const gradient = f32[state + j]!;
      const complement = fround(1 - z);
      const deltaN = fround(fround(gradient * complement) * fround(1 - fround(n * n)));
      const difference = f32[recurrent + stride + j]!;
      const deltaZ = fround(fround(gradient * difference) * fround(z * complement));
      const through = fround(deltaN * f32[recurrent + 2 * stride + j]!);
      const deltaR = fround(through * fround(r * fround(1 - r)));
      f32[gate + j] = deltaR;
      f32[gate + stride + j] = deltaZ;
      f32[gate + 2 * stride + j] = deltaN;
      f32[recurrent + j] = deltaR;
      f32[recurrent + stride + j] = deltaZ;
      f32[recurrent + 2 * stride + j] = deltaN * r;
      f32[state + j] = gradient * z;
    }
  }
}

/** Zeros in the rows of padding, `stride` floats each. */
export function clearPaddingRows(
  { f32, u32 }: Views,
  delta: number,
  lengths: number,
  t: number,
  rows: number,
  stride: number,
): void {
  for (let i = 0; i < rows; i++) {
    if (t < validSteps(u32, lengths, i, Infinity)) continue;
    const row = (delta >>> 2) + i * stride;
    f32.fill(0, row, row + stride);
  }
}

/** out += a over `count` floats. */
export function addRows(f32: Float32Array, out: number, a: number, count: number): void {
  for (let j = 0; j < count; j++) f32[(out >>> 2) + j]! += f32[(a >>> 2) + j]!;
}
