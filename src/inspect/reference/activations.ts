import type { ActivationName } from '../../nn/activations.ts';

/**
 * Activation functions in double precision, as textbooks write them. Only the functions: derivatives are found by differences.
 */

/** σ(z); the two forms are equal, each is used where its exponential cannot overflow. */
export function sigmoid(z: number): number {
  return z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z));
}

/** ln(1 + eᶻ), without overflow. */
export function softplus(z: number): number {
  return Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
}

/** softmax: e^zⱼ / Σ e^zᵢ; subtracting the largest z changes nothing but keeps the exponentials finite. */
export function softmax(z: readonly number[]): number[] {
  const sum = logSumExp(z);
  return z.map((zj) => Math.exp(zj - sum));
}

/** ln Σ eᶻ. */
export function logSumExp(z: readonly number[]): number {
  const largest = Math.max(...z);
  return largest + Math.log(z.reduce((sum, zj) => sum + Math.exp(zj - largest), 0));
}

/** Every activation function of one number. */
const elementwise: Readonly<Record<Exclude<ActivationName, 'softmax'>, (z: number) => number>> = {
  linear: (z) => z,
  sigmoid,
  logistic: sigmoid,
  tanh: Math.tanh,
  relu: (z) => Math.max(z, 0),
  leakyRelu: (z) => (z > 0 ? z : 0.01 * z),
  elu: (z) => (z > 0 ? z : Math.expm1(z)),
  softplus,
  gelu: (z) => (z * (1 + erf(z / Math.SQRT2))) / 2,
  geluTanh: (z) => (z * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (z + 0.044715 * z ** 3)))) / 2,
  silu: (z) => z * sigmoid(z),
};

/** The activations of a layer from its pre-activations. */
export function activate(name: ActivationName, z: readonly number[]): number[] {
  return name === 'softmax' ? softmax(z) : z.map(elementwise[name]);
}

/**
 * The error function: a series of positive terms below 3, the tail's continued fraction above.
 *
 * erf x = 2/√π e^(−x²) Σ 2ⁿ x²ⁿ⁺¹ / (1·3·5 … (2n+1));  1 − erf x = e^(−x²)/√π · 1/(x + ½/(x + 1/(x + 3/2/(x + …))))
 */
function erf(x: number): number {
  if (x < 0) return -erf(-x);
  if (x >= 3) {
    let fraction = x;
    for (let level = 60; level >= 1; level--) fraction = x + level / 2 / fraction;
    return 1 - Math.exp(-x * x) / Math.sqrt(Math.PI) / fraction;
  }
  let term = x;
  let sum = x;
  for (let n = 1; term > sum * 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}
