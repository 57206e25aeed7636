import { checkInteger, checkKeys } from '../checks.ts';
import { describe } from '../errors.ts';
import { checkFeatures, checkNames, type FeatureSpec, type InputSpec } from '../nn/input.ts';
import { missingClasses, readClassTargets } from './classes.ts';
import { inferFeatures, isRecords, type RecordOptions, targetColumns } from './columns.ts';
import { EncodedExamples } from './encoded.ts';
import { type DataRecord, Encoding } from './encoding.ts';
import { type FlatValues, readFeatures } from './features.ts';
import type { TrainingData } from './reader.ts';
import { foldIndices, type FoldOptions, type SplitOptions, splitIndices } from './split.ts';
import { readWeights } from './weights.ts';

/** What a data set is made of when it is not made from records. */
export interface DatasetOptions {
  /** Numbers per example, for `x` as one flat array. */
  readonly width?: number;
  /** Names of the feature columns, and the categories of those that hold names; found in the data where `x` is objects. */
  readonly features?: readonly FeatureSpec[];
  /** Names of the classes: what whole-number targets stand for, or the order of string targets; sorted by name when absent. */
  readonly classes?: readonly string[];
}

/** A data set in two parts. */
export interface Split {
  readonly train: Dataset;
  readonly test: Dataset;
  /** A line for each class without an example in `train`. */
  readonly warnings: readonly string[];
}

/** A data set in three parts. */
export interface ThreeWaySplit extends Split {
  readonly validation: Dataset;
}

/**
 * Examples: features and targets, read and checked once, to be split and given to `fit`, `evaluate` and `validation` in place of
 * `{ x, y }`.
 *
 * A data set never changes. Typed arrays are kept without a copy, bytes as bytes, so they belong to the data set from then on.
 *
 * @example
 * ```ts
 * const flowers = Dataset.fromRecords(
 *   [
 *     { petal: 1.4, colour: 'blue', species: 'setosa' },
 *     { petal: 4.7, colour: 'white', species: 'versicolor' },
 *     { petal: 1.5, colour: 'blue', species: 'setosa' },
 *   ],
 *   { target: 'species' },
 * );
 * flowers.classes; // ['setosa', 'versicolor']
 * flowers.features; // ['petal', { name: 'colour', categories: ['blue', 'white'] }]
 * const net = new Network({
 *   input: flowers.input,
 *   classes: flowers.classes,
 *   layers: [dense(flowers.classes.length, 'softmax')],
 *   loss: 'crossEntropy',
 * });
 * net.fitSync(flowers, { epochs: 10 });
 * net.predict([{ petal: 1.3, colour: 'blue' }]).length; // 2
 * ```
 */
export class Dataset extends EncodedExamples {
  readonly #x: FlatValues;
  readonly #y: FlatValues;
  readonly #weights: Float32Array | undefined;
  readonly #length: number;
  readonly #features: readonly FeatureSpec[] | undefined;
  readonly #classes: readonly string[] | undefined;

  /**
   * Makes a data set of features and targets.
   *
   * @param data.x - a flat typed array with `width` numbers per example, an array with one array per example, or one object per example
   * @param data.y - targets: a flat typed array, one array of numbers per example, or one number or class name per example
   * @param data.sampleWeights - how much each example counts, ≥ 0; all count 1 when absent
   * @throws {TypeError | RangeError} for wrong types, rows of different lengths, numbers that are not finite, and empty cells; names the place
   */
  constructor(data: TrainingData, options: DatasetOptions = {}) {
    super();
    checkKeys(data, ['x', 'y', 'sampleWeights'], 'new Dataset');
    checkKeys(options, ['width', 'features', 'classes'], 'new Dataset: options');
    const { x, y, sampleWeights } = data;
    const { features: names, classes } = options;
    if (names !== undefined) checkFeatures(names, 'features');
    const features = isRecords(x) ? inferFeatures(x, names, [], 'x') : names;
    const encoding = features && new Encoding(features);
    const width = encoding?.columnNames.length ?? widthOf(x, options.width);
    const matrix = readFeatures(x, width, encoding, 'x');
    if (classes !== undefined) checkNames(classes, 'classes');
    const targets = readClassTargets(y, classes, 'y');
    this.#x = matrix.values;
    this.#y = targets.values;
    this.#weights = sampleWeights && readWeights(sampleWeights, matrix.rows, 'sampleWeights');
    this.#length = matrix.rows;
    // Copies, which nobody else can change.
    this.#features = structuredClone(features);
    this.#classes = targets.classes?.slice();
    if (this.#y.length % matrix.rows !== 0 || this.#y.length === 0) {
      throw new RangeError(
        `y: expected as many targets for each of the ${matrix.rows} examples, got ${this.#y.length} numbers.`,
      );
    }
  }

  /**
   * Makes a data set of objects with named columns: numbers and truth values become one column, names one column per category
   * (one-hot). A target column of names makes class labels.
   *
   * The encoding goes with the data set as plain data: `input` and `classes` belong in the spec of the network, which then takes such
   * objects in `predict` too. Give `features` and `classes` of the training set to encode another one in the same way.
   *
   * @param records - one object per example, all with the same columns
   * @param options.target - name of the target column, or names of several columns of numbers
   * @param options.features - columns to use, in this order; all but the targets when absent
   * @throws {TypeError | RangeError} naming record and column, for cells that are empty or of another type than the rest of the column
   */
  static fromRecords<R extends object>(
    records: readonly R[],
    options: RecordOptions<Extract<keyof R, string>>,
  ): Dataset {
    checkKeys(options, ['target', 'features', 'classes'], 'fromRecords: options');
    const { target, features, classes } = options;
    const rows = records as readonly DataRecord[];
    const y = targetColumns(rows, target);
    const inferred = inferFeatures(rows, features, [target].flat(), 'records');
    return new Dataset({ x: rows, y }, { features: inferred, ...(classes && { classes }) });
  }

