// The simple recurrent layer: hₜ = f(zₜ + hₜ₋₁ Whᵀ), step by step, and backpropagation through time.
//
// `product` is MATMUL_NN or MATMUL_PANELS: how the recurrent weights lie at b.
//
// A thread may take some of the examples of a batch alone: an example's steps depend on nothing else. Therefore `rows`, the
// examples to work on, is apart from `stepRows`, the rows from one step to the next.
import { matmul } from '../gemm/gemm';
import { activate, activateGradient } from './activation';
import { LENGTH_BYTES } from './steps';

/**
 * out[t, i, :] = f(out[t, i, :] + Σₖ out[t−1, i, k] b[k, :]) for t < steps, i < rows; where t ≥ length, out[t−1, i, :] instead.
 *
 * `before` is the state before the first step; it lies directly before out, so that a step's predecessor is always at the
 * same distance. b = Whᵀ[columns, columns]. Sums start from z and ascend in k.
 */
export function rnn(
  product: i32,
  kind: i32,
  out: usize,
  before: usize,
  b: usize,
  lengths: usize,
  rows: i32,
  columns: i32,
  steps: i32,
  stride: i32,
  bStride: i32,
  scratch: usize,
): void {
  const step = out - before;
  for (let t = 0; t < steps; t++, out += step) {
    const last = out - step;
    // prettier-ignore
    matmul(product, out, last, b, out, rows, columns, columns, stride, stride, bStride, scratch, 0);
    activate(kind, out, out, rows * stride);
    carryState(out, last, lengths, t, rows, stride, stride);
  }
}

/**
 * out[t, i, :] = δₜ = (out[t, i, :] + Σₖ δₜ₊₁[i, k] b[k, :]) ⊙ f′(h[t, i, :]), t descending; out holds dC/dh from above.
 *
 * b = Wh[columns, columns]. In steps of padding δ is 0 and dC/dh goes on to the step before.
 */
export function rnnGradient(
  product: i32,
  kind: i32,
  out: usize,
  h: usize,
  b: usize,
  lengths: usize,
  rows: i32,
  stepRows: i32,
  columns: i32,
  steps: i32,
  stride: i32,
  bStride: i32,
  scratch: usize,
): void {
  const step = (<usize>(stepRows * stride)) << 2;
  for (let t = steps - 1; t >= 0; t--) {
    const delta = out + <usize>t * step;
    if (t < steps - 1) {
      // prettier-ignore
      matmul(product, delta, delta + step, b, delta, rows, columns, columns, stride, stride, bStride, scratch, 0);
    }
    passGradientOn(delta, t > 0 ? delta - step : 0, lengths, t, rows, stride);
    activateGradient(kind, delta, delta, h + <usize>t * step, rows * stride);
  }
}

/** to[i, :] = from[i, :] over `width` floats where step t is padding; rows of both are `stride` floats apart. */
export function carryState(
  to: usize,
  from: usize,
  lengths: usize,
  t: i32,
  rows: i32,
  stride: i32,
  width: i32,
): void {
  const bytes = (<usize>stride) << 2;
  for (let i = 0; i < rows; i++, to += bytes, from += bytes, lengths += LENGTH_BYTES) {
    if (<u32>t >= load<u32>(lengths)) memory.copy(to, from, (<usize>width) << 2);
  }
}

/** Where step t is padding: before[i, :] += gradient[i, :], if there is a step before, and gradient[i, :] = 0. */
export function passGradientOn(
  gradient: usize,
  before: usize,
  lengths: usize,
  t: i32,
  rows: i32,
  stride: i32,
): void {
  const bytes = (<usize>stride) << 2;
  for (let i = 0; i < rows; i++, gradient += bytes, lengths += LENGTH_BYTES) {
    if (<u32>t < load<u32>(lengths)) continue;
    if (before) addRow(before + <usize>i * bytes, gradient, bytes);
    memory.fill(gradient, 0, bytes);
  }
}

/** out += a, whole vectors. */
function addRow(out: usize, a: usize, bytes: usize): void {
  for (let offset: usize = 0; offset < bytes; offset += 16) {
    v128.store(out + offset, f32x4.add(v128.load(out + offset), v128.load(a + offset)));
  }
}
