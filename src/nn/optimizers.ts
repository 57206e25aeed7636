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

/** An optimizer and its hyper-parameters, as plain data. */
export type Optimizer = Sgd | Momentum | Adam;

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
 * Adam (Kingma and Ba 2015): m ← β₁ m + (1−β₁) g; v ← β₂ v + (1−β₂) g²; p ← p − η m̂ / (√v̂ + ε),
 * with m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ).
 *
 * @param options.learningRate - η > 0; 0.001 when absent
 * @param options.beta1 - β₁ from 0 to below 1; 0.9 when absent
 * @param options.beta2 - β₂ from 0 to below 1; 0.999 when absent
 * @param options.epsilon - ε ≥ 1e-30; 1e-8 when absent
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

const hyperParameters = {
  sgd: ['learningRate'],
  momentum: ['learningRate', 'momentum'],
  nesterov: ['learningRate', 'momentum'],
  adam: ['learningRate', 'beta1', 'beta2', 'epsilon'],
} as const;

/** The largest f64 below 1: β = 1 would divide by zero. */
const BELOW_ONE = 1 - 2 ** -53;

/** A smaller ε could vanish in f32, and a parameter whose gradients are all zero would become 0/0. */
const SMALLEST_EPSILON = 1e-30;

/** Checks an optimizer that came as plain data. */
export function checkOptimizer(value: unknown, where: string): Optimizer {
  const kinds = Object.keys(hyperParameters) as Optimizer['kind'][];
  checkKeys(value, ['kind', ...Object.values(hyperParameters).flat()], where);
  const optimizer = value as Record<string, unknown>;
  const kind = checkName(optimizer['kind'], kinds, `${where}.kind`);
  checkKeys(value, ['kind', ...hyperParameters[kind]], where);
  for (const name of hyperParameters[kind]) {
    const range =
      name === 'momentum'
        ? { low: 0, high: 1 }
        : name === 'beta1' || name === 'beta2'
          ? { low: 0, high: BELOW_ONE }
          : name === 'epsilon'
            ? { low: SMALLEST_EPSILON }
            : { low: 0, above: true };
    checkNumber(optimizer[name], `${where}.${name}`, range);
  }
  return Object.freeze({ ...optimizer }) as unknown as Optimizer;
}

const updates: Record<Optimizer['kind'], { opcode: number; moments: 0 | 1 | 2; text: string }> = {
  sgd: { opcode: abi.OP_SGD, moments: 0, text: 'p = p − η g' },
  momentum: { opcode: abi.OP_MOMENTUM, moments: 1, text: 'v = μ v + g; p = p − η v' },
  nesterov: { opcode: abi.OP_NESTEROV, moments: 1, text: 'v = μ v + g; p = p − η (g + μ v)' },
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
    emit(builder, ranges) {
      builder.emit({
        opcode,
        out: ranges.parameters,
        a: ranges.gradients,
        ...(moments > 0 && { b: ranges.moments[0] }),
        ...(moments > 1 && { c: ranges.moments[1] }),
        columns: ranges.parameters.length,
        text,
      });
    },
  };
}
