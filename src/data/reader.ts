import { checkKeys } from '../checks.ts';
import { leftOut } from '../errors.ts';
import type { FeatureSpec } from '../nn/input.ts';
import type { ResolvedSpec } from '../nn/spec.ts';
import type { SequenceModel, StateSpec } from '../plan/model.ts';
import { EncodedExamples } from './encoded.ts';
import type { Encoding } from './encoding.ts';
import { type Features, type FlatValues, type Matrix, readFeatures } from './features.ts';
import type { Readers } from './readers.ts';
import type { SequenceInputs, SequenceRows, Sequences } from './sequences.ts';
import type { InitialStates } from './states.ts';
import { readTargets, type TargetRows, type Targets } from './targets.ts';
import { readWeights } from './weights.ts';

/** What a network takes: features, or for networks with a time axis sequences, alone or with lengths and initial states. */
export type Inputs = Features | Sequences | SequenceInputs;

/** Examples: features and their targets, row by row; or sequences with a target each, or one per step. */
export interface TrainingData {
  readonly x: Features | Sequences;
  readonly y: Targets | readonly Targets[];
  /** Valid steps of each sequence; the rest is padding. When absent, those each sequence has. */
  readonly lengths?: ArrayLike<number>;
  /** Where recurrent layers start; zero when absent. */
  readonly initialState?: InitialStates;
  /** Of a batch that is trained on with `stateful`: which of its sequences begin anew, or whether all do; none when absent. */
  readonly begins?: boolean | readonly boolean[];
  /**
   * How much each example counts, ≥ 0; all count 1 when absent. The cost is Σ wᵢ Cᵢ / n over the n examples of a batch or a data set: the
   * divisor is the number of examples, not Σ wᵢ, so that an example of weight 2 counts as two in its batch. The accuracy is not weighted.
   */
  readonly sampleWeights?: FlatValues | readonly number[] | undefined;
}

/** Features that were read and checked: one row per example, or one per step of every example. */
export interface InputRows extends Matrix {
  readonly examples: number;
  /** The time axis, for networks that have one. */
  readonly sequence?: SequenceRows;
}

/** Examples that were read and checked. */
export interface Examples {
  readonly x: InputRows;
  readonly y: TargetRows;
  /** One weight per row of targets; all count alike without. */
  readonly weights?: Float32Array | undefined;
  /** What the sum of the costs is divided by for their mean: examples, or their valid steps. */
  readonly costs: number;
  /** Predictions that accuracy is a share of. */
  readonly predictions: number;
}

/** What reading data needs to know of a network. */
export interface DataShape {
  readonly inputs: number;
  readonly outputs: number;
  /** The features and the names of the classes, where the network has them. */
  readonly features: readonly FeatureSpec[] | undefined;
  readonly classes: readonly string[] | undefined;
  /** The loss compares probabilities, so targets must be in [0, 1]. */
  readonly probabilities: boolean;
  /** The time axis, for networks that have one, and the states of their layers. */
  readonly sequence?: SequenceModel | undefined;
  readonly states?: readonly StateSpec[];
}

/** Examples that are still to be read. */
interface Examined extends Omit<TrainingData, 'x' | 'y'> {
  readonly x: Inputs;
  readonly y: unknown;
}

/** Reads the user's data for one network. */
export class DataReader {
  readonly #shape: DataShape;
  readonly #encoding: Encoding | undefined;
  readonly #readers: Readers | undefined;

  /**
   * @param readers - for networks with a time axis or named columns, and for data sets
   * @throws {RangeError} where they would be needed
   */
  constructor(shape: DataShape, readers?: Readers) {
    if (shape.features && !readers) throw leftOut('input.features: names of columns');
    this.#shape = shape;
    this.#encoding = shape.features && readers?.createEncoding(shape.features);
    this.#readers = readers;
  }

  /** The reader of a network. */
  static of({ spec, model, features }: ResolvedSpec, readers?: Readers): DataReader {
    const shape: DataShape = {
      inputs: model.inputs,
      outputs: model.outputs,
      features,
      classes: spec.classes,
      probabilities: model.loss.fused,
      sequence: model.sequence,
      states: model.layers.flatMap(({ states = [] }) => states),
    };
    return new DataReader(shape, readers);
  }

