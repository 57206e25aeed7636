import { checkKeys } from '../checks.ts';
import type { Engine } from '../engine.ts';
import type { Sequences } from '../nn/layers/sequences.ts';
import { type NetworkSpec, resolveSpec } from '../nn/spec.ts';
import type { Normalizer } from '../plan/normalization.ts';
import { writeParameter } from '../plan/parameters.ts';
import { badFile, messageOf } from './errors.ts';
import type { StateDict } from './safetensors.ts';
import { takeTensors, type TensorShape } from './tensors.ts';

/** How far the random streams of a network are: they go on in the next run where the last one left off. */
export interface Counters {
  /** Epochs over the life of the network: each has its own shuffle. */
  readonly epochs: number;
  /** Updates over the life of the network: each has its own dropout masks. */
  readonly updates: number;
}

/** A network that was made, and its engine. */
export interface MadeNetwork<T> {
  readonly net: T;
  readonly engine: Engine;
}

/** Makes networks of specs out of files. */
export interface NetworkMaker<T> {
  /** For networks with a time axis, see {@link resolveSpec}. */
  readonly sequences?: Sequences;
  /** Makes a network of a spec that was checked. */
  make(spec: NetworkSpec): MadeNetwork<T>;
}

/** Names in a checkpoint that are about its run, and nothing to a network, begin with this. */
export const RUN_PREFIX = 'run.';

const SHIFT = 'normalizer.shift';
const FACTOR = 'normalizer.factor';

/** A spec as plain JSON data: starting values that came as typed arrays become arrays. */
export function plainSpec(spec: NetworkSpec): NetworkSpec {
  const plain = (_: string, value: unknown): unknown =>
    ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value;
  return JSON.parse(JSON.stringify(spec, plain)) as NetworkSpec;
}

/** How far the random streams of a network are. */
export function countersOf(engine: Engine): Counters {
  return { epochs: engine.get('epoch'), updates: engine.get('updates') };
}

/**
 * All numbers of a network by name: the parameters in the user's shape, and how features are normalised where that is known.
 *
 * @param parameters - the flat range of the parameters; those that are in memory when absent
 */
export function networkTensors(engine: Engine, parameters?: Float32Array): StateDict {
  const { layout, model, core } = engine;
  const normalizer = model.normalization?.normalizer;
  const tensors = rangeTensors(engine, parameters ?? layout.values.view(core.buffer), '');
  return normalizer ? { ...tensors, ...normalizerTensors(normalizer) } : tensors;
}

/** A flat range as one tensor per parameter, under the parameter's name behind `prefix`. */
export function rangeTensors(engine: Engine, range: Float32Array, prefix: string): StateDict {
  const { parameters } = engine.layout;
  const tensors = engine.layout
    .split(range)
    .map((values, index) => [
      prefix + parameters[index]!.name,
      { shape: parameters[index]!.shape, values },
    ]);
  return Object.fromEntries(tensors) as StateDict;
}

/** Names and shapes of {@link rangeTensors}. */
export function rangeShapes({ layout }: Engine, prefix: string): TensorShape[] {
  return layout.parameters.map(({ name, shape }) => ({ name: prefix + name, shape }));
}

/** The tensors of a checkpoint that belong to its network. */
export function withoutRun(tensors: StateDict): StateDict {
  const own = Object.entries(tensors).filter(([name]) => !name.startsWith(RUN_PREFIX));
  return Object.fromEntries(own);
}

function normalizerTensors({ shift, factor }: Normalizer): StateDict {
  const shape = [shift.length];
  return { [SHIFT]: { shape, values: shift }, [FACTOR]: { shape, values: factor } };
}

/**
 * Checks a spec that came out of a file and lists the tensors that belong to it. Nothing is allocated for them yet.
 *
 * @param given - names of the tensors in the file; only they tell whether the normalisation was known
 * @param sequences - as for {@link resolveSpec}
 * @throws {NetworkError} `BAD_FILE`
 */
export function tensorsOf(
  spec: unknown,
  given: readonly string[],
  where: string,
  sequences?: Sequences,
): TensorShape[] {
  try {
    const { model } = resolveSpec(spec as NetworkSpec, sequences);
    const parameters = model.layers.flatMap((layer) => layer.parameters);
    if (!model.normalization || !(given.includes(SHIFT) || given.includes(FACTOR))) {
      return parameters;
    }
    return [...parameters, ...[SHIFT, FACTOR].map((name) => ({ name, shape: [model.inputs] }))];
  } catch (error) {
    throw badFile(`${where}: spec`, messageOf(error), error);
  }
}

/**
 * Makes a network of what a file says. Everything is checked before a network is made.
 *
 * @throws {NetworkError} `BAD_FILE`
 */
export function restore<T>(
  { spec, counters }: { spec?: unknown; counters?: unknown },
  tensors: StateDict,
  where: string,
  maker: NetworkMaker<T>,
): T {
  const expected = tensorsOf(spec, Object.keys(tensors), where, maker.sequences);
  const values = takeTensors(expected, tensors, (problem) => badFile(where, problem));
  const { epochs, updates } = checkCounters(counters, where);
  const { net, engine } = maker.make(spec as NetworkSpec);
  setParameters(engine, values);
  const normalizer = normalizerOf(engine, values);
  if (normalizer) engine.model.normalization!.normalizer = normalizer;
  engine.set({ epoch: epochs, updates });
  return net;
}

/** The normaliser among the values of {@link tensorsOf}. */
export function normalizerOf(
  { layout }: Engine,
  values: readonly Float32Array[],
): Normalizer | undefined {
  const [shift, factor] = values.slice(layout.parameters.length);
  return shift && factor ? { shift, factor } : undefined;
}

/** Sets all parameters of a network, in their order and the user's shape. */
export function setParameters(engine: Engine, values: readonly Float32Array[]): void {
  for (const [index, { value }] of engine.layout.parameters.entries()) {
    writeParameter(engine.core.buffer, value, values[index]!);
  }
}

function checkCounters(counters: unknown, where: string): Counters {
  try {
    checkKeys(counters, ['epochs', 'updates'], 'counters');
  } catch (error) {
    throw badFile(where, messageOf(error), error);
  }
  const { epochs, updates } = counters as Counters;
  if (isCount(epochs) && isCount(updates)) return { epochs, updates };
  throw badFile(`${where}: counters`, 'expected epochs and updates, whole numbers ≥ 0.');
}

/** Whether a value is a whole number ≥ 0 that is exact. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
