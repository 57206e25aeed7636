import type { LossName } from '../../nn/losses.ts';
import type { LayerSpec } from '../../nn/layers/index.ts';
import type { NetworkSpec } from '../../nn/spec.ts';
import { denseLayer } from './dense.ts';
import { costs, takesPreActivations } from './losses.ts';

/** Parameters in double precision, by name, in the user's shape; they may be changed. */
export type ReferenceParameters = Readonly<Record<string, Float64Array>>;

/** One layer on one example. */
type ReferenceLayer = (input: readonly number[]) => number[];

/**
 * The cost of a network in double precision, over plain arrays: the forward pass and nothing else. Its differences are what the derivatives
 * of the real network are checked against, so it shares no code with that network.
 */
export class ReferenceNetwork {
  readonly parameters: ReferenceParameters;
  readonly #layers: readonly ReferenceLayer[];
  readonly #loss: LossName;
  readonly #y: readonly (readonly number[])[];
  /** What goes into each layer, one row per example, with the parameters as they were at first. */
  readonly #inputs: readonly (readonly number[])[][];

  /**
   * @param x - features, one row per example
   * @param y - targets, one row per example
   */
  constructor(
    spec: NetworkSpec,
    parameters: ReferenceParameters,
    x: readonly (readonly number[])[],
    y: readonly (readonly number[])[],
  ) {
    this.parameters = parameters;
    this.#loss = typeof spec.loss === 'string' ? spec.loss : spec.loss.name;
    this.#y = y;
    const last = spec.layers.length - 1;
    this.#layers = spec.layers.map((layer, index) => {
      const fused = index === last && takesPreActivations(this.#loss);
      return createLayer(layer, index, fused, parameters);
    });
    const inputs = [[...x]];
    for (const layer of this.#layers) inputs.push(inputs.at(-1)!.map(layer));
    this.#inputs = inputs;
  }

  /**
   * C, the mean over the examples.
   *
   * @param from - the first layer whose parameters were changed; those below need not be computed again
   */
  cost(from: number = 0): number {
    let sum = 0;
    for (const [example, y] of this.#y.entries()) {
      let a = this.#inputs[from]![example]!;
      for (const layer of this.#layers.slice(from)) a = layer(a);
      sum += costs[this.#loss](a, y);
    }
    return sum / this.#y.length;
  }
}

/** @param fused - whether the loss includes the activation */
function createLayer(
  spec: LayerSpec,
  index: number,
  fused: boolean,
  parameters: ReferenceParameters,
): ReferenceLayer {
  // A dropout layer does nothing but in training.
  if (spec.kind === 'dropout') return (input) => [...input];
  if (spec.kind !== 'dense') throw new Error(`${spec.kind}: needs a time axis`);
  const W = parameters[`layers.${index}.W`]!;
  const b = parameters[`layers.${index}.b`];
  const activation = fused ? 'linear' : (spec.activation ?? 'linear');
  return (input) => denseLayer(input, W, b, activation);
}
