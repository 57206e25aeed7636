import { checkName } from '../checks.ts';
import { describe } from '../errors.ts';
import type { ClassReport } from './classification.ts';

/** Measures that have a name of their own; `accuracy` is counted by the core. */
export type Measure =
  | 'precision'
  | 'recall'
  | 'f1'
  | 'perClass'
  | 'confusionMatrix'
  | 'r2'
  | 'meanAbsoluteError'
  | 'meanSquaredError'
  | 'rootMeanSquaredError';

/**
 * A measure besides the loss, as described in `metrics`. `accuracy`, `top3` (and the like), `precision`, `recall`, `f1`, `perClass` and
 * `confusionMatrix` are for classes, `r2` and the errors for values.
 */
export type MetricName = 'accuracy' | `top${number}` | Measure;

/** Values of measures by their names. */
export interface MetricValues {
  /** Share of examples predicted right, from 0 to 1. */
  readonly accuracy?: number;
  /** Share of examples whose class is among the k largest outputs. */
  readonly [top: `top${number}`]: number;
  /** With a single output of yes, with several the mean over the classes that occur. */
  readonly precision?: number;
  readonly recall?: number;
  readonly f1?: number;
  readonly perClass?: readonly ClassReport[];
  /** Entry [t][p] counts the examples of class t predicted to be of class p. */
  readonly confusionMatrix?: readonly (readonly number[])[];
  readonly r2?: number;
  readonly meanAbsoluteError?: number;
  readonly meanSquaredError?: number;
  readonly rootMeanSquaredError?: number;
}

const names: readonly MetricName[] = [
  'accuracy',
  'precision',
  'recall',
  'f1',
  'perClass',
  'confusionMatrix',
  'r2',
  'meanAbsoluteError',
  'meanSquaredError',
  'rootMeanSquaredError',
];
const tables: readonly MetricName[] = ['perClass', 'confusionMatrix'];

/**
 * Checks names of metrics.
 *
 * @param outputs - of the network, which a `top5` must not exceed
 */
export function checkMetrics(metrics: unknown, outputs: number): readonly MetricName[] | undefined {
  if (metrics === undefined) return undefined;
  if (!Array.isArray(metrics)) {
    throw new TypeError(
      `metrics: expected an array such as ['accuracy'], got ${describe(metrics)}.`,
    );
  }
  return metrics.map((name, index) => {
    const k = topOf(name);
    if (k === undefined) return checkName(name, names, `metrics[${index}]`);
    if (k >= 1 && k <= outputs && outputs > 1) return name as MetricName;
    throw new RangeError(
      `metrics[${index}]: '${name}' needs at least ${Math.max(k, 2)} outputs, and the network has ${outputs}.`,
    );
  });
}

/** The measures among these that are single numbers. */
export function numericMetrics(metrics: readonly MetricName[]): readonly MetricName[] {
  return metrics.filter((name) => !tables.includes(name));
}

/** Whether this is the name of a measure that is a single number. */
export function isNumericMetric(name: string): boolean {
  const isKnown = topOf(name) !== undefined || (names as readonly string[]).includes(name);
  return isKnown && numericMetrics([name as MetricName]).length > 0;
}

/** k of `topk`. */
export function topOf(name: unknown): number | undefined {
  const digits = typeof name === 'string' ? /^top(\d+)$/.exec(name)?.[1] : undefined;
  return digits === undefined ? undefined : Number(digits);
}
