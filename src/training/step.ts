import { checkBoolean, checkNumber } from '../checks.ts';
import type { Engine } from '../engine.ts';
import { adam, checkOptimizer, momentCount, type Optimizer, updateRule } from '../nn/optimizers.ts';
import type { Penalty, StepPlan } from '../plan/model.ts';
import { LARGEST_GRADIENT } from '../plan/operations.ts';

/** A penalty on large parameters, part of the cost that is minimised. */
export interface PenaltyOptions {
  /**
   * Adds (l2/2) Σ w² to the cost, the sum being over all weights of trainable layers; 0 when absent.
   *
   * Nielsen writes (λ/2n) Σ w² with n training examples: his λ is l2 = λ/n here. Keras' `regularizers.l2(l)` adds l Σ w²: l2 = 2 l.
   * PyTorch's `weight_decay` of sgd is the same l2, but on biases too: see `regularizeBiases`.
   */
  readonly l2?: number;
  /** Adds l1 Σ |w| to the cost, with derivative 0 where w = 0; 0 when absent. */
  readonly l1?: number;
  /** Whether the penalty is over the biases as well; false when absent. */
  readonly regularizeBiases?: boolean;
}

/** What one training step does. The order is: gradient of the cost with its penalty, clipping, update. */
export interface StepOptions extends PenaltyOptions {
  /** Update rule; `adam()` when absent. */
  readonly optimizer?: Optimizer;
  /** Clips every single derivative to ± this; no limit when absent. */
  readonly clipValue?: number;
  /**
   * Scales the gradient down to this norm when it is longer, √Σ g² over the parameters of all trainable layers together, after
   * `clipValue`; no limit when absent.
   */
  readonly clipNorm?: number;
}

/** Checked step options with their defaults. */
export interface ResolvedStep {
  readonly optimizer: Optimizer;
  readonly l1: number;
  readonly l2: number;
  readonly regularizeBiases: boolean;
  readonly clipValue: number | undefined;
  readonly clipNorm: number | undefined;
}

/** The names of the penalty's options. */
export const penaltyKeys: readonly (keyof PenaltyOptions)[] = ['l1', 'l2', 'regularizeBiases'];

/** The names of all options of a step. */
export const stepKeys: readonly (keyof StepOptions)[] = [
  'optimizer',
  'l1',
  'l2',
  'regularizeBiases',
  'clipValue',
  'clipNorm',
];

/** Checks the options of a step; keys that are no options of a step are somebody else's to check. */
export function resolveStep(options: StepOptions): ResolvedStep {
  const { optimizer, l1 = 0, l2 = 0, regularizeBiases = false, clipValue, clipNorm } = options;
  const limit = (value: number | undefined, where: string): number | undefined =>
    value === undefined
      ? undefined
      : checkNumber(value, where, { low: 0, high: LARGEST_GRADIENT, above: true });
  return {
    optimizer: optimizer === undefined ? adam() : checkOptimizer(optimizer, 'optimizer'),
    l1: checkNumber(l1, 'l1', { low: 0, high: LARGEST_GRADIENT }),
    l2: checkNumber(l2, 'l2', { low: 0, high: LARGEST_GRADIENT }),
    regularizeBiases: checkBoolean(regularizeBiases, 'regularizeBiases'),
    clipValue: limit(clipValue, 'clipValue'),
    clipNorm: limit(clipNorm, 'clipNorm'),
  };
}

/** What of a step is part of its program. */
export function stepPlan(step: ResolvedStep): StepPlan {
  return {
    update: updateRule(step.optimizer.kind),
    penalty: penaltyOf(step),
    clipValue: step.clipValue !== undefined,
    clipNorm: step.clipNorm !== undefined,
  };
}

/** Steps with the same key have the same program; only their numbers differ. */
export function stepKey(step: ResolvedStep): string {
  const { penalty = 'none', clipValue, clipNorm } = stepPlan(step);
  return `${step.optimizer.kind}, penalty ${penalty}, clip ${clipValue} ${clipNorm}`;
}

/** Which parameters the penalty of a step is over. */
export function penaltyOf({ l1, l2, regularizeBiases }: ResolvedStep): Penalty | undefined {
  if (l1 === 0 && l2 === 0) return undefined;
  return regularizeBiases ? 'weights and biases' : 'weights';
}

/** Begins an optimizer: moments at zero, t = 0. */
export function startStep(engine: Engine, step: ResolvedStep): void {
  for (const moment of engine.layout.moments.slice(0, momentCount(step.optimizer.kind))) {
    moment.view(engine.core.buffer).fill(0);
  }
  engine.set({ step: 0, beta1Power: 1, beta2Power: 1 });
  setStep(engine, step);
}

/** Writes the numbers of a step to the registers. */
export function setStep(engine: Engine, step: ResolvedStep): void {
  const { kind: _, ...hyperParameters } = step.optimizer;
  const { l1, l2, clipValue = 0, clipNorm = 0 } = step;
  engine.set({ ...hyperParameters, l1, l2, clipValue, clipNorm });
}
