import { describe, suggestion } from '../errors.ts';
import { type Features, type FlatValues, type Matrix, readFeatures } from './features.ts';
import type { DataShape } from './reader.ts';

/**
 * Targets of examples: values as for {@link Features}, one per output unit; or, for networks with several outputs, one class label
 * per example, a whole number from 0 or one of the network's `classes`.
 */
export type Targets = Features | readonly string[];

/** Targets as they go to memory: values, or class labels to be expanded to one-hot rows. */
export type TargetRows =
  | ({ readonly kind: 'values' } & Matrix)
  | { readonly kind: 'labels'; readonly rows: number; readonly labels: Uint32Array };

/**
 * Reads targets for `rows` examples.
 *
 * @param where - name in error messages: `y`
 * @throws {TypeError | RangeError} for another number of rows, another width, labels out of range, or numbers that are not finite
 */
export function readTargets(y: unknown, rows: number, shape: DataShape, where: string): TargetRows {
  const targets = isLabels(y, rows, shape.outputs)
    ? readLabels(y, shape, where)
    : readValues(y, shape, where);
  if (targets.rows !== rows) {
    throw new RangeError(
      `${where}: expected one target for each of the ${rows} rows of x, got ${targets.rows}.`,
    );
  }
  return targets;
}

/** Several outputs and one scalar per example: these are labels. */
function isLabels(y: unknown, rows: number, outputs: number): y is ArrayLike<number | string> {
  if (Array.isArray(y) && typeof y[0] === 'string') return true;
  if (outputs === 1) return false;
  const flat = ArrayBuffer.isView(y) || (Array.isArray(y) && typeof y[0] === 'number');
  return flat && (y as FlatValues).length === rows;
}

function readLabels(y: ArrayLike<number | string>, shape: DataShape, where: string): TargetRows {
  const { classes, outputs } = shape;
  const labels = new Uint32Array(y.length);
  const byName = new Map(classes?.map((name, index) => [name, index]));
  for (let row = 0; row < y.length; row++) {
    const label = y[row]!;
    labels[row] = typeof label === 'string' ? named(label, row) : checked(label, row);
  }
  return { kind: 'labels', rows: y.length, labels };

  function named(label: string, row: number): number {
    const index = byName.get(label);
    if (index !== undefined) return index;
    throw classes
      ? new RangeError(
          `${where}[${row}]: no class is called '${label}'.${suggestion(label, classes)}`,
        )
      : new TypeError(
          `${where}[${row}]: labels are strings, but this network has no class names. Make it with classes: ['${label}', …].`,
        );
  }

  function checked(label: unknown, row: number): number {
    if (typeof label !== 'number') {
      throw new TypeError(`${where}[${row}]: expected a class label, got ${describe(label)}.`);
    }
    if (Number.isInteger(label) && label >= 0 && label < outputs) return label;
    throw new RangeError(
      `${where}[${row}]: expected a class label from 0 to ${outputs - 1} (the network has ${outputs} outputs), got ${label}.`,
    );
  }
}

function readValues(y: unknown, shape: DataShape, where: string): TargetRows {
  const matrix = readFeatures(y, shape.outputs, undefined, where);
  if (shape.probabilities) checkProbabilities(matrix, where);
  return { kind: 'values', ...matrix };
}

function checkProbabilities({ values, columns }: Matrix, where: string): void {
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!;
    if (value >= 0 && value <= 1) continue;
    throw new RangeError(
      `${where}: row ${Math.floor(index / columns)}, column ${index % columns} is ${value}; ` +
        'a cross-entropy compares probabilities, so expected a number from 0 to 1.',
    );
  }
}

/** Writes targets to rows of values: labels become one-hot rows. */
export function targetValues(
  targets: TargetRows,
  outputs: number,
  first: number,
  rows: number,
): FlatValues {
  if (targets.kind === 'values') {
    return targets.values.subarray(first * outputs, (first + rows) * outputs);
  }
  const values = new Float32Array(rows * outputs);
  for (let row = 0; row < rows; row++) values[row * outputs + targets.labels[first + row]!] = 1;
  return values;
}
