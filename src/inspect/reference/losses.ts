import type { LossName } from '../../nn/losses.ts';
import { logSumExp, softplus } from './activations.ts';

/** The cost of one example from its outputs a and targets y. */
type Cost = (a: readonly number[], y: readonly number[]) => number;

const sum = (a: readonly number[], y: readonly number[], term: (error: number) => number): number =>
  a.reduce((total, aj, j) => total + term(aj - y[j]!), 0);

const square = (e: number): number => e * e;
const huber = (e: number): number => (Math.abs(e) <= 1 ? square(e) / 2 : Math.abs(e) - 1 / 2);

/**
 * Every loss in double precision. The two cross-entropies take the pre-activations z of the outputs, from which ln a and ln(1 − a) lose no
 * digits: −Σ y ln a = Σ y (ln Σ eᶻ − z) for softmax outputs, −Σ (y ln a + (1−y) ln(1−a)) = Σ (ln(1 + eᶻ) − y z) for sigmoid ones.
 */
export const costs: Readonly<Record<LossName, Cost>> = {
  halfSquaredError: (a, y) => sum(a, y, square) / 2,
  halfMeanSquaredError: (a, y) => sum(a, y, square) / 2 / a.length,
  squaredError: (a, y) => sum(a, y, square),
  meanSquaredError: (a, y) => sum(a, y, square) / a.length,
  meanAbsoluteError: (a, y) => sum(a, y, Math.abs) / a.length,
  huber: (a, y) => sum(a, y, huber) / a.length,
  crossEntropy: (z, y) => z.reduce((total, zj, j) => total + y[j]! * (logSumExp(z) - zj), 0),
  binaryCrossEntropy: (z, y) => z.reduce((total, zj, j) => total + softplus(zj) - y[j]! * zj, 0),
};

/** Whether a loss takes pre-activations. */
export function takesPreActivations(loss: LossName): boolean {
  return loss === 'crossEntropy' || loss === 'binaryCrossEntropy';
}
