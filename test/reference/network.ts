import { activations, losses, softmax } from './functions.ts';

/**
 * A dense network in double precision over plain arrays: the four equations of backpropagation and nothing else.
 * This is the specification the library is tested against; it is itself tested against the oracle files.
 */

/** A matrix as an array of rows. */
export type Matrix = number[][];

/** One dense layer: z = W a + b, a = f(z). */
export interface Layer {
  /** Weights, W[j][k] from neuron k of the layer before to neuron j. */
  W: Matrix;
  /** Bias of each neuron, or null. */
  b: number[] | null;
  activation: string;
}

/** The layers and the cost function. */
export interface ReferenceNetwork {
  layers: Layer[];
  loss: string;
}

/** Pre-activations and activations per layer, one row per example. */
export interface Forward {
  z: Matrix[];
  a: Matrix[];
  /** C: the mean over the examples of the cost of each. */
  cost: number;
  exampleCost: number[];
}

/** Derivatives of C, per layer. */
export interface Backward {
  /** δ: with respect to pre-activations. */
  dz: Matrix[];
  /** With respect to activations. */
  da: Matrix[];
  /** With respect to the inputs. */
  dx: Matrix;
  dW: Matrix[];
  db: number[][];
}

const dot = (u: number[], v: number[]): number => u.reduce((sum, ui, i) => sum + ui * v[i]!, 0);
const column = (m: Matrix, k: number): number[] => m.map((row) => row[k]!);
const transpose = (m: Matrix): Matrix => m[0]!.map((_, k) => column(m, k));

/** Activations of one example from its pre-activations. */
function activate(activation: string, z: number[]): number[] {
  return activation === 'softmax' ? softmax(z) : z.map(activations[activation]!.f);
}

/** δ of one example from dC/da: da ⊙ f′(z), or the softmax's Jacobian times da. */
function delta(activation: string, z: number[], a: number[], da: number[]): number[] {
  if (activation !== 'softmax') return da.map((d, j) => d * activations[activation]!.df(z[j]!));
  const mean = dot(da, a);
  return a.map((aj, j) => aj * (da[j]! - mean));
}

/** Cost of one example. */
function costOf(loss: string, a: number[], y: number[]): number {
  const { cost, mean } = losses[loss]!;
  const sum = a.reduce((s, aj, j) => s + cost(aj, y[j]!), 0);
  return mean ? sum / a.length : sum;
}

/** The forward pass of a batch (x and y: one row per example). */
export function forward({ layers, loss }: ReferenceNetwork, x: Matrix, y: Matrix): Forward {
  const z: Matrix[] = [];
  const a: Matrix[] = [];
  layers.forEach(({ W, b, activation }, l) => {
    const below = l === 0 ? x : a[l - 1]!;
    z[l] = below.map((row) => W.map((w, j) => dot(w, row) + (b?.[j] ?? 0)));
    a[l] = z[l]!.map((row) => activate(activation, row));
  });
  const exampleCost = a.at(-1)!.map((row, i) => costOf(loss, row, y[i]!));
  const cost = exampleCost.reduce((s, c) => s + c, 0) / x.length;
  return { z, a, cost, exampleCost };
}

/** The backward pass of a batch: derivatives of the mean cost C. */
export function backward(network: ReferenceNetwork, x: Matrix, y: Matrix): Backward {
  const { layers, loss } = network;
  const { z, a } = forward(network, x, y);
  const { derivative, mean } = losses[loss]!;
  const last = layers.length - 1;
  const divisor = x.length * (mean ? a[last]![0]!.length : 1);
  const result: Backward = { dz: [], da: [], dx: [], dW: [], db: [] };
  result.da[last] = a[last]!.map((row, i) =>
    row.map((aj, j) => derivative(aj, y[i]![j]!) / divisor),
  );
  for (let l = last; l >= 0; l--) {
    const { W, activation } = layers[l]!;
    const below = l === 0 ? x : a[l - 1]!;
    const dz = result.da[l]!.map((da, i) => delta(activation, z[l]![i]!, a[l]![i]!, da));
    const dBelow = dz.map((row) => transpose(W).map((w) => dot(w, row)));
    if (l === 0) result.dx = dBelow;
    else result.da[l - 1] = dBelow;
    result.dz[l] = dz;
    result.dW[l] = transpose(dz).map((dzj) => transpose(below).map((ak) => dot(dzj, ak)));
    result.db[l] = transpose(dz).map((dzj) => dzj.reduce((s, d) => s + d, 0));
  }
  return result;
}

/** All parameters in a row: W and b of the first layer, then of the second, … */
export function flatten(layers: { W: Matrix; b: number[] | null }[]): number[] {
  return layers.flatMap(({ W, b }) => [...W.flat(), ...(b ?? [])]);
}

/** The network with the parameters of a row written by {@link flatten}. */
export function withParameters(network: ReferenceNetwork, flat: number[]): ReferenceNetwork {
  let next = 0;
  const take = (count: number): number[] => flat.slice(next, (next += count));
  const layers = network.layers.map(({ W, b, activation }) => ({
    W: W.map((row) => take(row.length)),
    b: b && take(b.length),
    activation,
  }));
  return { layers, loss: network.loss };
}

/** dC/dp in the order of {@link flatten}. */
export function gradient(network: ReferenceNetwork, x: Matrix, y: Matrix): number[] {
  const { dW, db } = backward(network, x, y);
  return flatten(network.layers.map(({ b }, l) => ({ W: dW[l]!, b: b && db[l]! })));
}

/** dC/dp by central differences: (C(p + h) − C(p − h)) / 2h, error of order h². */
export function centralDifferences(
  network: ReferenceNetwork,
  x: Matrix,
  y: Matrix,
  h = 1e-5,
): number[] {
  const parameters = flatten(network.layers);
  const costAt = (i: number, shift: number): number =>
    forward(withParameters(network, parameters.with(i, parameters[i]! + shift)), x, y).cost;
  return parameters.map((_, i) => (costAt(i, h) - costAt(i, -h)) / (2 * h));
}
