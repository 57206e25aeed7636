// Twin of assembly/kernels/lstm.ts: long short-term memory and its gradient. Addresses are in bytes.
import { sigmoid, tanh } from '../math.ts';
import type { Views } from '../views.ts';
import { matmul } from './matmul.ts';
import { carryState, passGradientOn } from './rnn.ts';
import { validSteps } from './steps.ts';

const { fround } = Math;

/** out[t, i] = [i f g o] = σ, σ, tanh, σ of (out[t, i] + Σₖ hₜ₋₁[i, k] b[k, ·]); cₜ = f cₜ₋₁ + i g; hₜ = o tanh cₜ. */
export function lstm(
  views: Views,
  product: number,
  out: number,
  h: number,
  b: number,
  cells: number,
  lengths: number,
  rows: number,
  units: number,
  steps: number,
  stride: number,
  bStride: number,
): void {
  const { f32 } = views;
  const gateStride = 4 * stride;
  const step = 4 * rows * stride;
  for (let t = 0; t < steps; t++) {
    const gates = out + 4 * t * step;
    const state = h + t * step;
    const cell = cells + 2 * t * step;
    // prettier-ignore
    matmul(f32, product, gates, state, b, gates, rows, gateStride, units, gateStride, stride, bStride);
    lstmStep(f32, gates, state + step, cell, cell + 2 * step, rows, stride);
    carryState(views, state + step, state, lengths, t, rows, stride, stride);
    carryState(views, cell + 2 * step, cell, lengths, t, rows, 2 * stride, stride);
  }
}

function lstmStep(
  f32: Float32Array,
  gates: number,
  h: number,
  before: number,
  after: number,
  rows: number,
  stride: number,
): void {
  for (let row = 0; row < rows; row++) {
    const gate = (gates >>> 2) + row * 4 * stride;
    const state = (h >>> 2) + row * stride;
    const from = (before >>> 2) + row * 2 * stride;
    const to = (after >>> 2) + row * 2 * stride;
    for (let j = 0; j < stride; j++) {
      const i = sigmoid(f32[gate + j]!);
      const f = sigmoid(f32[gate + stride + j]!);
      const g = tanh(f32[gate + 2 * stride + j]!);
      const o = sigmoid(f32[gate + 3 * stride + j]!);
      const c = fround(fround(f * f32[from + j]!) + fround(i * g));
      const squashed = tanh(c);
      f32[gate + j] = i;
      f32[gate + stride + j] = f;
      f32[gate + 2 * stride + j] = g;
      f32[gate + 3 * stride + j] = o;
      f32[to + j] = c;
      f32[from + stride + j] = squashed;
      f32[state + j] = o * squashed;
    }
  }
}

/** δ of the pre-activations in place of the gates, t descending; dh holds dC/dh from above and is used up. */
export function lstmGradient(
  views: Views,
  product: number,
  out: number,
  dh: number,
  b: number,
  cells: number,
  lengths: number,
  rows: number,
  units: number,
  steps: number,
  stride: number,
  bStride: number,
): void {
  const { f32, u32 } = views;
  const gateStride = 4 * stride;
  const step = 4 * rows * stride;
  for (let i = 0; i < rows; i++) {
    const slot = ((cells + 2 * steps * step) >>> 2) + i * 2 * stride + stride;
    f32.fill(0, slot, slot + stride);
  }
  for (let t = steps - 1; t >= 0; t--) {
    const delta = out + 4 * t * step;
    const gradient = dh + t * step;
    const cell = cells + 2 * t * step;
    if (t < steps - 1) {
      // prettier-ignore
      matmul(f32, product, gradient, delta + 4 * step, b, gradient, rows, units, gateStride, stride, gateStride, bStride);
    }
    passGradientOn(views, gradient, t > 0 ? gradient - step : 0, lengths, t, rows, stride);
    lstmStepGradient(f32, delta, gradient, cell, cell + 2 * step, rows, stride);
    for (let i = 0; i < rows; i++) {
      if (t < validSteps(u32, lengths, i, Infinity)) continue;
      const row = (delta >>> 2) + i * gateStride;
      f32.fill(0, row, row + gateStride);
      const slot = (cell >>> 2) + i * 2 * stride + stride;
      const behind = slot + (step >>> 1);
      f32.copyWithin(slot, behind, behind + stride);
    }
  }
}

function lstmStepGradient(
  f32: Float32Array,
  gates: number,
  dh: number,
  before: number,
  after: number,
  rows: number,
  stride: number,
): void {
  for (let row = 0; row < rows; row++) {
    const gate = (gates >>> 2) + row * 4 * stride;
    const state = (dh >>> 2) + row * stride;
    const from = (before >>> 2) + row * 2 * stride;
    const behind = (after >>> 2) + row * 2 * stride + stride;
    for (let j = 0; j < stride; j++) {
      const i = f32[gate + j]!;
      const f = f32[gate + stride + j]!;
      const g = f32[gate + 2 * stride + j]!;
      const o = f32[gate + 3 * stride + j]!;
      const squashed = f32[from + stride + j]!;
      const gradient = f32[state + j]!;
      const slope = fround(1 - fround(squashed * squashed));
      const dc = fround(f32[behind + j]! + fround(fround(gradient * o) * slope));
      f32[from + stride + j] = dc * f;
      f32[gate + j] = fround(dc * g) * fround(i * fround(1 - i));
      f32[gate + stride + j] = fround(dc * f32[from + j]!) * fround(f * fround(1 - f));
      f32[gate + 2 * stride + j] = fround(dc * i) * fround(1 - fround(g * g));
      f32[gate + 3 * stride + j] = fround(gradient * squashed) * fround(o * fround(1 - o));
    }
  }
}
