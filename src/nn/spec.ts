import { checkInteger, checkKeys, checkName } from '../checks.ts';
import { leftOut } from '../errors.ts';
import type { Model } from '../plan/model.ts';
import {
  checkNames,
  type FeatureSpec,
  type InputSpec,
  resolveInput,
  type TokenSpec,
} from './input.ts';
import { createLayers, type LayerSpec, outputActivation } from './layers/index.ts';
import type { Sequences } from './layers/sequences.ts';
import { checkLoss, type LossName, losses, lossNames } from './losses.ts';
import { createNormalization, type NormalizeSpec } from './normalize.ts';

/**
 * A network as plain, JSON-able data.
 *
 * @example
 * ```ts
 * const spec: NetworkSpec = {
 *   input: 4,
 *   layers: [dense(8, 'relu'), dense(3, 'softmax')],
 *   loss: 'crossEntropy',
 *   classes: ['setosa', 'versicolor', 'virginica'],
 *   seed: 1,
 * };
 * ```
 */
export interface NetworkSpec {
  /**
   * Number of features, or what they are when the data are objects with named columns: their names, and the values of names. For
   * sequences the features of a step, or the number of different tokens.
   */
  readonly input: number | InputSpec | TokenSpec;
  /** Brings features to a common scale before the first layer. They are taken as they come when absent. */
  readonly normalize?: NormalizeSpec;
  /** Layers from the first hidden one to the output. */
  readonly layers: readonly LayerSpec[];
  /**
   * The cost C whose gradient is applied. For a target per step: the mean over all valid steps of a batch, or, with `steps: 'sum'`,
   * the sum over the steps of a sequence and then the mean over the sequences.
   */
  readonly loss: LossName | { readonly name: LossName; readonly steps?: 'mean' | 'sum' };
  /** Names of the classes, in the order of the output units, when labels are strings. */
  readonly classes?: readonly string[] | undefined;
  /** Decides starting weights, shuffles and dropout: a whole number from 0 to 2⁵³−1. Chosen and recorded when absent. */
  readonly seed?: number;
}

/** A checked specification and what was made of it. */
export interface ResolvedSpec {
  /** The specification with its seed. */
  readonly spec: NetworkSpec & { readonly seed: number };
  readonly model: Model;
  /** The features, where the data may be objects with named columns. */
  readonly features: readonly FeatureSpec[] | undefined;
}

/**
 * Checks a specification from top to bottom and makes its layers and loss.
 *
 * @param sequences - what networks with a time axis need; without, there must be none
 * @throws {TypeError | RangeError} naming the option, what was expected and what came
 */
export function resolveSpec(value: NetworkSpec, sequences?: Sequences): ResolvedSpec {
  checkKeys(value, ['input', 'normalize', 'layers', 'loss', 'classes', 'seed'], 'new Network');
  const { columns, features, ...time } = resolveInput(value.input);
  const { name, steps: lossSteps } = lossOf(value);
  if (!sequences && (time.tokens || time.steps !== undefined || lossSteps !== undefined)) {
    throw leftOut('input: sequences');
  }
  const normalization = createNormalization(value.normalize, columns);
  const layers = createLayers(value.layers, columns, sequences?.layers);
  const outputs = layers.at(-1)!.outputs;
  const sequence = sequences?.createModel(value, layers, { ...time, columns }, lossSteps);
  const loss = checkName(name, lossNames, 'loss');
  checkLoss(loss, outputActivation(value.layers), outputs);
  if (value.classes !== undefined) checkClasses(value.classes, outputs);
  const seed = value.seed === undefined ? randomSeed() : checkInteger(value.seed, 'seed', 0);
  return {
    spec: structuredClone({ ...value, seed }),
    model: { inputs: columns, normalization, outputs, layers, loss: losses[loss], seed, sequence },
    features,
  };
}

function lossOf({ loss }: NetworkSpec): { name: LossName; steps?: 'mean' | 'sum' } {
  if (typeof loss !== 'object' || loss === null) return { name: loss };
  checkKeys(loss, ['name', 'steps'], 'loss');
  return loss;
}

function checkClasses(classes: readonly string[], outputs: number): void {
  checkNames(classes, 'classes');
  if (classes.length !== outputs) {
    throw new RangeError(
      `classes: expected one name per output unit (${outputs}), got ${classes.length}. Change the last layer to dense(${classes.length}, …).`,
    );
  }
}

/** A seed for those who gave none. It is recorded in the spec, so the run can still be repeated. */
function randomSeed(): number {
  return Math.floor(Math.random() * 2 ** 32);
}
