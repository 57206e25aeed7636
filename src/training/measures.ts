import type { TargetRows } from '../data/targets.ts';
import { type MetricName, numericMetrics } from '../metrics/names.ts';
import { plateauOf, type ReduceOnPlateau } from '../nn/schedules.ts';
import type { Model } from '../plan/model.ts';
import { type MonitorRule, resolveMonitor } from './monitor.ts';
import type { ResolvedFitOptions } from './options.ts';

/** What of a run is measured, and which measures decide on its course. */
export interface Measures {
  readonly metrics: readonly MetricName[];
  /** Names of the classes, where the network has them. */
  readonly classes: readonly string[] | undefined;
  readonly earlyStopping: (MonitorRule & { readonly restoreBest: boolean }) | undefined;
  readonly plateau: (MonitorRule & ReduceOnPlateau) | undefined;
}

/**
 * Settles what a run measures.
 *
 * @param y - training targets; undefined when they are not known beforehand
 * @throws {RangeError} for early stopping or a schedule that watches what is not measured, and for metrics without validation data
 */
export function measuresOf(
  model: Model,
  classes: readonly string[] | undefined,
  { metrics: names, earlyStopping, schedule, validation }: ResolvedFitOptions,
  y?: TargetRows,
): Measures {
  const metrics = metricsFor(model, names, y);
  if (!validation) checkWithoutValidation(metrics);
  const onValidation = ['loss', ...numericMetrics(metrics)].map((name) => `validation.${name}`);
  const available = [
    'cost',
    ...metrics.filter((name) => name === 'accuracy'),
    ...(validation ? onValidation : []),
  ];
  const resolve = <T extends { readonly monitor?: string }>(
    rule: T | undefined,
    where: string,
  ): (T & { readonly monitor: string }) | undefined =>
    rule && { ...rule, monitor: resolveMonitor(rule.monitor, available, `${where}.monitor`) };
  return {
    metrics,
    classes,
    earlyStopping: resolve(earlyStopping, 'earlyStopping'),
    plateau: resolve(schedule && plateauOf(schedule), 'schedule'),
  };
}

/** Without validation data only the accuracy is measured. */
function checkWithoutValidation(metrics: readonly MetricName[]): void {
  const index = metrics.findIndex((name) => name !== 'accuracy');
  if (index < 0) return;
  throw new RangeError(
    `metrics[${index}]: '${metrics[index]}' is measured on validation data, and there are none. ` +
      'Pass validation: { x, y }, or ask evaluate for it.',
  );
}

/** The metrics asked for, which were checked; unasked the accuracy, for classification. */
export function metricsFor(
  model: Model,
  metrics: readonly MetricName[] | undefined,
  y?: TargetRows,
): readonly MetricName[] {
  if (metrics) return metrics;
  const { outputs, loss } = model;
  const binary = loss.name === 'binaryCrossEntropy' && outputs === 1;
  const isClassification = y?.kind === 'labels' || loss.name === 'crossEntropy' || binary;
  return isClassification ? ['accuracy'] : [];
}
