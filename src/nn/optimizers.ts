import { checkKeys, checkName, checkNumber } from '../checks.ts';
import * as abi from '../core/abi.ts';
import type { UpdateRule } from '../plan/model.ts';

/** Plain gradient descent. */
export interface Sgd {
  readonly kind: 'sgd';
  readonly learningRate: number;
}

/** Gradient descent with a velocity. */
export interface Momentum {
  readonly kind: 'momentum' | 'nesterov';
  readonly learningRate: number;
  readonly momentum: number;
}

/** Adam. */
export interface Adam {
  readonly kind: 'adam';
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** RMSprop. */
export interface RmsProp {
  readonly kind: 'rmsprop';
  readonly learningRate: number;
  readonly rho: number;
  readonly epsilon: number;
}

/** Adagrad. */
export interface Adagrad {
  readonly kind: 'adagrad';
  readonly learningRate: number;
  readonly epsilon: number;
}

/** Adam with decoupled weight decay. */
export interface AdamW {
  readonly kind: 'adamw';
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

/** An optimizer and its hyper-parameters, as plain data. */
export type Optimizer = Sgd | Momentum | RmsProp | Adagrad | Adam | AdamW;

/**
 * Gradient descent: p ← p − η g.
 *
 * @param options.learningRate - η > 0; 0.01 when absent
 * @throws {TypeError | RangeError} for unknown options or values out of range
 * @example
 * ```ts
 * sgd({ learningRate: 3 }); // { kind: 'sgd', learningRate: 3 }
 * ```
 */
export function sgd(options: { learningRate?: number } = {}): Sgd {
  return checkOptimizer({ kind: 'sgd', learningRate: 0.01, ...options }, 'sgd') as Sgd;
}

/**
 * Gradient descent with momentum: v ← μ v + g; p ← p − η v (the form of PyTorch; Keras folds η into v, the same while η is constant).
 *
 * @param options.learningRate - η > 0; 0.01 when absent
 * @param options.momentum - μ from 0 to 1; 0.9 when absent
 * @throws {TypeError | RangeError} for unknown options or values out of range
 * @example
 * ```ts
 * momentum({ learningRate: 0.05 }).momentum; // 0.9
 * ```
 */
export function momentum(options: { learningRate?: number; momentum?: number } = {}): Momentum {
  const optimizer = { kind: 'momentum', learningRate: 0.01, momentum: 0.9, ...options };
  return checkOptimizer(optimizer, 'momentum') as Momentum;
}

/**
 * Nesterov's accelerated gradient: v ← μ v + g; p ← p − η (g + μ v) (the form of PyTorch and Sutskever et al. 2013).
 *
 * @param options.learningRate - η > 0; 0.01 when absent
 * @param options.momentum - μ from 0 to 1; 0.9 when absent
 * @throws {TypeError | RangeError} for unknown options or values out of range
 * @example
 * ```ts
 * nesterov({ learningRate: 0.05, momentum: 0.8 }).momentum; // 0.8
 * ```
 */
export function nesterov(options: { learningRate?: number; momentum?: number } = {}): Momentum {
  const optimizer = { kind: 'nesterov', learningRate: 0.01, momentum: 0.9, ...options };
  return checkOptimizer(optimizer, 'nesterov') as Momentum;
}

/**
 * RMSprop (Tieleman and Hinton 2012): s ← ρ s + (1−ρ) g²; p ← p − η g / (√s + ε), ε outside the root as in PyTorch (TensorFlow puts it
 * inside). s starts at zero and is not corrected for it, so the first steps are about η/√(1−ρ), three times as large as later ones.
 *
 * @param options.learningRate - η > 0; 0.001 when absent, as in Hinton's lecture and Keras (PyTorch: 0.01)
 * @param options.rho - ρ from 0 to below 1; 0.9 when absent, as in Hinton's lecture and Keras (PyTorch's alpha: 0.99)
 * @param options.epsilon - ε ≥ 1e-12; 1e-8 when absent
 * @throws {TypeError | RangeError} for unknown options or values out of range
 * @example
 * ```ts
 * rmsprop({ learningRate: 0.01 }).rho; // 0.9
 * ```
 */
export function rmsprop(
  options: { learningRate?: number; rho?: number; epsilon?: number } = {},
): RmsProp {
  const defaults = { learningRate: 0.001, rho: 0.9, epsilon: 1e-8 };
  return checkOptimizer({ kind: 'rmsprop', ...defaults, ...options }, 'rmsprop') as RmsProp;
}

/**
 * Adagrad (Duchi, Hazan and Singer 2011): s ← s + g²; p ← p − η g / (√s + ε). s starts at zero: the first step of a parameter is η.
 *
 * @param options.learningRate - η > 0; 0.01 when absent
 * @param options.epsilon - ε ≥ 1e-12; 1e-8 when absent
 * @throws {TypeError | RangeError} for unknown options or values out of range
 * @example
 * ```ts
 * adagrad().learningRate; // 0.01
 * ```
 */
export function adagrad(options: { learningRate?: number; epsilon?: number } = {}): Adagrad {
  const defaults = { learningRate: 0.01, epsilon: 1e-8 };
  return checkOptimizer({ kind: 'adagrad', ...defaults, ...options }, 'adagrad') as Adagrad;
}

/**
 * Adam (Kingma and Ba 2015): m ← β₁ m + (1−β₁) g; v ← β₂ v + (1−β₂) g²; p ← p − η m̂ / (√v̂ + ε),
 * with m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ).
 *
 * @param options.learningRate - η > 0; 0.001 when absent
 * @param options.beta1 - β₁ from 0 to below 1; 0.9 when absent
 * @param options.beta2 - β₂ from 0 to below 1; 0.999 when absent
 * @param options.epsilon - ε ≥ 1e-12; 1e-8 when absent
 * @throws {TypeError | RangeError} for unknown options or values out of range
 * @example
 * ```ts
 * adam({ learningRate: 0.01 }).beta2; // 0.999
 * ```
 */
export function adam(
  options: { learningRate?: number; beta1?: number; beta2?: number; epsilon?: number } = {},
): Adam {
  const defaults = { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
  return checkOptimizer({ kind: 'adam', ...defaults, ...options }, 'adam') as Adam;
}

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter 2019): p ← (1 − η λ) p, then the step of {@link adam}.
 *
 * The decay is no part of the gradient, so Adam's scaling does not touch it, unlike the option `l2` of `fit`, which adds l₂ w to the
 * gradient of the weights. As in PyTorch it applies to weights and biases alike; frozen layers do not decay.
 *
 * @param options.learningRate - η > 0; 0.001 when absent
 * @param options.weightDecay - λ ≥ 0; 0.01 when absent
 * @param options.beta1 - β₁ from 0 to below 1; 0.9 when absent
 * @param options.beta2 - β₂ from 0 to below 1; 0.999 when absent
 * @param options.epsilon - ε ≥ 1e-12; 1e-8 when absent
 * @throws {TypeError | RangeError} for unknown options or values out of range
 * @example
 * ```ts
 * adamw({ weightDecay: 0.1 }).learningRate; // 0.001
 * ```
 */
export function adamw(
  options: {
    learningRate?: number;
    beta1?: number;
    beta2?: number;
    epsilon?: number;
    weightDecay?: number;
  } = {},
): AdamW {
  const defaults = { ...adam(), weightDecay: 0.01 };
  return checkOptimizer({ ...defaults, ...options, kind: 'adamw' }, 'adamw') as AdamW;
}

const hyperParameters = {
  sgd: ['learningRate'],
  momentum: ['learningRate', 'momentum'],
  nesterov: ['learningRate', 'momentum'],
  rmsprop: ['learningRate', 'rho', 'epsilon'],
  adagrad: ['learningRate', 'epsilon'],
  adam: ['learningRate', 'beta1', 'beta2', 'epsilon'],
  adamw: ['learningRate', 'beta1', 'beta2', 'epsilon', 'weightDecay'],
} as const;

/** The largest f64 below 1: β = 1 would divide by zero. */
const BELOW_ONE = 1 - 2 ** -53;

/**
 * Mean squares below 2⁻¹⁰⁰ are taken as 0, which must not make a step much larger: ε has to stand well above their root, 2⁻⁵⁰, even
 * after Adam's correction.
 */
const SMALLEST_EPSILON = 1e-12;

const ranges = {
  learningRate: { low: 0, above: true },
  momentum: { low: 0, high: 1 },
  rho: { low: 0, high: BELOW_ONE },
  beta1: { low: 0, high: BELOW_ONE },
  beta2: { low: 0, high: BELOW_ONE },
  epsilon: { low: SMALLEST_EPSILON },
  weightDecay: { low: 0 },
} as const;

/** Checks an optimizer that came as plain data. */
export function checkOptimizer(value: unknown, where: string): Optimizer {
  const kinds = Object.keys(hyperParameters) as Optimizer['kind'][];
  checkKeys(value, ['kind', ...new Set(Object.values(hyperParameters).flat())], where);
  const optimizer = value as Record<string, unknown>;
  const kind = checkName(optimizer['kind'], kinds, `${where}.kind`);
  checkKeys(value, ['kind', ...hyperParameters[kind]], where);
  for (const name of hyperParameters[kind]) {
    checkNumber(optimizer[name], `${where}.${name}`, ranges[name]);
  }
  return Object.freeze({ ...optimizer }) as unknown as Optimizer;
}

const updates: Record<Optimizer['kind'], { opcode: number; moments: 0 | 1 | 2; text: string }> = {
  sgd: { opcode: abi.OP_SGD, moments: 0, text: 'p = p − η g' },
  momentum: { opcode: abi.OP_MOMENTUM, moments: 1, text: 'v = μ v + g; p = p − η v' },
  nesterov: { opcode: abi.OP_NESTEROV, moments: 1, text: 'v = μ v + g; p = p − η (g + μ v)' },
  rmsprop: {
    opcode: abi.OP_RMSPROP,
    moments: 1,
    text: 's = ρ s + (1−ρ) g²; p = p − η g / (√s + ε)',
  },
  adagrad: { opcode: abi.OP_ADAGRAD, moments: 1, text: 's = s + g²; p = p − η g / (√s + ε)' },
  adamw: {
    opcode: abi.OP_ADAMW,
    moments: 2,
    text: 'p = (1 − η λ) p; m = β₁ m + (1−β₁) g; v = β₂ v + (1−β₂) g²; p = p − η m̂ / (√v̂ + ε)',
  },
  adam: {
    opcode: abi.OP_ADAM,
    moments: 2,
    text: 'm = β₁ m + (1−β₁) g; v = β₂ v + (1−β₂) g²; p = p − η m̂ / (√v̂ + ε)',
  },
};

/** How many values per parameter an optimizer keeps from step to step. */
export function momentCount(kind: Optimizer['kind']): 0 | 1 | 2 {
  return updates[kind].moments;
}

/** The update instruction of an optimizer. Its hyper-parameters are not in it: they are in the state block. */
export function updateRule(kind: Optimizer['kind']): UpdateRule {
  const { opcode, moments, text } = updates[kind];
  return {
    inPlace: kind === 'sgd',
    emit(builder, stretch) {
      builder.emit({
        opcode,
        out: stretch.parameters,
        a: stretch.gradients,
        ...(moments > 0 && { b: stretch.moments[0] }),
        ...(moments > 1 && { c: stretch.moments[1] }),
        columns: stretch.parameters.length,
        text,
      });
    },
  };
}
