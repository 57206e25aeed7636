import type { Examples } from '../data/reader.ts';
import { targetValues } from '../data/targets.ts';
import { costs, takesPreActivations } from '../inspect/reference/losses.ts';
import type { LossName } from '../nn/losses.ts';
import type { Model } from '../plan/model.ts';

/** So many rows of targets are looked at, fewer where they are long, more where one sequence has more. */
const ROWS = { least: 64, most: 1024, numbers: 2 ** 17 };

/** The least probability of a constant answer. */
const LEAST = 1e-9;

/** What is known of the targets. */
type Targets = Pick<Examples, 'x' | 'y' | 'weights'>;

/**
 * The mean cost of always giving the same answer, the mean of the targets: what a network has to beat that has learned anything from its
 * inputs. Of many values that of a sample; labels are counted.
 */
export function constantCost(model: Model, data: Targets): number {
  const { loss, outputs, sequence } = model;
  const { x, y, weights } = data;
  const name = loss.name as LossName;
  const isCounted = y.kind === 'labels' && name === 'crossEntropy';
  const rows = [...validRows(model, data, isCounted ? 1 : strideOf(model, data))];
  const weightOf = (row: number): number => weights?.[row] ?? 1;
  const divisor =
    sequence?.perStep && sequence.reduction === 'sum'
      ? new Set(rows.map((row) => Math.floor(row / (y.rows / x.examples)))).size
      : rows.length;
  const sum = (cost: (row: number) => number): number =>
    rows.reduce((total, row) => total + weightOf(row) * cost(row), 0);
  if (isCounted) {
    const counts = new Float64Array(outputs);
    for (const row of rows) counts[y.labels[row]!]!++;
    return sum((row) => -Math.log(counts[y.labels[row]!]! / rows.length)) / divisor;
  }
  const targets = new Map(rows.map((row) => [row, Array.from(targetValues(y, outputs, row, 1))]));
  const answer = Array.from({ length: outputs }, (_, output) => {
    return rows.reduce((total, row) => total + targets.get(row)![output]!, 0) / rows.length;
  });
  const given = takesPreActivations(name) ? answer.map(logit(name)) : answer;
  return sum((row) => costs[name](given, targets.get(row)!)) / divisor;
}

/** Every so manieth example is looked at. */
function strideOf({ outputs }: Model, { x, y }: Targets): number {
  const most = Math.min(ROWS.most, Math.max(ROWS.least, Math.floor(ROWS.numbers / outputs)));
  const each = y.rows / x.examples;
  return Math.ceil((x.examples * each) / Math.max(most, each));
}

/** Rows of the targets of examples, or of their valid steps. */
function* validRows({ sequence }: Model, { x, y }: Targets, stride: number): Generator<number> {
  const each = y.rows / x.examples;
  for (let example = 0; example < x.examples; example += stride) {
    const length = sequence?.perStep ? x.sequence!.lengths[example]! : 1;
    for (let step = 0; step < length; step++) yield example * each + step;
  }
}

/** The pre-activation that gives a probability. */
function logit(loss: LossName): (probability: number) => number {
  const bounded = (p: number): number => Math.min(Math.max(p, LEAST), 1 - LEAST);
  return loss === 'crossEntropy'
    ? (p) => Math.log(bounded(p))
    : (p) => Math.log(bounded(p) / (1 - bounded(p)));
}
