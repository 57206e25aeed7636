import { averageOf, confusionOf, perClassOf, topKOf } from './classification.ts';
import { type Measure, type MetricName, type MetricValues, topOf } from './names.ts';
import type { Outcome } from './outcome.ts';
import { meanError, r2Of, square } from './regression.ts';

/** The function of an outcome that computes each measure. */
const measures: Readonly<Record<Measure, (outcome: Outcome) => unknown>> = {
  precision: (outcome) => averageOf(outcome, 'precision'),
  recall: (outcome) => averageOf(outcome, 'recall'),
  f1: (outcome) => averageOf(outcome, 'f1'),
  perClass: perClassOf,
  confusionMatrix: confusionOf,
  r2: r2Of,
  meanAbsoluteError: (outcome) => meanError(outcome, Math.abs),
  meanSquaredError: (outcome) => meanError(outcome, square),
  rootMeanSquaredError: (outcome) => Math.sqrt(meanError(outcome, square)),
};

/** Computes measures by their names, but for the accuracy, which the core counts. */
export function measureAll(metrics: readonly MetricName[], outcome: Outcome): MetricValues {
  const entries = metrics
    .filter((name) => name !== 'accuracy')
    .map((name) => {
      const k = topOf(name);
      const value = k === undefined ? measures[name as Measure](outcome) : topKOf(outcome, k);
      return [name, value] as const;
    });
  return Object.fromEntries(entries) as MetricValues;
}
