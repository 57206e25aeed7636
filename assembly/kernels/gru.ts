// Gated recurrent units with the reset gate after the product, step by step, and backpropagation through time. See rnn.ts for `rows` and `stepRows`.
//
// A row of gates is [r | z | n], blocks of `stride` floats, the units rounded up to whole vectors. Padding of gates is 0 before
// the step and σ(0) or tanh 0 behind it; that of every state and δ stays 0.
import { matmul } from '../gemm/gemm';
import { ONE } from '../math/constants';
import { Sigmoid, Tanh } from '../math/tanh';
import { carryState, passGradientOn } from './rnn';
import { LENGTH_BYTES } from './steps';

/**
 * Reset after the product: u += Σₖ hₜ₋₁[i, k] b[k, ·]; out = [r z n] = σ(out + u), σ(out + u), tanh(out + r u);
 * hₜ = (1 − z) n + z hₜ₋₁. Of u, the block of n stays and that of z becomes hₜ₋₁ − n, for the gradient.
 *
 * h: the state before the first step and, directly behind, those after each. b = Whᵀ[units, 3 · stride].
 */
export function gru(
  product: i32,
  out: usize,
  h: usize,
  b: usize,
  u: usize,
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
  for (let t = 0; t < steps; t++, out += 3 * step, u += 3 * step, h += step) {
    // prettier-ignore
    matmul(product, u, h, b, u, rows, gateStride, units, gateStride, stride, bStride, scratch, 0);
    gruStep(out, u, h, h + step, rows, (<usize>stride) << 2);
    carryState(h + step, h, lengths, t, rows, stride, stride);
  }
}

/** The gates of `rows` examples and their new states; width is the bytes of a state. */
export function gruStep(
  gates: usize,
  u: usize,
  before: usize,
  after: usize,
  rows: i32,
  width: usize,
): void {
  const one = v128.load(ONE);
  for (let row = 0; row < rows; row++) {
    for (const end = gates + width; gates < end; gates += 16, u += 16, before += 16, after += 16) {
      const r = Sigmoid.of(f32x4.add(v128.load(gates), v128.load(u)));
      v128.store(gates, r);
      const reset = f32x4.mul(r, v128.load(u + 2 * width));
      const n = Tanh.of(f32x4.add(v128.load(gates + 2 * width), reset));
      v128.store(gates + 2 * width, n);
      const z = Sigmoid.of(f32x4.add(v128.load(gates + width), v128.load(u + width)));
      v128.store(gates + width, z);
      const h = v128.load(before);
      v128.store(u + width, f32x4.sub(h, n));
      v128.store(after, f32x4.add(f32x4.mul(f32x4.sub(one, z), n), f32x4.mul(z, h)));
    }
    gates += 2 * width;
    u += 2 * width;
  }
}

/**
 * δ of the pre-activations in place of the gates and δ of u in place of u, t descending; dh holds dC/dh from above and is used up.
 * δn = dh (1−z) (1−n²); δz = dh (hₜ₋₁ − n) z(1−z); δr = δn u · r(1−r); of u they are δr, δz and δn r;
 * dhₜ₋₁ += dh z + Σ δu b with b = Wh[3 · stride, units].
 */
export function gruGradient(
  product: i32,
  out: usize,
  dh: usize,
  b: usize,
  u: usize,
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
  for (let t = steps - 1; t >= 0; t--) {
    const delta = out + <usize>t * 3 * step;
    const deltaU = u + <usize>t * 3 * step;
    const gradient = dh + <usize>t * step;
    const before = t > 0 ? gradient - step : 0;
    if (t < steps - 1) {
      // prettier-ignore
      matmul(product, gradient, deltaU + 3 * step, b, gradient, rows, units, gateStride, stride, gateStride, bStride, scratch, 0);
    }
    passGradientOn(gradient, before, lengths, t, rows, stride);
    gruStepGradient(delta, deltaU, gradient, rows, width);
    clearPaddingRows(delta, lengths, t, rows, 3 * width);
    clearPaddingRows(deltaU, lengths, t, rows, 3 * width);
    if (before) addRows(before, gradient, rows, width);
  }
}

/** One step of `gruGradient` for `rows` examples; dh becomes dh z. */
export function gruStepGradient(gates: usize, u: usize, dh: usize, rows: i32, width: usize): void {
  const one = v128.load(ONE);
  for (let row = 0; row < rows; row++) {
    for (const end = gates + width; gates < end; gates += 16, u += 16, dh += 16) {
      const r = v128.load(gates);
      const z = v128.load(gates + width);
      const n = v128.load(gates + 2 * width);
      const gradient = v128.load(dh);
      const complement = f32x4.sub(one, z);
      const deltaN = f32x4.mul(f32x4.mul(gradient, complement), f32x4.sub(one, f32x4.mul(n, n)));
      const deltaZ = f32x4.mul(f32x4.mul(gradient, v128.load(u + width)), f32x4.mul(z, complement));
      const deltaR = f32x4.mul(
        f32x4.mul(deltaN, v128.load(u + 2 * width)),
        f32x4.mul(r, f32x4.sub(one, r)),
      );
      v128.store(gates, deltaR);
      v128.store(gates + width, deltaZ);
      v128.store(gates + 2 * width, deltaN);
      v128.store(u, deltaR);
      v128.store(u + width, deltaZ);
      v128.store(u + 2 * width, f32x4.mul(deltaN, r));
      v128.store(dh, f32x4.mul(gradient, z));
    }
    gates += 2 * width;
    u += 2 * width;
  }
}

/** Zeros in the rows of padding, `bytes` each. */
export function clearPaddingRows(
  delta: usize,
  lengths: usize,
  t: i32,
  rows: i32,
  bytes: usize,
): void {
  for (let i = 0; i < rows; i++, delta += bytes, lengths += LENGTH_BYTES) {
    if (<u32>t >= load<u32>(lengths)) memory.fill(delta, 0, bytes);
  }
}

/** out += a over `rows` rows of `bytes` bytes. */
export function addRows(out: usize, a: usize, rows: i32, bytes: usize): void {
  for (const end = out + <usize>rows * bytes; out < end; out += 16, a += 16) {
    v128.store(out, f32x4.add(v128.load(out), v128.load(a)));
  }
}