  /** Number of examples. */
  get length(): number {
    return this.#length;
  }

  /** Features [length, width], row-major: what goes to the first layer before normalisation. */
  override get x(): FlatValues {
    return this.#x;
  }

  /** Targets, row-major: numbers, or per example the index of its class in `classes`. */
  override get y(): FlatValues {
    return this.#y;
  }

  /** How much each example counts; undefined when all count alike. */
  override get sampleWeights(): Float32Array | undefined {
    return this.#weights;
  }

  /** Numbers per example in `x`. */
  override get width(): number {
    return this.#x.length / this.#length;
  }

  /** The feature columns, with the categories of those that hold names; undefined when they have no names. */
  override get features(): readonly FeatureSpec[] | undefined {
    return this.#features;
  }

  /** Names of the classes that the targets stand for; undefined when they have none. */
  override get classes(): readonly string[] | undefined {
    return this.#classes;
  }

  /** The `input` of a network for these data. */
  get input(): number | InputSpec {
    return this.#features ? { features: this.#features } : this.width;
  }

  /**
   * The examples at these places, in this order.
   *
   * @throws {RangeError} for a place that does not exist
   * @example
   * ```ts
   * new Dataset({ x, y }).select([3, 0]).x; // Float32Array.of(1, 1, 0, 0)
   * ```
   */
  select(indices: ArrayLike<number>): Dataset {
    for (let at = 0; at < indices.length; at++) {
      checkInteger(indices[at], `indices[${at}]`, 0, this.#length - 1);
    }
    const targets = this.#y.length / this.#length;
    const [features, classes, weights] = [this.#features, this.#classes, this.#weights];
    return new Dataset(
      {
        x: pickRows(this.#x, this.width, indices),
        y: pickRows(this.#y, targets, indices),
        ...(weights && { sampleWeights: pickRows(weights, 1, indices) }),
      },
      { width: this.width, ...(features && { features }), ...(classes && { classes }) },
    );
  }

  /**
   * Splits off a part for testing, and one for validation if asked for. The same data and seed give the same parts everywhere. Each part
   * keeps the order of the data.
   *
   * A class that is left without an example in `train` is named in `warnings` and on the console.
   *
   * @param options.test - share of the examples, such as 0.2
   * @param options.validation - share of the examples; no such part when absent
   * @param options.by - `random`, the default; `stratified`: also the share of each class is that of the whole, within one example;
   * `tail`: the last examples are the test part and those before them the validation part, for data in the order of time
   * @param options.seed - of the drawing; 0 when absent
   * @throws {TypeError | RangeError} for wrong options, a part without examples, and `stratified` targets that are no classes
   * @example
   * ```ts
   * const data = new Dataset({ x: [[1], [2], [3], [4]], y: ['no', 'no', 'yes', 'yes'] });
   * const { train, test } = data.split({ test: 0.5, by: 'stratified', seed: 1 });
   * [...test.y]; // [0, 1]
   * ```
   */
  split(options: SplitOptions & { readonly validation: number }): ThreeWaySplit;
  split(options: SplitOptions): Split;
  split(options: SplitOptions): Split | ThreeWaySplit {
    const { train, validation, test } = splitIndices(this, options);
    const parts = { train: this.select(train), test: this.select(test) };
    const warnings = warn(missingClasses(this, train, 'split'));
    return validation
      ? { ...parts, validation: this.select(validation), warnings }
      : { ...parts, warnings };
  }

  /**
   * The k splits of a cross-validation, each made when the loop comes to it: every example is in the test part of exactly one.
   *
   * @param k - from 2 to the number of examples
   * @param options.by - `random`, the default; `stratified` by class; `blocks`: each test part is a run of neighbours
   * @param options.seed - of the drawing; 0 when absent
   * @throws {TypeError | RangeError} at once, for wrong options
   * @example
   * ```ts
   * for (const { train, test } of new Dataset({ x, y }).kFold(2)) train.length === test.length; // true
   * ```
   */
  kFold(k: number, options: FoldOptions = {}): IterableIterator<Split> {
    return this.#folds(foldIndices(this, k, options));
  }

  *#folds(folds: readonly { train: Uint32Array; test: Uint32Array }[]): Generator<Split, void> {
    for (const [index, { train, test }] of folds.entries()) {
      const warnings = warn(missingClasses(this, train, `fold ${index + 1}`));
      yield { train: this.select(train), test: this.select(test), warnings };
    }
  }
}

/** Numbers per example of features that are no objects. */
function widthOf(x: unknown, width: number | undefined): number {
  const first = Array.isArray(x) ? (x[0] as unknown) : undefined;
  if (Array.isArray(first) || ArrayBuffer.isView(first)) return (first as Float32Array).length;
  if (width !== undefined) return checkInteger(width, 'width', 1);
  throw new TypeError(
    `width: missing. Say how many numbers each example has in x, which is ${describe(x)}: new Dataset({ x, y }, { width }).`,
  );
}

/** Copies the rows at these places into an array of the same type. */
function pickRows(values: FlatValues, width: number, indices: ArrayLike<number>): FlatValues {
  const Values = values.constructor as new (length: number) => FlatValues;
  const picked = new Values(indices.length * width);
  for (let at = 0; at < indices.length; at++) {
    const start = indices[at]! * width;
    picked.set(values.subarray(start, start + width), at * width);
  }
  return picked;
}

/** Shows warnings on the console. */
function warn(warnings: readonly string[]): readonly string[] {
  for (const warning of warnings) console.warn(warning);
  return warnings;
}
