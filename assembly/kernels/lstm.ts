// Long short-term memory, step by step, and backpropagation through time. See rnn.ts for `rows` and `stepRows`.
//
// A row of gates is [i | f | g | o], a row of cells [cₜ₋₁ | tanh cₜ], blocks of `stride` floats, the units rounded up to whole
// vectors. Padding of gates is 0 before the step and σ(0) or tanh 0 behind it; that of every state and δ stays 0.
import { matmul } from '../gemm/gemm';
import { ONE } from '../math/constants';
import { Sigmoid, Tanh } from '../math/tanh';
import { carryState, passGradientOn } from './rnn';
import { LENGTH_BYTES } from './steps';

/**
 * out[t, i] = [i f g o] = σ, σ, tanh, σ of (out[t, i] + Σₖ hₜ₋₁[i, k] b[k, ·]); cₜ = f cₜ₋₁ + i g; hₜ = o tanh cₜ.
 *
 * h: the state before the first step and, directly behind, those after each; cells likewise. b = Whᵀ[units, 4 · stride].
 */
export function lstm(
  product: i32,
  out: usize,
  h: usize,
  b: usize,
  cells: usize,
  lengths: usize,
  rows: i32,
  stepRows: i32,
  units: i32,
  steps: i32,
  stride: i32,
  bStride: i32,
  scratch: usize,
): void {
  const gateStride = 4 * stride;
  const step = (<usize>(stepRows * stride)) << 2;
  for (let t = 0; t < steps; t++, out += 4 * step, h += step, cells += 2 * step) {
    // prettier-ignore
    matmul(product, out, h, b, out, rows, gateStride, units, gateStride, stride, bStride, scratch, 0);
    lstmStep(out, h + step, cells, cells + 2 * step, rows, (<usize>stride) << 2);
    carryState(h + step, h, lengths, t, rows, stride, stride);
    carryState(cells + 2 * step, cells, lengths, t, rows, 2 * stride, stride);
  }
}

/** The gates of `rows` examples, their new cells and states; width is the bytes of a state. */
export function lstmStep(
  gates: usize,
  h: usize,
  before: usize,
  after: usize,
  rows: i32,
  width: usize,
): void {
  for (let row = 0; row < rows; row++) {
    for (const end = gates + width; gates < end; gates += 16, h += 16, before += 16, after += 16) {
      const f = Sigmoid.of(v128.load(gates + width));
      const i = Sigmoid.of(v128.load(gates));
      const g = Tanh.of(v128.load(gates + 2 * width));
      const c = f32x4.add(f32x4.mul(f, v128.load(before)), f32x4.mul(i, g));
      v128.store(gates, i);
      v128.store(gates + width, f);
      v128.store(gates + 2 * width, g);
      v128.store(after, c);
      const o = Sigmoid.of(v128.load(gates + 3 * width));
      const squashed = Tanh.of(c);
      v128.store(gates + 3 * width, o);
      v128.store(before + width, squashed);
      v128.store(h, f32x4.mul(o, squashed));
    }
    gates += 3 * width;
    before += width;
    after += width;
  }
}

/**
 * δ of the pre-activations in place of the gates, t descending; dh holds dC/dh from above and is used up. With dc from the step
 * behind, which lies where tanh cₜ₊₁ was: dc += dh o (1 − tanh² c); δi = dc g i(1−i); δf = dc cₜ₋₁ f(1−f); δg = dc i (1−g²);
 * δo = dh tanh c · o(1−o); dcₜ₋₁ = dc f, and dhₜ₋₁ += Σ δ b with b = Wh[4 · stride, units].
 */
export function lstmGradient(
  product: i32,
  out: usize,
  dh: usize,
  b: usize,
  cells: usize,
  lengths: usize,
  rows: i32,
  stepRows: i32,
  units: i32,
  steps: i32,
  stride: i32,
  bStride: i32,
  scratch: usize,
): void {
  const gateStride = 4 * stride;
  const step = (<usize>(stepRows * stride)) << 2;
  const width = (<usize>stride) << 2;
  clearSlots(cells + <usize>steps * 2 * step + width, rows, width);
  for (let t = steps - 1; t >= 0; t--) {
    const delta = out + <usize>t * 4 * step;
    const gradient = dh + <usize>t * step;
    const cell = cells + <usize>t * 2 * step;
    if (t < steps - 1) {
      // prettier-ignore
      matmul(product, gradient, delta + 4 * step, b, gradient, rows, units, gateStride, stride, gateStride, bStride, scratch, 0);
    }
    passGradientOn(gradient, t > 0 ? gradient - step : 0, lengths, t, rows, stride);
    lstmStepGradient(delta, gradient, cell, cell + 2 * step, rows, width);
    skipPadding(delta, cell + width, cell + 2 * step + width, lengths, t, rows, width);
  }
}

/** Zeros for dC/dc behind the last step. */
function clearSlots(slot: usize, rows: i32, width: usize): void {
  for (let i = 0; i < rows; i++, slot += 2 * width) memory.fill(slot, 0, width);
}

/** Where step t is padding: δ = 0, and dC/dc of the step behind goes on to the step before. */
function skipPadding(
  delta: usize,
  slot: usize,
  behind: usize,
  lengths: usize,
  t: i32,
  rows: i32,
  width: usize,
): void {
  for (let i = 0; i < rows; i++, lengths += LENGTH_BYTES) {
    if (<u32>t >= load<u32>(lengths)) {
      memory.fill(delta, 0, 4 * width);
      memory.copy(slot, behind, width);
    }
    delta += 4 * width;
    slot += 2 * width;
    behind += 2 * width;
  }
}

/** One step of `lstmGradient` for `rows` examples; width is the bytes of a state. */
export function lstmStepGradient(
  gates: usize,
  dh: usize,
  before: usize,
  after: usize,
  rows: i32,
  width: usize,
): void {
  const one = v128.load(ONE);
  for (let row = 0; row < rows; row++) {
    for (const end = gates + width; gates < end; gates += 16, dh += 16, before += 16, after += 16) {
      const i = v128.load(gates);
      const f = v128.load(gates + width);
      const g = v128.load(gates + 2 * width);
      const o = v128.load(gates + 3 * width);
      const squashed = v128.load(before + width);
      const gradient = v128.load(dh);
      const through = f32x4.mul(
        f32x4.mul(gradient, o),
        f32x4.sub(one, f32x4.mul(squashed, squashed)),
      );
      const dc = f32x4.add(v128.load(after + width), through);
      v128.store(before + width, f32x4.mul(dc, f));
      const di = f32x4.mul(f32x4.mul(dc, g), f32x4.mul(i, f32x4.sub(one, i)));
      const df = f32x4.mul(f32x4.mul(dc, v128.load(before)), f32x4.mul(f, f32x4.sub(one, f)));
      const dg = f32x4.mul(f32x4.mul(dc, i), f32x4.sub(one, f32x4.mul(g, g)));
      const deltaO = f32x4.mul(f32x4.mul(gradient, squashed), f32x4.mul(o, f32x4.sub(one, o)));
      v128.store(gates, di);
      v128.store(gates + width, df);
      v128.store(gates + 2 * width, dg);
      v128.store(gates + 3 * width, deltaO);
    }
    gates += 3 * width;
    before += width;
    after += width;
  }
}
