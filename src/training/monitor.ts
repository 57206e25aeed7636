import { checkName } from '../checks.ts';
import { isNumericMetric } from '../metrics/names.ts';
import type { EpochReport } from './history.ts';

/** Which measure of an epoch's report to watch, and what counts as better. */
export interface MonitorRule {
  /** `cost`, `accuracy`, or a measure on the validation data: `validation.loss`, `validation.accuracy`, `validation.f1`, … */
  readonly monitor: string;
  /** Epochs in a row without an improvement after which something is to be done. */
  readonly patience: number;
  /** By how much better counts as an improvement. */
  readonly minDelta: number;
}

/** How a watched measure has gone so far: plain data. */
export interface MonitorState {
  /** The best value so far; undefined before the first finite one. */
  best: number | undefined;
  /** The epoch of the best value, from 1. */
  bestEpoch: number | undefined;
  /** Epochs in a row without an improvement. */
  waited: number;
}

/** The state before the first epoch. */
export function newMonitorState(): MonitorState {
  return { best: undefined, bestEpoch: undefined, waited: 0 };
}

/** Measures of which less is better; of all others, more is. */
const costs = /(^|\.)(cost|loss|\w+Error)$/;

/**
 * Checks the name of a measure, or chooses one: the validation loss where there is one, otherwise the cost.
 *
 * @param available - the measures that the reports of the run will carry
 * @throws {RangeError} for other measures; says how a run comes to measure them
 */
export function resolveMonitor(
  monitor: string | undefined,
  available: readonly string[],
  where: string,
): string {
  const isValidated = available.includes('validation.loss');
  if (monitor === undefined) return isValidated ? 'validation.loss' : 'cost';
  if (typeof monitor !== 'string' || available.includes(monitor)) {
    return checkName(monitor, available, where);
  }
  const known = `Known names: ${available.join(', ')}.`;
  if (monitor.startsWith('validation.') && !isValidated) {
    throw new RangeError(
      `${where}: '${monitor}' needs validation data. Pass validation: { x, y }. ${known}`,
    );
  }
  const metric = monitor.replace(/^validation\./, '');
  const isMeasure = metric === 'accuracy' || metric !== monitor;
  if (isMeasure && isNumericMetric(metric)) {
    throw new RangeError(
      `${where}: '${monitor}' is not measured. Add '${metric}' to metrics. ${known}`,
    );
  }
  return checkName(monitor, available, where);
}

/** Whether less of a measure is better. */
export function isCost(monitor: string): boolean {
  return costs.test(monitor);
}

/**
 * Takes an epoch's report into account.
 *
 * The first finite value is an improvement; after it, only a value better by more than `minDelta`. A value that is not finite never is.
 *
 * @returns whether the measure has improved
 */
export function observe(
  state: MonitorState,
  { monitor, minDelta }: MonitorRule,
  report: EpochReport,
): boolean {
  const value = measure(report, monitor);
  const gain = isCost(monitor) ? (state.best ?? NaN) - value : value - (state.best ?? NaN);
  const improved = Number.isFinite(value) && (state.best === undefined || gain > minDelta);
  if (improved) Object.assign(state, { best: value, bestEpoch: report.epoch, waited: 0 });
  else state.waited++;
  return improved;
}

function measure(report: EpochReport, monitor: string): number {
  const [first, second] = monitor.split('.');
  const group = second === undefined ? report : report.validation;
  return (group as unknown as Record<string, number> | undefined)?.[second ?? first!] ?? NaN;
}
