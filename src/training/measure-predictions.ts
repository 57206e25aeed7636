import type { Matrix } from '../data/features.ts';
import type { Examples } from '../data/reader.ts';
import { validRows } from '../data/sequences.ts';
import { measureAll } from '../metrics/measure.ts';
import type { MetricName, MetricValues } from '../metrics/names.ts';
import { Outcome } from '../metrics/outcome.ts';
import type { Model } from '../plan/model.ts';

/**
 * Measures what a network predicts for examples; of sequences with an output per step, their valid steps.
 *
 * @param values - the predictions, row-major
 * @param classes - names of the classes, where the network has them
 */
export function measurePredictions(
  model: Model,
  examples: Examples,
  values: Float32Array,
  metrics: readonly MetricName[],
  classes: readonly string[] | undefined,
): MetricValues {
  return measureAll(metrics, outcomeOf(model, examples, values, classes));
}

function outcomeOf(
  { outputs, sequence }: Model,
  { x, y }: Examples,
  values: Float32Array,
  classes: readonly string[] | undefined,
): Outcome {
  const predictions = { rows: y.rows, columns: outputs, values };
  const valid = (matrix: Matrix): Matrix =>
    sequence?.perStep && x.sequence ? validRows({ ...matrix, sequence: x.sequence }) : matrix;
  if (y.kind === 'values') {
    const targets = { kind: 'values', ...valid(y) } as const;
    return new Outcome(valid(predictions).values, targets, outputs, classes);
  }
  const labels = valid({ rows: y.rows, columns: 1, values: y.labels });
  const targets = {
    kind: 'labels',
    rows: labels.rows,
    labels: Uint32Array.from(labels.values),
  } as const;
  return new Outcome(valid(predictions).values, targets, outputs, classes);
}
