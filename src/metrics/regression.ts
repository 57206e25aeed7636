import type { Features } from '../data/features.ts';
import { targetValues } from '../data/targets.ts';
import { type Outcome, readOutcome } from './outcome.ts';

/**
 * The coefficient of determination R² = 1 − Σ (y − a)² / Σ (y − ȳ)², for several outputs the mean of theirs: 1 for predictions without
 * an error, 0 for those no better than the mean ȳ of the targets, below 0 for worse. Where all targets of an output are equal it is 1
 * when all predictions are right, otherwise 0.
 *
 * @param predictions - outputs [N, n], nested or, for a single output, flat
 * @param targets - values in the same form
 * @throws {TypeError | RangeError} for sizes that do not fit together and numbers that are not finite
 * @example
 * ```ts
 * metrics.r2([1, 2, 3], [1, 2, 3]); // 1
 * metrics.r2([2, 2, 2], [1, 2, 3]); // 0
 * ```
 */
export function r2(predictions: Features, targets: Features): number {
  return r2Of(readOutcome(predictions, targets));
}

/**
 * The mean of |a − y| over rows and outputs.
 *
 * @throws {TypeError | RangeError} as {@link r2}
 * @example
 * ```ts
 * metrics.meanAbsoluteError([1, 2], [1, 5]); // 1.5
 * ```
 */
export function meanAbsoluteError(predictions: Features, targets: Features): number {
  return meanError(readOutcome(predictions, targets), Math.abs);
}

/**
 * The mean of (a − y)² over rows and outputs.
 *
 * @throws {TypeError | RangeError} as {@link r2}
 * @example
 * ```ts
 * metrics.meanSquaredError([1, 2], [1, 5]); // 4.5
 * ```
 */
export function meanSquaredError(predictions: Features, targets: Features): number {
  return meanError(readOutcome(predictions, targets), square);
}

/**
 * The root of the {@link meanSquaredError}, in the unit of the targets.
 *
 * @throws {TypeError | RangeError} as {@link r2}
 * @example
 * ```ts
 * metrics.rootMeanSquaredError([1, 2], [1, 6]); // 2 * Math.SQRT2
 * ```
 */
export function rootMeanSquaredError(predictions: Features, targets: Features): number {
  return Math.sqrt(meanError(readOutcome(predictions, targets), square));
}

/** The square of an error. */
export function square(error: number): number {
  return error * error;
}

/** The mean over rows and outputs of a function of a − y. */
export function meanError(outcome: Outcome, measure: (error: number) => number): number {
  const { predictions, rows, outputs } = outcome;
  const values = targetValues(outcome.targets, outputs, 0, rows);
  let sum = 0;
  for (let index = 0; index < values.length; index++) {
    sum += measure(predictions[index]! - values[index]!);
  }
  return sum / values.length;
}

/** {@link r2} of an outcome. */
export function r2Of({ predictions, targets, rows, outputs }: Outcome): number {
  const values = targetValues(targets, outputs, 0, rows);
  let total = 0;
  for (let column = 0; column < outputs; column++) {
    let sum = 0;
    for (let index = column; index < values.length; index += outputs) sum += values[index]!;
    const mean = sum / rows;
    let [errors, spread] = [0, 0];
    for (let index = column; index < values.length; index += outputs) {
      errors += square(predictions[index]! - values[index]!);
      spread += square(values[index]! - mean);
    }
    total += spread > 0 ? 1 - errors / spread : Number(errors === 0);
  }
  return total / outputs;
}
