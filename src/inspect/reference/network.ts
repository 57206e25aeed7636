import type { LayerSpec } from '../../nn/layers/index.ts';
import type { LossName } from '../../nn/losses.ts';
import type { NetworkSpec } from '../../nn/spec.ts';
import { denseLayer } from './dense.ts';
import { costs, takesPreActivations } from './losses.ts';
import { type Cell, gruAfterCell, gruBeforeCell, lstmCell, rnnCell, runCell } from './recurrent.ts';

/** A layer that goes along the steps of a sequence. */
type RecurrentLayerSpec = Extract<LayerSpec, { kind: 'rnn' | 'lstm' | 'gru' }>;

/** Parameters in double precision, by name, in the user's shape; they may be changed. */
export type ReferenceParameters = Readonly<Record<string, Float64Array>>;

/** Rows of features: one, or one per valid step of a sequence. */
export type Steps = readonly (readonly number[])[];

/** An example: its features and targets, and where its recurrent layers start. */
export interface ReferenceExample {
  readonly x: Steps;
  readonly y: Steps;
  /** By `layers.0.h`; zeros where absent. */
  readonly states: ReadonlyMap<string, readonly number[]>;
}

/** One layer on one example. */
type ReferenceLayer = (input: Steps, example: ReferenceExample) => Steps;

/**
 * The cost of a network in double precision, over plain arrays: the forward pass and nothing else. Its differences are what the derivatives
 * of the real network are checked against, so it shares no code with that network.
 */
export class ReferenceNetwork {
  readonly parameters: ReferenceParameters;
  readonly #layers: readonly ReferenceLayer[];
  readonly #loss: LossName;
  readonly #examples: readonly ReferenceExample[];
  /** What the sum of all costs is divided by: examples, or their valid steps. */
  readonly #divisor: number;
  /** What goes into each layer, by example, with the parameters as they were at first. */
  readonly #inputs: readonly (readonly Steps[])[];

  constructor(
    spec: NetworkSpec,
    parameters: ReferenceParameters,
    examples: readonly ReferenceExample[],
    divisor: number,
  ) {
    this.parameters = parameters;
    this.#loss = typeof spec.loss === 'string' ? spec.loss : spec.loss.name;
    this.#examples = examples;
    this.#divisor = divisor;
    const last = spec.layers.length - 1;
    this.#layers = spec.layers.map((layer, index) => {
      const fused = index === last && takesPreActivations(this.#loss);
      return createLayer(layer, index, fused, parameters);
    });
    const inputs: (readonly Steps[])[] = [examples.map(({ x }) => x)];
    for (const layer of this.#layers) {
      inputs.push(inputs.at(-1)!.map((input, index) => layer(input, examples[index]!)));
    }
    this.#inputs = inputs;
  }

  /**
   * C, the mean over the examples or their steps.
   *
   * @param from - the first layer whose parameters were changed; those below need not be computed again
   */
  cost(from: number = 0): number {
    let sum = 0;
    for (const [index, example] of this.#examples.entries()) {
      let steps = this.#inputs[from]![index]!;
      for (const layer of this.#layers.slice(from)) steps = layer(steps, example);
      for (const [step, a] of steps.entries()) sum += costs[this.#loss](a, example.y[step]!);
    }
    return sum / this.#divisor;
  }
}

/** The parameters of one layer by letter, such as `Wx`. */
type Weights = (letter: string) => Float64Array;

/** @param fused - whether the loss includes the activation */
function createLayer(
  spec: LayerSpec,
  index: number,
  fused: boolean,
  parameters: ReferenceParameters,
): ReferenceLayer {
  const path = `layers.${index}`;
  const of: Weights = (letter) => parameters[`${path}.${letter}`]!;
  switch (spec.kind) {
    case 'dropout':
      // Does nothing but in training.
      return (input) => input;
    case 'dense': {
      const activation = fused ? 'linear' : (spec.activation ?? 'linear');
      return (input) => input.map((row) => denseLayer(row, of('W'), of('b'), activation));
    }
    case 'embedding':
      return (input) => input.map((oneHot) => row(of('E'), oneHot.indexOf(1), spec.width));
    case 'bidirectional': {
      const forwards = recurrent(spec.layer, `${path}.forward`, parameters);
      const backwards = recurrent(spec.layer, `${path}.backward`, parameters);
      const all = spec.layer.returns === 'all';
      return (input, example) => {
        const one = forwards(input, example);
        const other = backwards([...input].reverse(), example);
        const turned = all ? [...other].reverse() : other;
        return one.map((state, step) => [...state, ...turned[step]!]);
      };
    }
    default:
      return recurrent(spec, path, parameters);
  }
}

function recurrent(
  spec: RecurrentLayerSpec,
  path: string,
  parameters: ReferenceParameters,
): ReferenceLayer {
  const of: Weights = (letter) => parameters[`${path}.${letter}`]!;
  const cell = cellOf(spec);
  const { units, returns = 'last' } = spec;
  const zeros = new Array<number>(units).fill(0);
  return (input, { states }) => {
    const start = (letter: string): readonly number[] => {
      const name = `${path}.${letter}`;
      const learned = parameters[`${name}0`];
      return learned ? [...learned] : (states.get(name) ?? zeros);
    };
    const weights = { Wx: of('Wx'), Wh: of('Wh'), b: of('b'), bh: of('bh') };
    const all = runCell(cell, weights, input, { h: start('h'), c: start('c') });
    return returns === 'all' ? all : all.slice(-1);
  };
}

function row(matrix: Float64Array, index: number, width: number): number[] {
  return [...matrix.subarray(index * width, (index + 1) * width)];
}

function cellOf(spec: RecurrentLayerSpec): Cell {
  switch (spec.kind) {
    case 'rnn':
      return rnnCell(spec.activation === 'relu' ? (z) => Math.max(z, 0) : Math.tanh);
    case 'lstm':
      return lstmCell;
    case 'gru':
      return spec.reset === 'before' ? gruBeforeCell : gruAfterCell;
  }
}