  /** Names of the feature columns, where the network has them. */
  get columnNames(): readonly string[] | undefined {
    return this.#encoding?.columnNames;
  }

  /**
   * Reads features or sequences.
   *
   * @param stateful - sequences may go on with the states of those before them
   * @throws {TypeError | RangeError} for another type or width, or numbers that are not finite
   */
  features(x: unknown, where: string = 'x', stateful: boolean = false): InputRows {
    const { inputs, sequence } = this.#shape;
    if (sequence) {
      const given = asSequences(x, where, stateful);
      return this.#readers!.readSequences(given, this.#shape, where, stateful);
    }
    const matrix = readFeatures(x, inputs, this.#encoding, where);
    return { ...matrix, examples: matrix.rows };
  }

  /**
   * Reads features and their targets.
   *
   * @param where - path of the object in the caller's code, '' for arguments of their own
   * @param stateful - sequences may go on with the states of those before them
   * @throws {TypeError | RangeError} as `features`, and for targets or weights that do not fit
   */
  examples(data: Examined, where: string = '', stateful: boolean = false): Examples {
    const { sequence } = this.#shape;
    const keys = ['x', 'y', 'sampleWeights'];
    checkKeys(data, sequence ? [...keys, ...timeKeys(stateful)] : keys, where || 'data');
    const prefix = where && `${where}.`;
    for (const key of ['x', 'y'] as const) {
      if (data[key] !== undefined) continue;
      throw new TypeError(`${prefix}${key}: missing. Pass { x, y }, features and targets.`);
    }
    const given =
      data instanceof EncodedExamples
        ? this.#readers!.matchDataset(data, this.#shape, where || 'data')
        : data;
    const { lengths, initialState, begins, sampleWeights } = data;
    const inputs = {
      x: given.x,
      ...(lengths !== undefined && { lengths }),
      ...(initialState !== undefined && { initialState }),
      ...(begins !== undefined && { begins }),
    };
    const source = sequence && !isObject(given.x) ? inputs : given.x;
    const x = this.features(source, `${prefix}x`, stateful);
    const examples = this.#withTargets(x, given.y, `${prefix}y`);
    if (sampleWeights === undefined) return examples;
    const weights = readWeights(sampleWeights, x.examples, `${prefix}sampleWeights`);
    const steps = examples.y.rows / x.examples;
    return { ...examples, weights: repeated(weights, steps) };
  }

  /**
   * Reads what a network with a time axis takes in one step: features, or a token, of each example.
   *
   * @throws {TypeError | RangeError} as `features`, and for another number of examples
   */
  step(x: unknown, examples: number): InputRows {
    return this.#readers!.readStep(x, examples, this.#shape, this.#encoding);
  }

  #withTargets(x: InputRows, y: unknown, where: string): Examples {
    const { sequence } = this.#shape;
    if (!sequence?.perStep || !x.sequence) {
      const targets = readTargets(y, x.examples, this.#shape, where);
      return { x, y: targets, costs: x.examples, predictions: x.examples };
    }
    const targets = this.#readers!.readStepTargets(y, x.sequence, this.#shape, where);
    const predictions = x.sequence.lengths.reduce((sum, length) => sum + length, 0);
    const costs = sequence.reduction === 'sum' ? x.examples : predictions;
    return { x, y: targets, costs, predictions };
  }
}

/** Each weight `times` times in a row. */
function repeated(weights: Float32Array, times: number): Float32Array {
  if (times === 1) return weights;
  return Float32Array.from({ length: weights.length * times }, (_, index) => {
    return weights[Math.floor(index / times)]!;
  });
}

function isObject(x: unknown): boolean {
  return typeof x === 'object' && x !== null && !Array.isArray(x) && !ArrayBuffer.isView(x);
}

/** What may be given with sequences: where they start, or which of them do not go on. */
function timeKeys(stateful: boolean): string[] {
  return ['lengths', stateful ? 'begins' : 'initialState'];
}

/** Sequences alone are those of a `{ x }`. */
function asSequences(x: unknown, where: string, stateful: boolean): SequenceInputs {
  if (!isObject(x)) return { x: x as Sequences };
  checkKeys(x, ['x', ...timeKeys(stateful)], where);
  return x as SequenceInputs;
}
