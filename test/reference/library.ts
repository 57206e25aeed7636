import {
  Network,
  adagrad,
  adam,
  adamw,
  dense,
  momentum,
  nesterov,
  rmsprop,
  sgd,
} from '../../src/index.ts';
import type { ActivationName, LossName, Optimizer } from '../../src/index.ts';
import type { Layer, Matrix, ReferenceNetwork } from './network.ts';
import { optimizerOptions } from './oracle.ts';

/** Every core of the library. */
export const CORES = ['js', 'simd'] as const;

const creators = { sgd, momentum, nesterov, rmsprop, adagrad, adam, adamw } as Record<
  string,
  (options: object) => Optimizer
>;

/** Names of the optimizers the library has. */
export const OPTIMIZERS: readonly string[] = Object.keys(creators);

/** The library's optimizer of a rule and the oracle's hyper-parameters. */
export function libraryOptimizer(rule: string, hyper: Record<string, number>): Optimizer {
  return creators[rule]!(optimizerOptions(hyper));
}

/** The library's parameter names and values of reference layers. */
export function namedParameters(
  layers: { W: Matrix; b?: number[] | null }[],
): Record<string, number[]> {
  const entries = layers.flatMap(({ W, b }, l): [string, number[]][] => [
    [`layers.${l}.W`, W.flat()],
    ...(b ? [[`layers.${l}.b`, b] as [string, number[]]] : []),
  ]);
  return Object.fromEntries(entries);
}

/** A library network with the layers, the loss and the parameters of a reference network. */
export function networkOf(reference: ReferenceNetwork, core: 'js' | 'simd'): Network {
  const layers = reference.layers.map(({ W, b, activation }: Layer) =>
    dense(W.length, activation as ActivationName, { bias: b !== null }),
  );
  const input = reference.layers[0]!.W[0]!.length;
  const network = new Network(
    { input, layers, loss: reference.loss as LossName, seed: 1 },
    { core },
  );
  const values = namedParameters(reference.layers);
  for (const parameter of network.parameters) parameter.set(values[parameter.name]!);
  return network;
}
