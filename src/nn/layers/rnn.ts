import { checkName } from '../../checks.ts';
import * as abi from '../../core/abi.ts';
import type { ForwardContext, Layer, LayerPass } from '../../plan/model.ts';
import { forSteps, matmul, transpose } from '../../plan/operations.ts';
import type { Parameter } from '../../plan/parameters.ts';
import { learnedStart, startGradient } from './initial-state.ts';
import {
  overSteps,
  type RecurrentBase,
  recurrentBase,
  recurrentLayer,
  type RecurrentOptions,
  type RecurrentSpec,
  sequenceOf,
  stateGradient,
  statesOf,
  weightGradients,
} from './recurrent.ts';

/** A simple recurrent layer as plain data. */
export interface RnnSpec extends RecurrentSpec {
  readonly kind: 'rnn';
  /** Activation function; `tanh` when absent. */
  readonly activation?: 'tanh' | 'relu';
}

const activations = { tanh: abi.ACTIVATION_TANH, relu: abi.ACTIVATION_RELU } as const;

type Activation = keyof typeof activations;

/**
 * A simple recurrent layer: zₜ = Wx xₜ + Wh hₜ₋₁ + b, hₜ = f(zₜ), h₀ = 0, learned, or given with the data (Elman 1990).
 *
 * Backwards through time, from the last step to the first: δₜ = (dC/dhₜ + Whᵀ δₜ₊₁) ⊙ f′(zₜ), where dC/dhₜ comes from above alone.
 * Then ∂C/∂Wx = Σₜ δₜ xₜᵀ, ∂C/∂Wh = Σₜ δₜ hₜ₋₁ᵀ, ∂C/∂b = Σₜ δₜ, ∂C/∂h₀ = Whᵀ δ₁, and Wxᵀ δₜ goes to the layer below. In steps of padding the state
 * stays what it is and δ is 0.
 *
 * Parameters `layers.i.Wx` [units, inputs], `layers.i.Wh` [units, units], `layers.i.b` [units], and with `initialState: 'learned'`
 * `layers.i.h0` [units].
 *
 * @param units - width of the state, a whole number ≥ 1
 * @param options.activation - f, `tanh` (the default) or `relu`
 * @param options.returns - `last` (the default): the state after the last valid step of each sequence; `all`: those after every step
 * @param options.initialState - `zeros` (the default), or `learned`: h₀ is a parameter, the same for all sequences, zero at first
 * @param options.init - starting values; Wx Glorot (He for relu), Wh orthogonal and b zero when absent
 * @returns a plain value for `layers`; it is checked when a network is made of it
 * @example
 * ```ts
 * const net = new Network({
 *   input: { features: 2 },
 *   layers: [rnn(8, { returns: 'all' }), rnn(8), dense(1)],
 *   loss: 'meanSquaredError',
 * });
 * net.predict([[[0, 1], [1, 0], [1, 1]]]).length; // 1
 * ```
 */
export function rnn(
  units: number,
  options: RecurrentOptions & { readonly activation?: 'tanh' | 'relu' } = {},
): RnnSpec {
  return { kind: 'rnn', units, ...options };
}

/** Checks a recurrent layer's data and makes the layer. */
export function createRnn(spec: RnnSpec, inputs: number, path: string, where: string): Layer {
  const names = Object.keys(activations) as Activation[];
  const activation = checkName(spec.activation ?? 'tanh', names, `${where}.activation`);
  const base = recurrentBase(spec, inputs, path, where, {
    gates: 1,
    options: ['activation'],
    letters: ['Wx', 'Wh', 'b'],
    states: ['h'],
    weights: activation === 'relu' ? 'heUniform' : 'glorotUniform',
  });
  return {
    ...recurrentLayer(base, `rnn ${base.units}, ${activation}`),
    forward: (context) => forward(context, base, activation),
  };
}

function forward(
  context: ForwardContext,
  { path, units, returns }: RecurrentBase,
  activation: Activation,
): LayerPass {
  const { builder, input } = context;
  const sequence = sequenceOf(context.sequence, path);
  const weights = context.parameters.slice(0, 3) as [Parameter, Parameter, Parameter];
  const [Wx, Wh, b] = weights;
  const h0 = learnedStart(context.parameters, 'h');
  const { steps, examples } = sequence;
  const kind = activations[activation];
  const all = builder.tensor(`${path}.h`, (steps + 1) * examples, units);
  const h = statesOf(all, `${path}.h`, sequence);
  sequence.begin({ name: `${path}.h`, initial: h.initial, final: h.final, learned: h0?.value });
  // Pre-activations lie where the states will be.
  matmul(builder, h.after, input, Wx.value, b.value);
  builder.emit({
    ...overSteps(sequence),
    opcode: abi.OP_RNN,
    kind,
    out: h.after,
    a: h.initial,
    ...forSteps(builder, Wh.value, examples, steps),
    text: `for each of ${steps} steps: h = ${activation}(h + h before · ${Wh.value.name})`,
  });
  return {
    output: returns === 'all' ? h.after : h.final,
    backward(gradient, inputGradient) {
      const delta = stateGradient(builder, gradient, returns, `${path}.delta`, sequence);
      const back = transpose(builder, Wh.value);
      builder.emit({
        ...overSteps(sequence),
        opcode: abi.OP_RNN_GRADIENT,
        kind,
        out: delta,
        a: h.after,
        ...forSteps(builder, back, examples, steps, units),
        text: `for each of ${steps} steps backwards: δ = (∂C/∂h + δ behind · ${back.name}) ⊙ ${activation}′(h)`,
      });
      startGradient(builder, h0, sequence, { delta, back });
      return weightGradients(builder, input, h.before, delta, weights, inputGradient);
    },
  };
}
