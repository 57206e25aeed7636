// Parameter updates over one flat range of `count` floats, a multiple of 4. Parameters p, gradients g = dC/dp.
// Hyper-parameters arrive in double precision and are rounded to f32 once per call; each arithmetic operation then rounds
// once. Zero gradients and zero moments leave a parameter as it is, so padding stays zero.

/** 2⁻¹⁰⁰, see {@link Moment.flush}. */
const TINY = memory.data<v128>([f32x4.splat(7.888609052210118e-31)], 16);

class Moment {
  /**
   * x, or 0 where |x| ≤ 2⁻¹⁰⁰; NaN stays NaN, so that a broken network shows.
   *
   * Without gradients a moment decays by a factor each step until it is subnormal, and stays there: 0.9 times the smallest number
   * rounds to itself. Subnormal numbers make an update three times as slow, for ever. The bound leaves room for η m to be normal.
   */
  @inline static flush(x: v128): v128 {
    return v128.andnot(x, f32x4.le(f32x4.abs(x), v128.load(TINY)));
  }
}

/** out = −η a over `count` contiguous floats, a multiple of 4. out may be a. */
export function scaleByRate(out: usize, a: usize, count: i32, learningRate: f64): void {
  const end = out + ((<usize>count) << 2);
  const factor = f32x4.splat(-(<f32>learningRate));
  for (; out < end; out += 16, a += 16) v128.store(out, f32x4.mul(factor, v128.load(a)));
}

/** p −= η g. */
export function sgd(p: usize, g: usize, count: i32, learningRate: f64): void {
  const end = p + ((<usize>count) << 2);
  const eta = f32x4.splat(<f32>learningRate);
  for (; p < end; p += 16, g += 16) {
    v128.store(p, f32x4.sub(v128.load(p), f32x4.mul(eta, v128.load(g))));
  }
}

/** v = μ v + g, flushed; p −= η v. */
export function momentum(
  p: usize,
  g: usize,
  v: usize,
  count: i32,
  learningRate: f64,
  coefficient: f64,
): void {
  const end = p + ((<usize>count) << 2);
  const eta = f32x4.splat(<f32>learningRate);
  const mu = f32x4.splat(<f32>coefficient);
  for (; p < end; p += 16, g += 16, v += 16) {
    const velocity = Moment.flush(f32x4.add(f32x4.mul(mu, v128.load(v)), v128.load(g)));
    v128.store(v, velocity);
    v128.store(p, f32x4.sub(v128.load(p), f32x4.mul(eta, velocity)));
  }
}

/** v = μ v + g, flushed; p −= η (g + μ v). */
export function nesterov(
  p: usize,
  g: usize,
  v: usize,
  count: i32,
  learningRate: f64,
  coefficient: f64,
): void {
  const end = p + ((<usize>count) << 2);
  const eta = f32x4.splat(<f32>learningRate);
  const mu = f32x4.splat(<f32>coefficient);
  for (; p < end; p += 16, g += 16, v += 16) {
    const gradient = v128.load(g);
    const velocity = Moment.flush(f32x4.add(f32x4.mul(mu, v128.load(v)), gradient));
    const lookahead = f32x4.add(gradient, f32x4.mul(mu, velocity));
    v128.store(v, velocity);
    v128.store(p, f32x4.sub(v128.load(p), f32x4.mul(eta, lookahead)));
  }
}

/**
 * s = decay s + weight g², flushed; p −= η g / (√s + ε). RMSprop: decay ρ, weight 1 − ρ; Adagrad: both 1, which is exact.
 *
 * ε is added after the root. Precondition: ε rounds to a positive f32. Two vectors at a time, as {@link adam}.
 */
export function scaleByRoot(
  p: usize,
  g: usize,
  s: usize,
  count: i32,
  learningRate: f64,
  decay: f64,
  weight: f64,
  epsilon: f64,
): void {
  const end = p + (((<usize>count) & ~7) << 2);
  const eta = f32x4.splat(<f32>learningRate);
  const decays = f32x4.splat(<f32>decay);
  const weights = f32x4.splat(<f32>weight);
  const eps = f32x4.splat(<f32>epsilon);
  for (; p < end; p += 32, g += 32, s += 32) {
    const g0 = v128.load(g);
    const g1 = v128.load(g, 16);
    const s0 = Adam.blend(decays, v128.load(s), weights, f32x4.mul(g0, g0));
    const s1 = Adam.blend(decays, v128.load(s, 16), weights, f32x4.mul(g1, g1));
    v128.store(s, s0);
    v128.store(s, s1, 16);
    const root0 = f32x4.add(f32x4.sqrt(s0), eps);
    const root1 = f32x4.add(f32x4.sqrt(s1), eps);
    v128.store(p, Adam.step(v128.load(p), eta, g0, root0));
    v128.store(p, Adam.step(v128.load(p, 16), eta, g1, root1), 16);
  }
  if (count & 4) {
    const gradient = v128.load(g);
    const squares = Adam.blend(decays, v128.load(s), weights, f32x4.mul(gradient, gradient));
    v128.store(s, squares);
    v128.store(p, Adam.step(v128.load(p), eta, gradient, f32x4.add(f32x4.sqrt(squares), eps)));
  }
}

