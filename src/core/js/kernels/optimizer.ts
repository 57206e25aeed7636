// Twin of assembly/kernels/optimizer.ts: parameter updates over one flat range of `count` floats. Addresses are in bytes.
// Parameters p, gradients g = dC/dp; hyper-parameters are rounded to f32 once per call, then each operation rounds once.

const { abs, fround, sqrt } = Math;

/** 2⁻¹⁰⁰: moments up to it become 0, or they would decay to subnormal numbers; see assembly/kernels/optimizer.ts. */
const TINY = 2 ** -100;

/** out = −η a. */
export function scaleByRate(
  f32: Float32Array,
  out: number,
  a: number,
  count: number,
  learningRate: number,
): void {
  const factor = -fround(learningRate);
  const [out0, a0] = [out >>> 2, a >>> 2];
  for (let i = 0; i < count; i++) f32[out0 + i] = factor * f32[a0 + i]!;
}

/** p −= η g. */
export function sgd(
  f32: Float32Array,
  p: number,
  g: number,
  count: number,
  learningRate: number,
): void {
  const eta = fround(learningRate);
  const [p0, g0] = [p >>> 2, g >>> 2];
  for (let i = 0; i < count; i++) f32[p0 + i]! -= fround(eta * f32[g0 + i]!);
}

/** v = μ v + g, flushed; p −= η v. */
export function momentum(
  f32: Float32Array,
  p: number,
  g: number,
  v: number,
  count: number,
  learningRate: number,
  coefficient: number,
): void {
  const eta = fround(learningRate);
  const mu = fround(coefficient);
  const [p0, g0, v0] = [p >>> 2, g >>> 2, v >>> 2];
  for (let i = 0; i < count; i++) {
    const sum = fround(fround(mu * f32[v0 + i]!) + f32[g0 + i]!);
    const velocity = abs(sum) <= TINY ? 0 : sum;
    f32[v0 + i] = velocity;
    f32[p0 + i]! -= fround(eta * velocity);
  }
}

/** v = μ v + g, flushed; p −= η (g + μ v). */
export function nesterov(
  f32: Float32Array,
  p: number,
  g: number,
  v: number,
  count: number,
  learningRate: number,
  coefficient: number,
): void {
  const eta = fround(learningRate);
  const mu = fround(coefficient);
  const [p0, g0, v0] = [p >>> 2, g >>> 2, v >>> 2];
  for (let i = 0; i < count; i++) {
    const gradient = f32[g0 + i]!;
    const sum = fround(fround(mu * f32[v0 + i]!) + gradient);
    const velocity = abs(sum) <= TINY ? 0 : sum;
    const lookahead = fround(gradient + fround(mu * velocity));
    f32[v0 + i] = velocity;
    f32[p0 + i]! -= fround(eta * lookahead);
  }
}

/** s = decay s + weight g², flushed; p −= η g / (√s + ε). RMSprop: decay ρ, weight 1 − ρ; Adagrad: both 1. */
export function scaleByRoot(
  f32: Float32Array,
  p: number,
  g: number,
  s: number,
  count: number,
  learningRate: number,
  decay: number,
  weight: number,
  epsilon: number,
): void {
  const eta = fround(learningRate);
  const [decays, weights] = [fround(decay), fround(weight)];
  const eps = fround(epsilon);
  const [p0, g0, s0] = [p >>> 2, g >>> 2, s >>> 2];
  for (let i = 0; i < count; i++) {
    const gradient = f32[g0 + i]!;
    const square = fround(gradient * gradient);
    const sum = fround(fround(decays * f32[s0 + i]!) + fround(weights * square));
    const squares = abs(sum) <= TINY ? 0 : sum;
    f32[s0 + i] = squares;
    f32[p0 + i]! -= fround(fround(eta * gradient) / fround(fround(sqrt(squares)) + eps));
  }
}

/** p = (1 − η · weightDecay) p; m = β₁ m + (1−β₁) g and v = β₂ v + (1−β₂) g², both flushed; p −= (η/(1−β₁ᵗ)) m / (√v · 1/√(1−β₂ᵗ) + ε). */
export function adam(
  f32: Float32Array,
  p: number,
  g: number,
  m: number,
  v: number,
  count: number,
  learningRate: number,
  beta1: number,
  beta2: number,
  epsilon: number,
  beta1Power: number,
  beta2Power: number,
  weightDecay: number,
): void {
  const decay1 = fround(beta1);
  const decay2 = fround(beta2);
  const weight1 = fround(1 - beta1);
  const weight2 = fround(1 - beta2);
  const stepSize = fround(learningRate / (1 - beta1Power));
  const inverseRoot = fround(1 / sqrt(1 - beta2Power));
  const eps = fround(epsilon);
  const keep = fround(1 - learningRate * weightDecay);
  const [p0, g0, m0, v0] = [p >>> 2, g >>> 2, m >>> 2, v >>> 2];
  for (let i = 0; i < count; i++) {
    const gradient = f32[g0 + i]!;
    const square = fround(gradient * gradient);
    const sum1 = fround(fround(decay1 * f32[m0 + i]!) + fround(weight1 * gradient));
    const sum2 = fround(fround(decay2 * f32[v0 + i]!) + fround(weight2 * square));
    const mean = abs(sum1) <= TINY ? 0 : sum1;
    const variance = abs(sum2) <= TINY ? 0 : sum2;
    f32[m0 + i] = mean;
    f32[v0 + i] = variance;
    const root = fround(fround(fround(sqrt(variance)) * inverseRoot) + eps);
    const kept = fround(keep * f32[p0 + i]!) + 0; // never −0
    f32[p0 + i] = kept - fround(fround(stepSize * mean) / root);
  }
}
