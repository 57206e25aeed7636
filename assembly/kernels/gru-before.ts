// Gated recurrent units with the reset gate before the product, step by step, and backpropagation through time. Layout as in gru.ts.
import { MATMUL_NN } from '../../src/core/abi';
import { matmul } from '../gemm/gemm';
import { ONE } from '../math/constants';
import { Sigmoid, Tanh } from '../math/tanh';
import { addRows, clearPaddingRows } from './gru';
import { carryState, passGradientOn } from './rnn';

/**
 * Reset before the product: out = [r z n] = σ(out + hₜ₋₁ b), σ(out + hₜ₋₁ b), tanh(out + (r hₜ₋₁) b); hₜ as in `gru`.
 *
 * A row of c becomes [r hₜ₋₁ | hₜ₋₁ | –], 3 · stride floats. b = Whᵀ[units, 3 · stride].
 */
export function gruBefore(
  out: usize,
  h: usize,
  b: usize,
  c: usize,
  lengths: usize,
  rows: i32,
  stepRows: i32,
  units: i32,
  steps: i32,
  stride: i32,
  bStride: i32,
  scratch: usize,
): void {
  const gateStride = 3 * stride;
  const step = (<usize>(stepRows * stride)) << 2;
  const width = (<usize>stride) << 2;
  for (let t = 0; t < steps; t++, out += 3 * step, c += 3 * step, h += step) {
    // prettier-ignore
    matmul(MATMUL_NN, out, h, b, out, rows, 2 * stride, units, gateStride, stride, bStride, scratch, 0);
    gruBeforeReset(out, c, h, rows, width);
    const n = out + 2 * width;
    // prettier-ignore
    matmul(MATMUL_NN, n, c, b + 2 * width, n, rows, stride, units, gateStride, gateStride, bStride, scratch, 0);
    gruBeforeState(out, h, h + step, rows, width);
    carryState(h + step, h, lengths, t, rows, stride, stride);
  }
}

/** r and z of `rows` examples, and [r hₜ₋₁ | hₜ₋₁] in c. */
export function gruBeforeReset(gates: usize, c: usize, h: usize, rows: i32, width: usize): void {
  for (let row = 0; row < rows; row++) {
    for (const end = gates + width; gates < end; gates += 16, c += 16, h += 16) {
      const r = Sigmoid.of(v128.load(gates));
      const z = Sigmoid.of(v128.load(gates + width));
      const state = v128.load(h);
      v128.store(gates, r);
      v128.store(gates + width, z);
      v128.store(c, f32x4.mul(r, state));
      v128.store(c + width, state);
    }
    gates += 2 * width;
    c += 2 * width;
  }
}

/** n and hₜ = (1 − z) n + z hₜ₋₁ of `rows` examples. */
export function gruBeforeState(
  gates: usize,
  before: usize,
  after: usize,
  rows: i32,
  width: usize,
): void {
  const one = v128.load(ONE);
  for (let row = 0; row < rows; row++) {
    for (const end = gates + width; gates < end; gates += 16, before += 16, after += 16) {
      const z = v128.load(gates + width);
      const n = Tanh.of(v128.load(gates + 2 * width));
      v128.store(gates + 2 * width, n);
      const kept = f32x4.mul(z, v128.load(before));
      v128.store(after, f32x4.add(f32x4.mul(f32x4.sub(one, z), n), kept));
    }
    gates += 2 * width;
  }
}

/**
 * δ of the pre-activations in place of the gates, t descending; dh holds dC/dh from above and is used up. δn and δz as in
 * `gruGradient`; q = Σ δn b over n's block is dC/d(r hₜ₋₁); δr = q hₜ₋₁ r(1−r); dhₜ₋₁ += dh z + q r + Σ [δr δz] b.
 *
 * The third block of c is where q goes.
 */
export function gruBeforeGradient(
  out: usize,
  dh: usize,
  b: usize,
  c: usize,
  lengths: usize,
  rows: i32,
  stepRows: i32,
  units: i32,
  steps: i32,
  stride: i32,
  bStride: i32,
  scratch: usize,
): void {
  const gateStride = 3 * stride;
  const step = (<usize>(stepRows * stride)) << 2;
  const width = (<usize>stride) << 2;
  const ofN = b + <usize>(2 * stride * bStride) * 4;
  for (let t = steps - 1; t >= 0; t--) {
    const delta = out + <usize>t * 3 * step;
    const kept = c + <usize>t * 3 * step;
    const gradient = dh + <usize>t * step;
    const before = t > 0 ? gradient - step : 0;
    if (t < steps - 1) {
      // prettier-ignore
      matmul(MATMUL_NN, gradient, delta + 3 * step, b, gradient, rows, units, 2 * stride, stride, gateStride, bStride, scratch, 0);
    }
    passGradientOn(gradient, before, lengths, t, rows, stride);
    gruBeforeStateGradient(delta, kept, gradient, rows, width);
    const q = kept + 2 * width;
    // prettier-ignore
    matmul(MATMUL_NN, q, delta + 2 * width, ofN, 0, rows, units, stride, gateStride, gateStride, bStride, scratch, 0);
    gruBeforeResetGradient(delta, kept, gradient, rows, width);
    clearPaddingRows(delta, lengths, t, rows, 3 * width);
    if (before) addRows(before, gradient, rows, width);
  }
}

/** δz and δn in place of z and n; dh becomes dh z. */
export function gruBeforeStateGradient(
  gates: usize,
  c: usize,
  dh: usize,
  rows: i32,
  width: usize,
): void {
  const one = v128.load(ONE);
  for (let row = 0; row < rows; row++) {
    for (const end = gates + width; gates < end; gates += 16, c += 16, dh += 16) {
      const z = v128.load(gates + width);
      const n = v128.load(gates + 2 * width);
      const gradient = v128.load(dh);
      const complement = f32x4.sub(one, z);
      const deltaN = f32x4.mul(f32x4.mul(gradient, complement), f32x4.sub(one, f32x4.mul(n, n)));
      const difference = f32x4.sub(v128.load(c + width), n);
      const deltaZ = f32x4.mul(f32x4.mul(gradient, difference), f32x4.mul(z, complement));
      v128.store(gates + width, deltaZ);
      v128.store(gates + 2 * width, deltaN);
      v128.store(dh, f32x4.mul(gradient, z));
    }
    gates += 2 * width;
    c += 2 * width;
  }
}

/** δr in place of r; dh += q r. */
export function gruBeforeResetGradient(
  gates: usize,
  c: usize,
  dh: usize,
  rows: i32,
  width: usize,
): void {
  const one = v128.load(ONE);
  for (let row = 0; row < rows; row++) {
    for (const end = gates + width; gates < end; gates += 16, c += 16, dh += 16) {
      const r = v128.load(gates);
      const q = v128.load(c + 2 * width);
      v128.store(dh, f32x4.add(v128.load(dh), f32x4.mul(q, r)));
      const through = f32x4.mul(q, v128.load(c + width));
      v128.store(gates, f32x4.mul(through, f32x4.mul(r, f32x4.sub(one, r))));
    }
    gates += 2 * width;
    c += 2 * width;
  }
}
