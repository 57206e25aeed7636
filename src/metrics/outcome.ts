import { checkInteger, checkKeys } from '../checks.ts';
import { type Features, type FlatValues, readFeatures } from '../data/features.ts';
import { readTargets, type TargetRows, type Targets } from '../data/targets.ts';
import { describe } from '../errors.ts';

/** How to read predictions and targets. */
export interface MetricOptions {
  /** Names of the classes in the order of the outputs, or their number: needed when both predictions and one-hot targets are flat. */
  readonly classes?: readonly string[] | number;
}

/** Predictions as the outputs of a network, row-major, and what they should have been. */
export class Outcome {
  readonly rows: number;
  readonly outputs: number;
  readonly predictions: FlatValues;
  readonly targets: TargetRows;
  readonly names: readonly string[] | undefined;
  #predicted: Uint32Array | undefined;
  #actual: Uint32Array | undefined;

  constructor(
    predictions: FlatValues,
    targets: TargetRows,
    outputs: number,
    names: readonly string[] | undefined,
  ) {
    this.rows = targets.rows;
    this.outputs = outputs;
    this.predictions = predictions;
    this.targets = targets;
    this.names = names;
  }

  /** Classes there are: one per output; for a single output no and yes. */
  get classes(): number {
    return Math.max(this.outputs, 2);
  }

  /** The class predicted for each row: the first largest output; for a single output yes from ½ on. */
  get predicted(): Uint32Array {
    return (this.#predicted ??= classesOf(this.predictions, this.rows, this.outputs));
  }

  /** The class of each row. */
  get actual(): Uint32Array {
    const { targets, rows, outputs } = this;
    return (this.#actual ??=
      targets.kind === 'labels' ? targets.labels : classesOf(targets.values, rows, outputs));
  }

  /** The name of a class, or its number. */
  nameOf(index: number): string {
    return this.names?.[index] ?? String(index);
  }
}

function classesOf(values: FlatValues, rows: number, columns: number): Uint32Array {
  const classes = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) {
    const start = row * columns;
    if (columns === 1) {
      classes[row] = values[start]! >= 0.5 ? 1 : 0;
      continue;
    }
    let best = 0;
    for (let column = 1; column < columns; column++) {
      if (values[start + column]! > values[start + best]!) best = column;
    }
    classes[row] = best;
  }
  return classes;
}

/**
 * Reads predictions and targets that came from the user.
 *
 * @throws {TypeError | RangeError} for data of another type, sizes that do not fit together, and numbers that are not finite
 */
export function readOutcome(
  predictions: Features,
  targets: Targets,
  options: MetricOptions = {},
): Outcome {
  checkKeys(options, ['classes'], 'metric');
  const { classes } = options;
  const names = typeof classes === 'object' ? classes : undefined;
  const count =
    classes === undefined ? undefined : (names?.length ?? checkInteger(classes, 'classes', 2));
  const outputs = widthOf(predictions, targets, count);
  const matrix = readFeatures(predictions, outputs, undefined, 'predictions');
  const shape = { inputs: outputs, outputs, features: undefined, classes: names };
  const read = readTargets(targets, matrix.rows, { ...shape, probabilities: false }, 'targets');
  return new Outcome(matrix.values, read, outputs, names);
}

/** Numbers in a row of the predictions. */
function widthOf(predictions: Features, targets: Targets, classes: number | undefined): number {
  for (const [values, where] of [
    [predictions, 'predictions'],
    [targets, 'targets'],
  ] as const) {
    if (!Array.isArray(values) && !ArrayBuffer.isView(values)) {
      throw new TypeError(`${where}: expected a typed array or an array, got ${describe(values)}.`);
    }
  }
  const row = nested(predictions) ?? nested(targets);
  if (row !== undefined) return row;
  const [values, rows] = [(predictions as FlatValues).length, (targets as FlatValues).length];
  if (values === rows) return classes ?? 1;
  if (values % rows === 0) return values / rows;
  throw new RangeError(
    `predictions: expected as many numbers for each of the ${rows} targets, got ${values}. ` +
      'For flat one-hot targets say how many classes there are.',
  );
}

/** The width of the first row of an array of rows. */
function nested(values: Features | Targets): number | undefined {
  const first: unknown = values[0];
  return typeof first === 'object' && first !== null ? (first as FlatValues).length : undefined;
}
