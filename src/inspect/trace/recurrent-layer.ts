import type { LayerSpec } from '../../nn/layers/index.ts';
import { TracedTensor } from './tensor.ts';

/** A recurrent layer as plain data. */
export type RecurrentLayerSpec = Extract<LayerSpec, { kind: 'rnn' | 'lstm' | 'gru' }>;

/** The function that squashes a gate. */
type Squash = 'sigmoid' | 'tanh' | 'relu';

/** The gates of a layer, side by side in z, a and δ, and what squashes each. */
export function gatesOf(spec: RecurrentLayerSpec): readonly (readonly [string, Squash])[] {
  switch (spec.kind) {
    case 'rnn':
      return [['h', spec.activation ?? 'tanh']];
    case 'lstm':
      return [
        ['i', 'sigmoid'],
        ['f', 'sigmoid'],
        ['g', 'tanh'],
        ['o', 'sigmoid'],
      ];
    case 'gru':
      return [
        ['r', 'sigmoid'],
        ['z', 'sigmoid'],
        ['n', 'tanh'],
      ];
  }
}

const { fround } = Math;

/** σ′ from the output of σ, rounded as the kernels round. */
const slopes: Readonly<Record<Squash, (a: number) => number>> = {
  sigmoid: (a) => fround(a * fround(1 - a)),
  tanh: (a) => fround(1 - fround(a * a)),
  relu: (a) => (a > 0 ? 1 : 0),
};

/** σ′(z) of every gate. */
export function gateSlopes(a: TracedTensor, spec: RecurrentLayerSpec): TracedTensor {
  const gates = gatesOf(spec);
  const width = a.shape.at(-1)!;
  const units = width / gates.length;
  const values = a.values.map((value, index) => {
    const [, squash] = gates[Math.floor((index % width) / units)]!;
    return slopes[squash](value);
  });
  return new TracedTensor('σ′(z)', a.shape, values);
}

/** z of a GRU that resets after the product: below + u, but of the last gate below + r u. */
export function resetAfter(below: TracedTensor, u: TracedTensor, a: TracedTensor): TracedTensor {
  const width = below.shape.at(-1)!;
  const units = width / 3;
  const values = below.values.map((value, index) => {
    const column = index % width;
    const reset = column < 2 * units ? 1 : a.values[index - 2 * units]!;
    return fround(value + fround(reset * u.values[index]!));
  });
  return new TracedTensor('z', below.shape, values);
}

/** The same with zeros in steps of padding. */
export function withoutPadding(tensor: TracedTensor, lengths: Uint32Array): TracedTensor {
  const [, steps, columns] = tensor.shape as [number, number, number];
  const values = tensor.values.slice();
  for (const [example, length] of lengths.entries()) {
    values.fill(0, (example * steps + length) * columns, (example + 1) * steps * columns);
  }
  return new TracedTensor(tensor.name, tensor.shape, values);
}
