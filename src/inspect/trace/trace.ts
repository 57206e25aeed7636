import type { Optimizer } from '../../nn/optimizers.ts';
import { TracedTensor } from './tensor.ts';
import { traceText } from './text.ts';

/** Options of a trace. */
export interface TraceOptions {
  /** Also find out the update each parameter would get from `trainBatch` with this optimizer. */
  readonly optimizer?: Optimizer;
}

/** What one layer computed forwards and backwards; every derivative is one of the mean cost C of the batch. */
export interface LayerTrace {
  /** Path in the network: `layers.0`. */
  readonly path: string;
  /** Such as `dense 3, tanh`. */
  readonly title: string;
  /** Name of the activation function; undefined for layers without one. */
  readonly activation: string | undefined;
  /** What came in: the activation of the layer below, or x as it is after normalisation. */
  readonly input: TracedTensor;
  /** z = W a_below + b. */
  readonly z: TracedTensor;
  /** a = σ(z), σ standing for the layer's activation function. Of a recurrent layer: its gates, or where it has none its states. */
  readonly a: TracedTensor;
  /** What the layer passes on: a; of a recurrent layer the last state, or all of them. */
  readonly output: TracedTensor;
  /** σ′(z), elementwise; undefined for softmax, whose units depend on each other. */
  readonly activationDerivative: TracedTensor | undefined;
  /**
   * dC/da. A cross-entropy and its output activation are one instruction of the program, which gives δ without this step; for such a
   * layer it is worked out from a and y. Of a recurrent layer: dC/dh of each step as it comes from above, without what comes from the
   * step behind.
   */
  readonly dCda: TracedTensor;
  /** δ = dC/dz. */
  readonly delta: TracedTensor;
  /** What only recurrent layers have. */
  readonly recurrent: RecurrentTrace | undefined;
  /** The layer's parameters by letter: `W`, `b`. */
  readonly parameters: Readonly<Record<string, ParameterTrace>>;
}

/** The states of a recurrent layer, [examples, steps, units]. */
export interface RecurrentTrace {
  readonly kind: 'rnn' | 'lstm' | 'gru';
  /** The gates whose z, a and δ stand side by side: `i f g o` of an LSTM, `r z n` of a GRU; `h` of a simple layer. */
  readonly gates: readonly string[];
  /** After each step; in steps of padding carried on. */
  readonly h: TracedTensor;
  /** The cell states of an LSTM. */
  readonly c: TracedTensor | undefined;
}

/** A parameter and its derivative, in the parameter's shape. */
export interface ParameterTrace {
  /** Path in the network: `layers.0.W`. */
  readonly name: string;
  readonly value: TracedTensor;
  /** dC/dW or dC/db of the batch. */
  readonly gradient: TracedTensor;
  /** What the optimizer would add to the value; undefined when no optimizer was given. */
  readonly update: TracedTensor | undefined;
}

/** What a trace consists of. */
export interface TraceParts {
  readonly loss: string;
  readonly cost: number;
  readonly exampleCosts: Float32Array;
  readonly x: TracedTensor;
  readonly y: TracedTensor;
  readonly lengths: Uint32Array | undefined;
  readonly layers: readonly LayerTrace[];
  readonly tensors: ReadonlyMap<string, TracedTensor>;
  readonly optimizer: Optimizer | undefined;
}

/** Every number of one pass forwards and backwards through a network, as `net.trace` returns it. */
export class Trace {
  /** Name of the loss. */
  readonly loss: string;
  /** C, the mean over the batch. */
  readonly cost: number;
  /** The cost of each example. */
  readonly exampleCosts: Float32Array;
  /** Features, or tokens. */
  readonly x: TracedTensor;
  /** Targets; class labels as one-hot rows. */
  readonly y: TracedTensor;
  /** Valid steps of each example, in networks over sequences; what lies behind them is padding, without a part in any derivative. */
  readonly lengths: Uint32Array | undefined;
  /** From the first hidden layer to the output, without those that do nothing outside training, such as dropout. */
  readonly layers: readonly LayerTrace[];
  /** Every tensor the program computed, by its name in `net.program()`. */
  readonly tensors: ReadonlyMap<string, TracedTensor>;
  /** The optimizer whose updates are in the trace. */
  readonly optimizer: Optimizer | undefined;

  constructor(parts: TraceParts) {
    this.loss = parts.loss;
    this.cost = parts.cost;
    this.exampleCosts = parts.exampleCosts;
    this.x = parts.x;
    this.y = parts.y;
    this.lengths = parts.lengths;
    this.layers = parts.layers;
    this.tensors = parts.tensors;
    this.optimizer = parts.optimizer;
  }

  /**
   * What one example contributes to the derivatives of a dense layer: dC/dW = δ aᵀ_below, dC/db = δ. Added up over the examples in
   * order, in 32-bit floats, the contributions are the derivatives of the batch to the last bit. Times the number of examples, a
   * contribution is the derivative of the example's own cost.
   *
   * @param layer - index in `layers`
   * @param example - index in the batch
   * @returns `W` [units, inputs] and `b` [units]
   * @throws {RangeError} for a layer that works step by step
   */
  contribution(layer: number, example: number): { W: TracedTensor; b: TracedTensor } {
    const { delta, input, path } = this.layers[layer]!;
    if (delta.shape.length > 2) {
      throw new RangeError(
        `contribution: expected a dense layer with one row per example, but ${path} has one per step.`,
      );
    }
    const b = delta.row(example);
    const below = input.row(example);
    const W = new Float32Array(b.length * below.length);
    for (let to = 0; to < b.length; to++) {
      for (let from = 0; from < below.length; from++)
        W[to * below.length + from] = b[to]! * below[from]!;
    }
    return {
      W: new TracedTensor('dC/dW', [b.length, below.length], W),
      b: new TracedTensor('dC/db', [b.length], b.slice()),
    };
  }

  /** The trace to be read: per layer the equations with shapes and values, large ones abridged, then backwards in the same way. */
  toString(): string {
    return traceText(this);
  }
}