/**
 * p = keep p; m = β₁ m + (1−β₁) g and v = β₂ v + (1−β₂) g², both flushed; p −= (η/(1−β₁ᵗ)) m / (√v · 1/√(1−β₂ᵗ) + ε).
 *
 * keep = 1 − η · weightDecay; without decay it is 1 and its product exact. Both moments are bias-corrected and ε is added
 * after the corrected root. Precondition: ε rounds to a positive f32.
 * Two vectors at a time, step by step side by side: their square roots and divisions overlap.
 */
export function adam(
  p: usize,
  g: usize,
  m: usize,
  v: usize,
  count: i32,
  learningRate: f64,
  beta1: f64,
  beta2: f64,
  epsilon: f64,
  beta1Power: f64,
  beta2Power: f64,
  weightDecay: f64,
): void {
  const end = p + (((<usize>count) & ~7) << 2);
  const decay1 = f32x4.splat(<f32>beta1);
  const decay2 = f32x4.splat(<f32>beta2);
  const weight1 = f32x4.splat(<f32>(1 - beta1));
  const weight2 = f32x4.splat(<f32>(1 - beta2));
  const stepSize = f32x4.splat(<f32>(learningRate / (1 - beta1Power)));
  const inverseRoot = f32x4.splat(<f32>(1 / f64.sqrt(1 - beta2Power)));
  const eps = f32x4.splat(<f32>epsilon);
  const keep = f32x4.splat(<f32>(1 - learningRate * weightDecay));
  for (; p < end; p += 32, g += 32, m += 32, v += 32) {
    const g0 = v128.load(g);
    const g1 = v128.load(g, 16);
    const m0 = Adam.blend(decay1, v128.load(m), weight1, g0);
    const m1 = Adam.blend(decay1, v128.load(m, 16), weight1, g1);
    const v0 = Adam.blend(decay2, v128.load(v), weight2, f32x4.mul(g0, g0));
    const v1 = Adam.blend(decay2, v128.load(v, 16), weight2, f32x4.mul(g1, g1));
    v128.store(m, m0);
    v128.store(m, m1, 16);
    v128.store(v, v0);
    v128.store(v, v1, 16);
    const root0 = Adam.root(v0, inverseRoot, eps);
    const root1 = Adam.root(v1, inverseRoot, eps);
    v128.store(p, Adam.step(Adam.kept(keep, v128.load(p)), stepSize, m0, root0));
    v128.store(p, Adam.step(Adam.kept(keep, v128.load(p, 16)), stepSize, m1, root1), 16);
  }
  if (count & 4) {
    const gradient = v128.load(g);
    const mean = Adam.blend(decay1, v128.load(m), weight1, gradient);
    const variance = Adam.blend(decay2, v128.load(v), weight2, f32x4.mul(gradient, gradient));
    v128.store(m, mean);
    v128.store(v, variance);
    const root = Adam.root(variance, inverseRoot, eps);
    v128.store(p, Adam.step(Adam.kept(keep, v128.load(p)), stepSize, mean, root));
  }
}

class Adam {
  /** decay · moment + weight · value, flushed */
  @inline static blend(decay: v128, moment: v128, weight: v128, value: v128): v128 {
    return Moment.flush(f32x4.add(f32x4.mul(decay, moment), f32x4.mul(weight, value)));
  }
  /** √variance · inverseRoot + ε */
  @inline static root(variance: v128, inverseRoot: v128, eps: v128): v128 {
    return f32x4.add(f32x4.mul(f32x4.sqrt(variance), inverseRoot), eps);
  }
  /** keep · p; + 0 turns a product that vanishes below zero from −0 into 0, as no parameter may be −0 */
  @inline static kept(keep: v128, p: v128): v128 {
    return f32x4.add(f32x4.mul(keep, p), f32x4.splat(0));
  }
  /** p − stepSize · mean / root */
  @inline static step(p: v128, stepSize: v128, mean: v128, root: v128): v128 {
    return f32x4.sub(p, f32x4.div(f32x4.mul(stepSize, mean), root));
  }
}
