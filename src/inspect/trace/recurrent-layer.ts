import type { LayerSpec } from '../../nn/layers/index.ts';
import type { Readings } from './readings.ts';
import { kept } from './recurrent-program.ts';
import { TracedTensor } from './tensor.ts';
import type { LayerTrace } from './trace.ts';

/** A recurrent layer as plain data. */
export type RecurrentLayerSpec = Extract<LayerSpec, { kind: 'rnn' | 'lstm' | 'gru' }>;

/** The function that squashes a gate. */
type Squash = 'sigmoid' | 'tanh' | 'relu';

/** The gates of a layer, side by side in z, a and δ, and what squashes each. */
function gatesOf(spec: RecurrentLayerSpec): readonly (readonly [string, Squash])[] {
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
function gateSlopes(a: TracedTensor, spec: RecurrentLayerSpec): TracedTensor {
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
function resetAfter(below: TracedTensor, u: TracedTensor, a: TracedTensor): TracedTensor {
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

/** What the trace of a recurrent layer is made of. */
interface RecurrentParts extends Pick<LayerTrace, 'path' | 'title' | 'input' | 'parameters'> {
  readonly spec: RecurrentLayerSpec;
  readonly readings: Readings;
}

/** What a recurrent layer computed, step by step. */
export function traceRecurrent(
  { spec, path, title, input, readings, parameters }: RecurrentParts,
  lengths: Uint32Array,
): LayerTrace {
  const of = (name: string, symbol: string): TracedTensor =>
    withoutPadding(readings.named(name, symbol, true), lengths);
  const a = of(kept.a(path), 'a');
  const u = readings.find(kept.u(path)) && of(kept.u(path), 'u');
  const below = of(kept.z(path), 'z');
  const h = readings.states(`${path}.h`, 'h', spec.units);
  const cells = readings.find(`${path}.c`) && readings.states(`${path}.c`, 'c', spec.units);
  return {
    path,
    title,
    activation: undefined,
    input,
    z: u ? resetAfter(below, u, a) : below,
    a,
    output: spec.returns === 'all' ? h : lastStates(h),
    activationDerivative: withoutPadding(gateSlopes(a, spec), lengths),
    dCda: readings.named(kept.dCdh(path), 'dC/dh', true),
    delta: of(kept.delta(path), 'δ'),
    recurrent: {
      kind: spec.kind,
      gates: gatesOf(spec).map(([name]) => name),
      h,
      c: cells,
    },
    parameters,
  };
}

/** After the last step, padding included, through which states are carried. */
function lastStates({ name, shape, values }: TracedTensor): TracedTensor {
  const [examples, steps, units] = shape as [number, number, number];
  const last = new Float32Array(examples * units);
  for (let example = 0; example < examples; example++) {
    const from = ((example + 1) * steps - 1) * units;
    last.set(values.subarray(from, from + units), example * units);
  }
  return new TracedTensor(name, [examples, units], last);
}

/** The valid steps of each example in reverse order. */
export function reversedSteps(
  { name, shape, values }: TracedTensor,
  lengths: Uint32Array,
): TracedTensor {
  const [, steps, columns] = shape as [number, number, number];
  const turned = values.slice();
  for (const [example, length] of lengths.entries()) {
    const first = example * steps;
    for (let step = 0; step < length; step++) {
      const from = (first + step) * columns;
      turned.set(values.subarray(from, from + columns), (first + length - 1 - step) * columns);
    }
  }
  return new TracedTensor(name, shape, turned);
}
