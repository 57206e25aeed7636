// Twin of assembly/kernels/rnn.ts: the simple recurrent layer and backpropagation through time. Addresses are in bytes.
import type { Views } from '../views.ts';
import { activate, activateGradient } from './activation.ts';
import { matmul } from './matmul.ts';
import { validSteps } from './steps.ts';

/** out[t, i, :] = f(out[t, i, :] + Σₖ out[t−1, i, k] b[k, :]) for t < steps; where t ≥ length, out[t−1, i, :] instead. */
export function rnn(
  views: Views,
  product: number,
  kind: number,
  out: number,
  before: number,
  b: number,
  lengths: number,
  rows: number,
  columns: number,
  steps: number,
  stride: number,
  bStride: number,
): void {
  const { f32 } = views;
  const step = out - before;
  for (let t = 0; t < steps; t++) {
    const state = out + t * step;
    const last = state - step;
    // prettier-ignore
    matmul(f32, product, state, last, b, state, rows, columns, columns, stride, stride, bStride);
    activate(f32, kind, state, state, rows * stride);
    carryState(views, state, last, lengths, t, rows, stride, stride);
  }
}

/** out[t, i, :] = δₜ = (out[t, i, :] + Σₖ δₜ₊₁[i, k] b[k, :]) ⊙ f′(h[t, i, :]), t descending. */
export function rnnGradient(
  views: Views,
  product: number,
  kind: number,
  out: number,
  h: number,
  b: number,
  lengths: number,
  rows: number,
  columns: number,
  steps: number,
  stride: number,
  bStride: number,
): void {
  const { f32 } = views;
  const step = 4 * rows * stride;
  for (let t = steps - 1; t >= 0; t--) {
    const delta = out + t * step;
    if (t < steps - 1) {
      // prettier-ignore
      matmul(f32, product, delta, delta + step, b, delta, rows, columns, columns, stride, stride, bStride);
    }
    passGradientOn(views, delta, t > 0 ? delta - step : 0, lengths, t, rows, stride);
    activateGradient(f32, kind, delta, delta, h + t * step, rows * stride);
  }
}

/** to[i, :] = from[i, :] over `width` floats where step t is padding; rows of both are `stride` floats apart. */
export function carryState(
  { f32, u32 }: Views,
  to: number,
  from: number,
  lengths: number,
  t: number,
  rows: number,
  stride: number,
  width: number,
): void {
  for (let i = 0; i < rows; i++) {
    if (t < validSteps(u32, lengths, i, Infinity)) continue;
    const row = (from >>> 2) + i * stride;
    f32.copyWithin((to >>> 2) + i * stride, row, row + width);
  }
}

/** Where step t is padding: before[i, :] += gradient[i, :], if there is a step before, and gradient[i, :] = 0. */
export function passGradientOn(
  { f32, u32 }: Views,
  gradient: number,
  before: number,
  lengths: number,
  t: number,
  rows: number,
  stride: number,
): void {
  for (let i = 0; i < rows; i++) {
    if (t < validSteps(u32, lengths, i, Infinity)) continue;
    const row = (gradient >>> 2) + i * stride;
    const to = (before >>> 2) + i * stride;
    if (before) for (let j = 0; j < stride; j++) f32[to + j]! += f32[row + j]!;
    f32.fill(0, row, row + stride);
  }
}
