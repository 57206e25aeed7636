import * as abi from '../../core/abi.ts';
import type { ForwardContext, Layer, LayerPass } from '../../plan/model.ts';
import { forSteps, matmul, rowGradient, transpose } from '../../plan/operations.ts';
import type { InitialValues, Parameter } from '../../plan/parameters.ts';
import { learnedStart, ofBeginners, startGradient } from './initial-state.ts';
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

/** A long short-term memory layer as plain data. */
export interface LstmSpec extends RecurrentSpec {
  readonly kind: 'lstm';
}

/** Input, forget, cell and output gate, in the order of PyTorch. */
const GATES = 4;

/**
 * Long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000): with the gates
 * [i f g o] = σ, σ, tanh, σ of (Wx xₜ + Wh hₜ₋₁ + b), cₜ = f cₜ₋₁ + i g and hₜ = o tanh cₜ, all elementwise; h₀ and c₀ are 0, learned, or given with the
 * data.
 *
 * Backwards through time, with dhₜ = dC/dhₜ from above + Whᵀ δₜ₊₁ and dcₜ = fₜ₊₁ dcₜ₊₁ + dhₜ o (1 − tanh² cₜ), the δ of the gates are
 * dcₜ g i(1−i), dcₜ cₜ₋₁ f(1−f), dcₜ i (1−g²) and dhₜ tanh cₜ o(1−o); ∂C/∂Wx = Σₜ δₜ xₜᵀ, ∂C/∂Wh = Σₜ δₜ hₜ₋₁ᵀ, ∂C/∂b = Σₜ δₜ, ∂C/∂h₀ = Whᵀ δ₁,
 * ∂C/∂c₀ = f₁ dc₁. In steps
 * of padding the states stay what they are and δ is 0.
 *
 * Parameters `layers.i.Wx` [4 · units, inputs], `layers.i.Wh` [4 · units, units], `layers.i.b` [4 · units], the gates one after the
 * other, and with `initialState: 'learned'` `layers.i.h0` and `layers.i.c0` [units].
 *
 * @param units - width of the state, a whole number ≥ 1
 * @param options.returns - `last` (the default): the state h after the last valid step of each sequence; `all`: those after every step
 * @param options.initialState - `zeros` (the default), or `learned`: h₀ and c₀ are parameters, the same for all sequences, zero at first
 * @param options.init - starting values; Wx Glorot and Wh orthogonal, gate by gate, and b 0 but for the forget gate, whose bias is 1
 *   (Gers et al.; Jozefowicz et al. 2015) so that a new network remembers, when absent
 * @param options.trainable - false freezes the layer
 * @returns a plain value for `layers`; it is checked when a network is made of it
 * @example
 * ```ts
 * const net = new Network({
 *   input: { features: 2 },
 *   layers: [lstm(4), dense(3, 'softmax')],
 *   loss: 'crossEntropy',
 * });
 * net.parameters[2].get(); // new Float32Array([0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0])
 * ```
 */
export function lstm(units: number, options: RecurrentOptions = {}): LstmSpec {
  return { kind: 'lstm', units, ...options };
}

/** Checks an LSTM layer's data and makes the layer. */
export function createLstm(spec: LstmSpec, inputs: number, path: string, where: string): Layer {
  const base = recurrentBase(spec, inputs, path, where, {
    gates: GATES,
    options: [],
    letters: ['Wx', 'Wh', 'b'],
    states: ['h', 'c'],
    bias: rememberingBias,
  });
  return {
    ...recurrentLayer(base, `lstm ${base.units}`),
    forward: (context) => forward(context, base),
  };
}

/** 1 for the forget gate, 0 for the others. */
function rememberingBias(units: number): InitialValues {
  const values = new Float32Array(GATES * units).fill(1, units, 2 * units);
  return { kind: 'values', values };
}

function forward(context: ForwardContext, { path, units, returns }: RecurrentBase): LayerPass {
  const { builder, input } = context;
  const sequence = sequenceOf(context.sequence, path);
  const weights = context.parameters.slice(0, 3) as [Parameter, Parameter, Parameter];
  const [Wx, Wh, b] = weights;
  const h0 = learnedStart(context.parameters, 'h');
  const c0 = learnedStart(context.parameters, 'c');
  const { steps, examples } = sequence;
  const rows = (steps + 1) * examples;
  const gates = builder.tensor(`${path}.z`, steps * examples, GATES * units, { gates: GATES });
  const h = statesOf(builder.tensor(`${path}.h`, rows, units), `${path}.h`, sequence);
  const cells = builder.tensor(`${path}.c`, rows, 2 * units, { gates: 2 });
  // Where tanh c of the first step was, the backward pass leaves dC/dc before it.
  const firstCells = cells.part(`∂C/∂${path}.c0 of each example`, {
    rows: examples,
    firstColumn: cells.stride / 2,
    columns: units,
  });
  const c = statesOf(cells, `${path}.c`, sequence, { columns: units });
  sequence.begin({ name: `${path}.h`, initial: h.initial, final: h.final, learned: h0?.value });
  sequence.begin({ name: `${path}.c`, initial: c.initial, final: c.final, learned: c0?.value });
  matmul(builder, gates, input, Wx.value, b.value);
  const overGates = { ...overSteps(sequence), columns: units, out: gates, c: cells };
  builder.emit({
    ...overGates,
    opcode: abi.OP_LSTM,
    a: h.initial,
    ...forSteps(builder, Wh.value, examples, steps),
    text: `for each of ${steps} steps: [i f g o] = σ, σ, tanh, σ (z + h before · ${Wh.value.name}); c = f c before + i g; h = o tanh c`,
  });
  return {
    output: returns === 'all' ? h.after : h.final,
    backward(gradient, inputGradient) {
      const dh = stateGradient(builder, gradient, returns, `∂C/∂${path}.h`, sequence);
      const back = transpose(builder, Wh.value);
      builder.emit({
        ...overGates,
        opcode: abi.OP_LSTM_GRADIENT,
        a: dh,
        ...forSteps(builder, back, examples, steps),
        text: `for each of ${steps} steps backwards: δ of i, f, g, o from ∂C/∂h + δ behind · ${back.name} and ∂C/∂c`,
      });
      startGradient(builder, h0, sequence, { delta: gates, back });
      if (c0?.trainable) rowGradient(builder, c0, ofBeginners(builder, firstCells, sequence));
      return weightGradients(builder, input, h.before, gates, weights, inputGradient);
    },
  };
}
