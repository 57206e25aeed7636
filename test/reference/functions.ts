/**
 * Activation and cost functions in double precision, as a textbook writes them: the specification of those in the library.
 */

/** A function of one number and its derivative. */
export interface Activation {
  /** f(z) */
  f(z: number): number;
  /** f′(z) */
  df(z: number): number;
}

/** A cost that is a sum over outputs. */
export interface Loss {
  /** The part of one output. */
  cost(a: number, y: number): number;
  /** Its derivative with respect to a. */
  derivative(a: number, y: number): number;
  /** Whether the sum over outputs is divided by their number. */
  mean: boolean;
}

/**
 * The error function to about one unit in the last place: a series of positive terms below 3, the tail's continued fraction above.
 *
 * erf x = 2/√π e^(−x²) Σ 2ⁿ x²ⁿ⁺¹ / (1·3·5 … (2n+1));  1 − erf x = e^(−x²)/√π · 1/(x + ½/(x + 1/(x + 3/2/(x + …))))
 */
export function erf(x: number): number {
  if (x < 0) return -erf(-x);
  if (x >= 3) return 1 - erfcTail(x);
  let term = x;
  let sum = x;
  for (let n = 1; term > sum * 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** 1 − erf x for x ≥ 3, where 60 levels of the continued fraction are more than enough. */
function erfcTail(x: number): number {
  let fraction = x;
  for (let level = 60; level >= 1; level--) fraction = x + level / 2 / fraction;
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / fraction;
}

/** Φ(z), the area under the normal curve to the left of z; the tail keeps its relative accuracy. */
function normalArea(z: number): number {
  const x = z / Math.SQRT2;
  return x <= -3 ? erfcTail(-x) / 2 : (1 + erf(x)) / 2;
}

const normalDensity = (z: number): number => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);

/** σ(z); the two forms are equal, each is used where its exponential cannot overflow. */
export function sigmoid(z: number): number {
  return z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z));
}

const GELU_TANH_SCALE = Math.sqrt(2 / Math.PI);
const geluTanhArgument = (z: number): number => GELU_TANH_SCALE * (z + 0.044715 * z ** 3);

/** Φ(z)'s approximation in geluTanh, ½(1 + tanh u) = σ(2u), which keeps its relative accuracy for negative u. */
const geluTanhArea = (z: number): number => sigmoid(2 * geluTanhArgument(z));

/** z · weight, where a weight that has underflowed to zero wins over a large z. */
const times = (z: number, weight: number): number => (weight === 0 ? 0 : z * weight);

/** Every elementwise activation of the library. */
export const activations: Record<string, Activation> = {
  linear: { f: (z) => z, df: () => 1 },
  sigmoid: { f: sigmoid, df: (z) => sigmoid(z) * sigmoid(-z) },
  tanh: { f: Math.tanh, df: (z) => 1 / Math.cosh(z) ** 2 },
  relu: { f: (z) => (z > 0 ? z : 0), df: (z) => (z > 0 ? 1 : 0) },
  leakyRelu: { f: (z) => (z > 0 ? z : 0.01 * z), df: (z) => (z > 0 ? 1 : 0.01) },
  elu: { f: (z) => (z > 0 ? z : Math.expm1(z)), df: (z) => (z > 0 ? 1 : Math.exp(z)) },
  softplus: {
    f: (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))),
    df: sigmoid,
  },
  gelu: {
    f: (z) => times(z, normalArea(z)),
    df: (z) => normalArea(z) + times(z, normalDensity(z)),
  },
  geluTanh: {
    f: (z) => times(z, geluTanhArea(z)),
    df: (z) => {
      const slope = GELU_TANH_SCALE * (1 + 3 * 0.044715 * z * z);
      const area = geluTanhArea(z);
      const rest = sigmoid(-2 * geluTanhArgument(z));
      return area + times(2 * z * slope, area * rest);
    },
  },
  silu: {
    f: (z) => times(z, sigmoid(z)),
    df: (z) => sigmoid(z) + times(z, sigmoid(z) * sigmoid(-z)),
  },
};

/** softmax: e^zⱼ / Σ e^zᵢ; subtracting the largest z changes nothing but keeps the exponentials finite. */
export function softmax(z: number[]): number[] {
  const largest = Math.max(...z);
  const e = z.map((zj) => Math.exp(zj - largest));
  const sum = e.reduce((s, ej) => s + ej, 0);
  return e.map((ej) => ej / sum);
}

/** Every cost function of the library; e = a − y. */
export const losses: Record<string, Loss> = {
  halfSquaredError: { cost: (a, y) => (a - y) ** 2 / 2, derivative: (a, y) => a - y, mean: false },
  halfMeanSquaredError: {
    cost: (a, y) => (a - y) ** 2 / 2,
    derivative: (a, y) => a - y,
    mean: true,
  },
  squaredError: { cost: (a, y) => (a - y) ** 2, derivative: (a, y) => 2 * (a - y), mean: false },
  meanSquaredError: { cost: (a, y) => (a - y) ** 2, derivative: (a, y) => 2 * (a - y), mean: true },
  meanAbsoluteError: {
    cost: (a, y) => Math.abs(a - y),
    derivative: (a, y) => Math.sign(a - y),
    mean: true,
  },
  huber: {
    cost: (a, y) => (Math.abs(a - y) <= 1 ? (a - y) ** 2 / 2 : Math.abs(a - y) - 1 / 2),
    derivative: (a, y) => Math.max(-1, Math.min(1, a - y)),
    mean: true,
  },
  crossEntropy: {
    cost: (a, y) => (y === 0 ? 0 : -y * Math.log(a)),
    derivative: (a, y) => (y === 0 ? 0 : -y / a),
    mean: false,
  },
  binaryCrossEntropy: {
    cost: (a, y) => -y * Math.log(a) - (1 - y) * Math.log1p(-a),
    derivative: (a, y) => (a - y) / (a * (1 - a)),
    mean: false,
  },
};
