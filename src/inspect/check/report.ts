import type { Optimizer } from '../../nn/optimizers.ts';
import { alignColumns, formatNumber } from '../format.ts';

/** Options of a gradient check. */
export interface GradientCheckOptions {
  /** Numbers of each parameter to check, half of them those with the largest derivatives; `'all'` for every one; 20 when absent. */
  readonly samples?: number | 'all';
  /** Also check three steps of training with this optimizer against its formula in double precision. */
  readonly optimizer?: Optimizer;
}

/** The comparison of one parameter. */
export interface ParameterCheck {
  /** Path in the network: `layers.0.W`. */
  readonly name: string;
  /** Numbers compared, and numbers the parameter has. */
  readonly checked: number;
  readonly count: number;
  /**
   * Those among the compared that lie on a kink (a ReLU at 0): every slope between the one-sided ones is right there; below several kinks
   * at once, the derivative is compared at parameters close by.
   */
  readonly kinks: number;
  /** The comparison that comes out worst. */
  readonly worst: Comparison;
  /** Largest difference of the compared numbers divided by the largest expected one, where that is not 0. */
  readonly relativeError: number;
  /** What the relative error may be: 1e-4, and more where 32-bit floats are not that exact. */
  readonly limit: number;
  readonly verdict: 'right' | 'wrong';
}

/** A number as the network has it, and as it should be. */
export interface Comparison {
  /** Where it is in the parameter: `[to, from]` of weights, `[unit]` of a bias. */
  readonly index: readonly number[];
  readonly got: number;
  readonly expected: number;
}

/** A cost as the network reports it, and as the reference does. */
export interface CostCheck {
  readonly got: number;
  readonly expected: number;
  readonly verdict: 'right' | 'wrong';
}

/** The result of `net.checkGradients`. */
export class GradientCheck {
  /** Whether cost, derivatives and updates are all right. */
  readonly ok: boolean;
  readonly cost: CostCheck;
  /** ∂C/∂ each parameter against central differences. */
  readonly gradients: readonly ParameterCheck[];
  /** The steps of the optimizer against its formula, where one was given; the worst of several steps in a row. */
  readonly updates: readonly ParameterCheck[];

  constructor(
    cost: CostCheck,
    gradients: readonly ParameterCheck[],
    updates: readonly ParameterCheck[],
  ) {
    this.cost = cost;
    this.gradients = gradients;
    this.updates = updates;
    this.ok = [cost, ...gradients, ...updates].every(({ verdict }) => verdict === 'right');
  }

  /** A table to be read. */
  toString(): string {
    const { got, expected, verdict } = this.cost;
    return [
      `${this.ok ? 'All right' : 'WRONG'}: cost ${formatNumber(got)}, in double precision ${formatNumber(expected)}: ${verdict}.`,
      ...table('∂C/∂p against central differences', this.gradients),
      ...table("steps against the optimizer's formula", this.updates),
    ].join('\n');
  }
}

function table(title: string, checks: readonly ParameterCheck[]): string[] {
  if (checks.length === 0) return [];
  const rows = checks.map(
    ({ name, checked, count, kinks, relativeError, limit, worst, verdict }) => [
      name,
      `${checked} of ${count}${kinks > 0 ? `, ${kinks} on a kink` : ''}`,
      formatNumber(relativeError),
      formatNumber(limit),
      `[${worst.index.join(', ')}] ${formatNumber(worst.got)}, expected ${formatNumber(worst.expected)}`,
      verdict,
    ],
  );
  const header = [title, 'compared', 'relative error', 'limit', 'worst', 'verdict'];
  return ['', ...alignColumns([header, ...rows], [2, 3])];
}
