import { type NetworkSpec, resolveSpec } from '../nn/spec.ts';
import type { NetworkParameter } from '../parameters.ts';
import type { Normalizer } from '../plan/normalization.ts';
import { badFile, messageOf, quote } from './errors.ts';
import type { StateDict } from './safetensors.ts';
import { takeTensors, type TensorShape } from './tensors.ts';

/** Written into every file, so that a reader of another version can say so. Grows when an older reader would misread a file. */
export const FORMAT_VERSION = 1;

/** A network as far as files are concerned. */
export interface SavedNetwork {
  readonly spec: NetworkSpec;
  readonly parameters: readonly NetworkParameter[];
  get normalizer(): Normalizer | undefined;
  set normalizer(value: Normalizer);
}

/** Makes a network of a spec that was checked. */
export type MakeNetwork<T extends SavedNetwork> = (spec: NetworkSpec) => T;

const SHIFT = 'normalizer.shift';
const FACTOR = 'normalizer.factor';

/** A spec as plain JSON data: starting values that came as typed arrays become arrays. */
export function plainSpec(spec: NetworkSpec): NetworkSpec {
  const plain = (_: string, value: unknown): unknown =>
    ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value;
  return JSON.parse(JSON.stringify(spec, plain)) as NetworkSpec;
}

/** All numbers of a network by name: the parameters in the user's shape, and how features are normalised where that is known. */
export function networkTensors({ parameters, normalizer }: SavedNetwork): StateDict {
  const tensors = parameters.map(
    ({ name, shape, get }) => [name, { shape, values: get() }] as const,
  );
  if (!normalizer) return Object.fromEntries(tensors);
  const { shift, factor } = normalizer;
  const shape = [shift.length];
  return {
    ...Object.fromEntries(tensors),
    [SHIFT]: { shape, values: shift },
    [FACTOR]: { shape, values: factor },
  };
}

/**
 * Checks a spec that came out of a file and lists the tensors that belong to it. Nothing is allocated for them yet.
 *
 * @param given - names of the tensors in the file; only they tell whether the normalisation was known
 * @throws {NetworkError} `BAD_FILE`
 */
export function tensorsOf(spec: unknown, given: readonly string[], where: string): TensorShape[] {
  try {
    const { model } = resolveSpec(spec as NetworkSpec);
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
 * Makes a network of a spec and tensors that came out of a file. Both are checked before a network is made.
 *
 * @throws {NetworkError} `BAD_FILE`
 */
export function restore<T extends SavedNetwork>(
  spec: unknown,
  tensors: StateDict,
  where: string,
  make: MakeNetwork<T>,
): T {
  const expected = tensorsOf(spec, Object.keys(tensors), where);
  const values = takeTensors(expected, tensors, (problem) => badFile(where, problem));
  const net = withParameters(make(spec as NetworkSpec), values);
  const [shift, factor] = values.slice(net.parameters.length);
  if (shift && factor) net.normalizer = { shift, factor };
  return net;
}

/** Sets all parameters of a network, in their order. */
export function withParameters<T extends SavedNetwork>(net: T, values: readonly Float32Array[]): T {
  for (const [index, parameter] of net.parameters.entries()) parameter.set(values[index]!);
  return net;
}

/**
 * Checks the head of a document: its version and that it has no other entries than these.
 *
 * @param keys - entries besides `version`
 * @throws {NetworkError} `BAD_FILE`
 */
export function checkDocument<K extends string>(
  document: unknown,
  keys: readonly K[],
  where: string,
): Record<K, unknown> {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw badFile(where, `expected an object with ${['version', ...keys].join(', ')}.`);
  }
  const { version } = document as { version?: unknown };
  if (version !== FORMAT_VERSION) {
    const newer = typeof version === 'number' && version > FORMAT_VERSION;
    throw badFile(
      where,
      `expected version ${FORMAT_VERSION}, got ${typeof version === 'number' ? version : typeof version}.` +
        (newer ? ' A newer release wrote it: update chainrule.' : ''),
    );
  }
  const unknown = Object.keys(document).find(
    (key) => key !== 'version' && !(keys as readonly string[]).includes(key),
  );
  if (unknown !== undefined) throw badFile(where, `unknown entry ${quote(unknown)}.`);
  return document as Record<K, unknown>;
}
