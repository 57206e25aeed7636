import type { FeatureSpec } from '../nn/input.ts';
import type { FlatValues } from './features.ts';

/**
 * What a network needs to know of a {@link Dataset}. A class of its own, so that programs without data sets do not load what makes and
 * splits them.
 */
export abstract class EncodedExamples {
  /** Features [length, width], row-major: what goes to the first layer before normalisation. */
  abstract get x(): FlatValues;
  /** Targets, row-major: numbers, or per example the index of its class in `classes`. */
  abstract get y(): FlatValues;
  /** How much each example counts; undefined when all count alike. */
  abstract get sampleWeights(): FlatValues | undefined;
  /** Numbers per example in `x`. */
  abstract get width(): number;
  /** The feature columns, with the categories of those that hold names; undefined when they have no names. */
  abstract get features(): readonly FeatureSpec[] | undefined;
  /** Names of the classes that the targets stand for; undefined when they have none. */
  abstract get classes(): readonly string[] | undefined;
}
