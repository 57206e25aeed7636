import type { Matrix } from '../data/features.ts';
import type { TargetRows } from '../data/targets.ts';
import { type ActivationName, outputRange } from '../nn/activations.ts';
import { columnsWhere, rangesOf, sampleStep } from './columns.ts';
import { CLASSES, COLUMNS, listed, short, type TrainingWarning } from './warnings.ts';

/** How far the sum of a row of probabilities may be from 1. */
const SUM_TOLERANCE = 1e-3;

/**
 * Looks at values that a network is to learn.
 *
 * @param activation - of the output layer
 */
export function examineTargets(y: Matrix, activation: ActivationName): TrainingWarning[] {
  const [least, most] = outputRange(activation);
  const { low, high } = rangesOf(y, 1);
  const outside = columnsWhere(y.columns, (column) => low[column]! < least || high[column]! > most);
  if (outside.length === 0) return activation === 'softmax' ? distributions(y) : [];
  const [first] = outside;
  const message =
    `y: ${listed(COLUMNS, outside, undefined)} (values ${short(low[first!]!)} … ${short(high[first!]!)}) cannot be reached: ` +
    `${activation} outputs lie within ${least} … ${most}. Scale the targets, or make the last layer 'linear'.`;
  return [{ code: 'TARGET_OUT_OF_RANGE', message, columns: outside }];
}

function distributions(y: Matrix): TrainingWarning[] {
  const { rows, columns, values } = y;
  const step = sampleStep(y);
  for (let row = 0; row < rows; row += step) {
    let sum = 0;
    for (let column = 0; column < columns; column++) sum += values[row * columns + column]!;
    if (Math.abs(sum - 1) <= SUM_TOLERANCE) continue;
    const message =
      `y: row ${row} sums to ${short(sum)}, but softmax outputs sum to 1. Give class labels or one-hot rows; ` +
      "for several classes at once use 'sigmoid' outputs with binaryCrossEntropy.";
    return [{ code: 'TARGET_NOT_DISTRIBUTION', message, columns: [] }];
  }
  return [];
}

/**
 * Looks for classes without an example; of a single output the classes are no and yes.
 *
 * @param validation - targets of the validation data, if any
 * @param names - of the classes, where they have some
 */
export function examineClasses(
  y: TargetRows,
  validation: TargetRows | undefined,
  outputs: number,
  names: readonly string[] | undefined,
): TrainingWarning[] {
  const counts = countClasses(y, outputs);
  const missing = columnsWhere(counts.length, (column) => counts[column] === 0);
  if (missing.length === 0) return [];
  const later = validation && countClasses(validation, outputs);
  const examined = later ? missing.reduce((sum, column) => sum + later[column]!, 0) : 0;
  const [has, it] = missing.length > 1 ? ['have', 'them'] : ['has', 'it'];
  const consequence =
    examined > 0 ? `, though ${examined} of the validation data are of ${it}` : '';
  const message =
    `y: ${listed(CLASSES, missing, names)} ${has} no training example${consequence}, so the network cannot learn ${it}. ` +
    'Add some, split the data stratified, or leave out what does not occur.';
  return [{ code: 'MISSING_CLASS', message, columns: missing }];
}

/** Examples of each class: rows with a share in it; of a single output those of no and of yes, from ½ on. */
function countClasses(y: TargetRows, outputs: number): Uint32Array {
  const counts = new Uint32Array(Math.max(outputs, 2));
  if (y.kind === 'labels') {
    for (const label of y.labels) counts[label]!++;
    return counts;
  }
  for (let index = 0; index < y.values.length; index++) {
    const value = y.values[index]!;
    if (outputs === 1) counts[value >= 0.5 ? 1 : 0]!++;
    else if (value > 0) counts[index % outputs]!++;
  }
  return counts;
}
