import { checkInteger, checkKeys, checkName } from '../checks.ts';
import { describe } from '../errors.ts';
import type { Model } from '../plan/model.ts';
import { createLayers, type LayerSpec, outputActivation } from './layers/index.ts';
import { checkLoss, type LossName, losses, lossNames } from './losses.ts';

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
  /** Number of features, or their names when the data are objects with named columns. */
  readonly input: number | { readonly features: number | readonly string[] };
  /** Layers from the first hidden one to the output. */
  readonly layers: readonly LayerSpec[];
  /** The cost C whose gradient is applied. */
  readonly loss: LossName;
  /** Names of the classes, in the order of the output units, when labels are strings. */
  readonly classes?: readonly string[];
  /** Decides starting weights and shuffles: a whole number from 0 to 2⁵³−1. Chosen and recorded when absent. */
  readonly seed?: number;
}

/** A checked specification and what was made of it. */
export interface ResolvedSpec {
  /** The specification with its seed. */
  readonly spec: NetworkSpec & { readonly seed: number };
  readonly model: Model;
  /** Names of the features, where they were given. */
  readonly features: readonly string[] | undefined;
}

/**
 * Checks a specification from top to bottom and makes its layers and loss.
 *
 * @throws {TypeError | RangeError} naming the option, what was expected and what came
 */
export function resolveSpec(value: NetworkSpec): ResolvedSpec {
  checkKeys(value, ['input', 'layers', 'loss', 'classes', 'seed'], 'new Network');
  const { count, names } = checkInput(value.input);
  const layers = createLayers(value.layers, count);
  const outputs = layers.at(-1)!.outputs;
  const loss = checkName(value.loss, lossNames, 'loss');
  checkLoss(loss, outputActivation(value.layers), outputs);
  if (value.classes !== undefined) checkClasses(value.classes, outputs);
  const seed = value.seed === undefined ? randomSeed() : checkInteger(value.seed, 'seed', 0);
  return {
    spec: structuredClone({ ...value, seed }),
    model: { inputs: count, outputs, layers, loss: losses[loss] },
    features: names,
  };
}

function checkInput(input: NetworkSpec['input']): { count: number; names?: readonly string[] } {
  if (typeof input !== 'object') return { count: checkInteger(input, 'input', 1) };
  checkKeys(input, ['features'], 'input');
  const { features } = input;
  if (!Array.isArray(features)) return { count: checkInteger(features, 'input.features', 1) };
  checkNames(features, 'input.features');
  return { count: features.length, names: features };
}

function checkClasses(classes: readonly string[], outputs: number): void {
  if (!Array.isArray(classes)) {
    throw new TypeError(`classes: expected an array of names, got ${describe(classes)}.`);
  }
  checkNames(classes, 'classes');
  if (classes.length !== outputs) {
    throw new RangeError(
      `classes: expected one name per output unit (${outputs}), got ${classes.length}. Change the last layer to dense(${classes.length}, …).`,
    );
  }
}

function checkNames(names: readonly unknown[], where: string): void {
  if (names.length === 0) throw new RangeError(`${where}: expected at least one name, got none.`);
  for (const [index, name] of names.entries()) {
    if (typeof name !== 'string') {
      throw new TypeError(`${where}[${index}]: expected a string, got ${describe(name)}.`);
    }
    if (names.indexOf(name) < index) {
      throw new RangeError(`${where}[${index}]: expected distinct names, got '${name}' twice.`);
    }
  }
}

/** A seed for those who gave none. It is recorded in the spec, so the run can still be repeated. */
function randomSeed(): number {
  return Math.floor(Math.random() * 2 ** 32);
}
