import { checkKeys } from '../checks.ts';
import type { FeatureSpec } from '../nn/input.ts';
import { EncodedExamples } from './encoded.ts';
import { Encoding } from './encoding.ts';
import { type Features, type FlatValues, type Matrix, readFeatures } from './features.ts';
import { matchDataset } from './match.ts';
import { readTargets, type TargetRows, type Targets } from './targets.ts';
import { readWeights } from './weights.ts';

/** Examples: features and their targets, row by row. */
export interface TrainingData {
  readonly x: Features;
  readonly y: Targets;
  /**
   * How much each example counts, ≥ 0; all count 1 when absent. The cost is Σ wᵢ Cᵢ / n over the n examples of a batch or a data set: the
   * divisor is the number of examples, not Σ wᵢ, so that an example of weight 2 counts as two in its batch. The accuracy is not weighted.
   */
  readonly sampleWeights?: FlatValues | readonly number[] | undefined;
}

/** Examples that were read and checked. */
export interface Examples {
  readonly x: Matrix;
  readonly y: TargetRows;
  /** One weight per example; all count alike without. */
  readonly weights?: Float32Array | undefined;
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
}

/** Reads the user's data for one network. */
export class DataReader {
  readonly #shape: DataShape;
  readonly #encoding: Encoding | undefined;

  constructor(shape: DataShape) {
    this.#shape = shape;
    this.#encoding = shape.features && new Encoding(shape.features);
  }

  /**
   * Reads features.
   *
   * @throws {TypeError | RangeError} for another type or width, or numbers that are not finite
   */
  features(x: unknown, where: string = 'x'): Matrix {
    return readFeatures(x, this.#shape.inputs, this.#encoding, where);
  }

  /**
   * Reads features and their targets.
   *
   * @param where - path of the object in the caller's code, '' for arguments of their own
   * @throws {TypeError | RangeError} as `features`, and for targets or weights that do not fit
   */
  examples(data: TrainingData, where: string = ''): Examples {
    checkKeys(data, ['x', 'y', 'sampleWeights'], where || 'data');
    const prefix = where && `${where}.`;
    for (const key of ['x', 'y'] as const) {
      if (data[key] !== undefined) continue;
      throw new TypeError(`${prefix}${key}: missing. Pass { x, y }, features and targets.`);
    }
    const given =
      data instanceof EncodedExamples ? matchDataset(data, this.#shape, where || 'data') : data;
    const x = this.features(given.x, `${prefix}x`);
    const y = readTargets(given.y, x.rows, this.#shape, `${prefix}y`);
    const { sampleWeights } = data;
    if (sampleWeights === undefined) return { x, y };
    return { x, y, weights: readWeights(sampleWeights, x.rows, `${prefix}sampleWeights`) };
  }
}
