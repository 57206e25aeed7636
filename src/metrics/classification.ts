import { checkInteger } from '../checks.ts';
import type { Features } from '../data/features.ts';
import type { Targets } from '../data/targets.ts';
import { type MetricOptions, type Outcome, readOutcome } from './outcome.ts';

/** How well one class was told from the others. */
export interface ClassReport {
  /** The name of the class, or its number. */
  readonly name: string;
  /** Share of the examples predicted to be of the class that are; 0 when none were. */
  readonly precision: number;
  /** Share of the examples of the class that were predicted to be; 0 when there are none. */
  readonly recall: number;
  /** Harmonic mean of the two; 0 when both are. */
  readonly f1: number;
  /** Examples of the class. */
  readonly examples: number;
}

/**
 * The share of rows whose predicted class is the target's, from 0 to 1. The predicted class is that of the first largest output; with a
 * single output, yes from ½ on.
 *
 * @param predictions - outputs [N, classes] as `predict` gives them, flat or nested; or [N, 1]
 * @param targets - N labels, whole numbers or names, or one-hot rows
 * @param options.classes - names of the classes, or their number where predictions and one-hot targets are both flat
 * @throws {TypeError | RangeError} for sizes that do not fit together, labels out of range, and numbers that are not finite
 * @example
 * ```ts
 * metrics.accuracy([[0.9, 0.1], [0.3, 0.7]], [0, 0]); // 0.5
 * ```
 */
export function accuracy(predictions: Features, targets: Targets, options?: MetricOptions): number {
  return accuracyOf(readOutcome(predictions, targets, options));
}

/**
 * The share of rows whose target class is among the k largest outputs; of equal outputs the first counts as larger.
 *
 * @param k - from 1 to the number of classes
 * @throws {TypeError | RangeError} as {@link accuracy}, and for a single output
 * @example
 * ```ts
 * metrics.topK([[0.5, 0.3, 0.2], [0.1, 0.2, 0.7]], [1, 0], 2); // 0.5
 * ```
 */
export function topK(
  predictions: Features,
  targets: Targets,
  k: number,
  options?: MetricOptions,
): number {
  return topKOf(readOutcome(predictions, targets, options), k);
}

/**
 * How often each class was taken for each: entry [t][p] counts the rows of class t that were predicted to be of class p. The sum of row t
 * is the number of examples of t, the sum of column p how often p was predicted.
 *
 * @throws {TypeError | RangeError} as {@link accuracy}
 * @example
 * ```ts
 * metrics.confusionMatrix([[0.9, 0.1], [0.3, 0.7]], [0, 0]); // [[1, 1], [0, 0]]
 * ```
 */
export function confusionMatrix(
  predictions: Features,
  targets: Targets,
  options?: MetricOptions,
): number[][] {
  return confusionOf(readOutcome(predictions, targets, options));
}

/**
 * Precision, recall and F1 of every class, in the order of the outputs; with a single output of no and yes. A class without examples or
 * predictions has 0 where its share would be 0/0, never NaN.
 *
 * @throws {TypeError | RangeError} as {@link accuracy}
 * @example
 * ```ts
 * const [no, yes] = metrics.perClass([0.9, 0.2, 0.6], [1, 0, 0]);
 * yes; // { name: '1', precision: 0.5, recall: 1, f1: 2 / 3, examples: 1 }
 * ```
 */
export function perClass(
  predictions: Features,
  targets: Targets,
  options?: MetricOptions,
): ClassReport[] {
  return perClassOf(readOutcome(predictions, targets, options));
}

/**
 * Precision: with a single output that of yes, otherwise the plain mean over the classes that occur in targets or predictions (the macro
 * average).
 *
 * @throws {TypeError | RangeError} as {@link accuracy}
 * @example
 * ```ts
 * metrics.precision([0.9, 0.2, 0.6], [1, 0, 0]); // 0.5
 * ```
 */
export function precision(
  predictions: Features,
  targets: Targets,
  options?: MetricOptions,
): number {
  return averageOf(readOutcome(predictions, targets, options), 'precision');
}

/**
 * Recall, averaged as {@link precision}.
 *
 * @throws {TypeError | RangeError} as {@link accuracy}
 * @example
 * ```ts
 * metrics.recall([0.9, 0.2, 0.6], [1, 0, 0]); // 1
 * ```
 */
export function recall(predictions: Features, targets: Targets, options?: MetricOptions): number {
  return averageOf(readOutcome(predictions, targets, options), 'recall');
}

/**
 * F1, the harmonic mean of precision and recall, averaged as {@link precision}.
 *
 * @throws {TypeError | RangeError} as {@link accuracy}
 * @example
 * ```ts
 * metrics.f1([0.9, 0.2, 0.6], [1, 0, 0]); // 2 / 3
 * ```
 */
export function f1(predictions: Features, targets: Targets, options?: MetricOptions): number {
  return averageOf(readOutcome(predictions, targets, options), 'f1');
}

/** {@link accuracy} of an outcome. */
export function accuracyOf({ predicted, actual, rows }: Outcome): number {
  let right = 0;
  for (let row = 0; row < rows; row++) if (predicted[row] === actual[row]) right++;
  return right / rows;
}

/** {@link topK} of an outcome. */
export function topKOf({ predictions, actual, rows, outputs }: Outcome, k: number): number {
  if (outputs === 1) throw new RangeError('topK: needs several outputs, got one. Use accuracy.');
  checkInteger(k, 'topK: k', 1, outputs);
  let right = 0;
  for (let row = 0; row < rows; row++) {
    const start = row * outputs;
    const target = actual[row]!;
    const value = predictions[start + target]!;
    let larger = 0;
    for (let column = 0; column < outputs; column++) {
      const other = predictions[start + column]!;
      if (other > value || (other === value && column < target)) larger++;
    }
    if (larger < k) right++;
  }
  return right / rows;
}

/** {@link confusionMatrix} of an outcome. */
export function confusionOf({ predicted, actual, rows, classes }: Outcome): number[][] {
  const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let row = 0; row < rows; row++) matrix[actual[row]!]![predicted[row]!]!++;
  return matrix;
}

/** {@link perClass} of an outcome. */
export function perClassOf(outcome: Outcome): ClassReport[] {
  return counts(outcome).map(({ right, predicted, examples }, index) => ({
    name: outcome.nameOf(index),
    precision: ratio(right, predicted),
    recall: ratio(right, examples),
    f1: ratio(2 * right, predicted + examples),
    examples,
  }));
}

/** {@link precision}, {@link recall} or {@link f1} of an outcome. */
export function averageOf(outcome: Outcome, measure: 'precision' | 'recall' | 'f1'): number {
  const reports = perClassOf(outcome);
  if (outcome.outputs === 1) return reports[1]![measure];
  const seen = counts(outcome).map(({ predicted, examples }) => predicted + examples > 0);
  const values = reports.filter((_, index) => seen[index]).map((report) => report[measure]);
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

interface ClassCount {
  right: number;
  predicted: number;
  examples: number;
}

function counts({ predicted, actual, rows, classes }: Outcome): ClassCount[] {
  const table = Array.from({ length: classes }, () => ({ right: 0, predicted: 0, examples: 0 }));
  for (let row = 0; row < rows; row++) {
    const [guess, truth] = [table[predicted[row]!]!, table[actual[row]!]!];
    guess.predicted++;
    truth.examples++;
    if (guess === truth) truth.right++;
  }
  return table;
}

/** a/b, and 0 where both are. */
function ratio(a: number, b: number): number {
  return b === 0 ? 0 : a / b;
}
