import { checkName } from '../../checks.ts';
import * as abi from '../../core/abi.ts';
import type { ForwardContext, Layer, LayerPass } from '../../plan/model.ts';
import {
  biasGradient,
  forSteps,
  matmul,
  repeatRow,
  type StepWeights,
  transpose,
  weightGradient,
} from '../../plan/operations.ts';
import type { Parameter } from '../../plan/parameters.ts';
import type { ProgramBuilder } from '../../plan/program.ts';
import type { Sequence } from '../../plan/sequence.ts';
import type { Part, Tensor } from '../../plan/tensor.ts';
import { learnedStart, startGradient } from './initial-state.ts';
import {
  inputDelta,
  overSteps,
  type RecurrentBase,
  recurrentBase,
  recurrentLayer,
  type RecurrentOptions,
  type RecurrentSpec,
  sequenceOf,
  stateGradient,
  statesOf,
} from './recurrent.ts';

/** A gated recurrent unit layer as plain data. */
export interface GruSpec extends RecurrentSpec {
  readonly kind: 'gru';
  /** Whether the reset gate acts after the product with the recurrent weights or before; `after` when absent. */
  readonly reset?: 'after' | 'before';
}

/** Reset gate, update gate and new state, in the order of PyTorch. */
const GATES = 3;

/**
 * Gated recurrent units (Cho et al. 2014): with the reset gate r and the update gate z, both σ(Wx xₜ + b + Wh hₜ₋₁), and the proposal n,
 * hₜ = (1 − z) n + z hₜ₋₁, all elementwise; h₀ is 0, learned, or given with the data.
 *
 * - `reset: 'after'`: n = tanh(Wx xₜ + b + r (Wh hₜ₋₁ + bh)), the form of PyTorch and cuDNN, with a second bias in all three gates
 * - `reset: 'before'`: n = tanh(Wx xₜ + b + Wh (r hₜ₋₁)), the form of Cho et al.
 *
 * Backwards through time, with dhₜ = dC/dhₜ from above and through the step behind: δn = dhₜ (1−z) (1−n²), δz = dhₜ (hₜ₋₁ − n) z(1−z),
 * δr = dC/dr r(1−r), where dC/dr is δn (Wh hₜ₋₁ + bh) or (Whᵀ δn) hₜ₋₁; ∂C/∂Wx = Σₜ δₜ xₜᵀ and so on. In steps of padding the state stays
 * what it is and δ is 0.
 *
 * Parameters `layers.i.Wx` [3 · units, inputs], `layers.i.Wh` [3 · units, units], `layers.i.b` [3 · units] and for `after`
 * `layers.i.bh` [3 · units], the gates r, z, n one after the other, and with `initialState: 'learned'` `layers.i.h0` [units].
 *
 * @param units - width of the state, a whole number ≥ 1
 * @param options.reset - `after` (the default) or `before`
 * @param options.returns - `last` (the default): the state after the last valid step of each sequence; `all`: those after every step
 * @param options.initialState - `zeros` (the default), or `learned`: h₀ is a parameter, the same for all sequences, zero at first
 * @param options.init - starting values; Wx Glorot and Wh orthogonal, gate by gate, biases 0 when absent
 * @param options.trainable - false freezes the layer
 * @returns a plain value for `layers`; it is checked when a network is made of it
 * @example
 * ```ts
 * const net = new Network({ input: { features: 2 }, layers: [gru(5)], loss: 'meanSquaredError' });
 * net.parameters.map(({ name }) => name); // ['layers.0.Wx', 'layers.0.Wh', 'layers.0.b', 'layers.0.bh']
 * ```
 */
export function gru(
  units: number,
  options: RecurrentOptions & { readonly reset?: 'after' | 'before' } = {},
): GruSpec {
  return { kind: 'gru', units, ...options };
}

/** Checks a GRU layer's data and makes the layer. */
export function createGru(spec: GruSpec, inputs: number, path: string, where: string): Layer {
  const reset = checkName(spec.reset ?? 'after', ['after', 'before'] as const, `${where}.reset`);
  const after = reset === 'after';
  const base = recurrentBase(spec, inputs, path, where, {
    gates: GATES,
    options: ['reset'],
    letters: after ? ['Wx', 'Wh', 'b', 'bh'] : ['Wx', 'Wh', 'b'],
    states: ['h'],
  });
  return {
    ...recurrentLayer(base, `gru ${base.units}, reset ${reset}`),
    forward: (context) => forward(context, base, after ? resetAfter : resetBefore),
  };
}

/** Where the two forms differ. */
interface Form {
  readonly opcode: number;
  readonly gradientOpcode: number;
  readonly formula: string;
  /** Emits what is to be in the second buffer, as wide as the gates, before the first step. */
  prepare(builder: ProgramBuilder, second: Tensor, parameters: readonly Parameter[]): void;
  /** How the steps read weights. */
  weights(builder: ProgramBuilder, weights: Tensor, sequence: Sequence): StepWeights;
  /** What is multiplied with Wh on the way back to a state. */
  wayBack(gates: Tensor, second: Tensor, back: Tensor): { delta: Tensor; back: Tensor };
  /** Emits ∂C/∂Wh and where there is one ∂C/∂bh. */
  gradients(
    builder: ProgramBuilder,
    parameters: readonly Parameter[],
    values: { before: Tensor; delta: Tensor; second: Tensor },
  ): void;
}

const resetAfter: Form = {
  opcode: abi.OP_GRU,
  gradientOpcode: abi.OP_GRU_GRADIENT,
  formula:
    'u = bh + h before · Whᵀ; [r z] = σ (z + u); n = tanh (z + r u); h = (1 − z) n + z h before',
  prepare(builder, u, [, , , bh]) {
    repeatRow(builder, u, bh!.value);
  },
  weights: (builder, weights, { examples, steps }) => forSteps(builder, weights, examples, steps),
  wayBack: (_gates, u, back) => ({ delta: u, back }),
  gradients(builder, [, Wh, , bh], { before, second }) {
    weightGradient(builder, Wh!, before, second);
    biasGradient(builder, bh!, second);
  },
};

const resetBefore: Form = {
  opcode: abi.OP_GRU_BEFORE,
  gradientOpcode: abi.OP_GRU_BEFORE_GRADIENT,
  formula:
    '[r z] = σ (z + h before · Whᵀ); n = tanh (z + (r h before) · Whᵀ); h = (1 − z) n + z h before',
  prepare: () => {},
  // They are taken in parts.
  weights: (_builder, b) => ({ b, index: abi.MATMUL_NN }),
  // What comes through n has been multiplied step by step and is part of what is direct.
  wayBack: (gates, _second, back) => ({
    delta: gates.part(`${gates.name} of r and z`, { columns: (2 * gates.stride) / GATES }),
    back,
  }),
  gradients(builder, [, Wh], { before, delta, second }) {
    const gate = delta.stride / GATES;
    const [ofResetAndUpdate, ofNew] = [{ columns: 2 * gate }, { firstColumn: 2 * gate }];
    const reset = second.part(`r ${before.name}`, { columns: before.columns });
    const part = (tensor: Tensor, name: string, columns: Part): Tensor =>
      tensor.part(`${tensor.name} of ${name}`, columns);
    const half = (name: string, columns: Part): Parameter => {
      const value = part(Wh!.value, name, columns);
      const own = Wh!.gradient === Wh!.value ? value : part(Wh!.gradient, name, columns);
      return { ...Wh!, value, gradient: own };
    };
    weightGradient(
      builder,
      half('r and z', ofResetAndUpdate),
      before,
      part(delta, 'r and z', ofResetAndUpdate),
    );
    weightGradient(builder, half('n', ofNew), reset, part(delta, 'n', ofNew));
  },
};

function forward(
  { builder, input, parameters, sequence: time }: ForwardContext,
  { path, units, returns }: RecurrentBase,
  form: Form,
): LayerPass {
  const sequence = sequenceOf(time, path);
  const [Wx, Wh, b] = parameters as unknown as [Parameter, Parameter, Parameter];
  const h0 = learnedStart(parameters, 'h');
  const { steps, examples } = sequence;
  const wide = (name: string): Tensor =>
    builder.tensor(name, steps * examples, GATES * units, { gates: GATES });
  const gates = wide(`${path}.z`);
  const second = wide(`${path}.u`);
  const states = builder.tensor(`${path}.h`, (steps + 1) * examples, units);
  const h = statesOf(states, `${path}.h`, sequence);
  sequence.begin({ name: `${path}.h`, initial: h.initial, final: h.final, learned: h0?.value });
  matmul(builder, gates, input, Wx.value, b.value);
  form.prepare(builder, second, parameters);
  const overGates = { ...overSteps(sequence), columns: units, out: gates, c: second };
  builder.emit({
    ...overGates,
    opcode: form.opcode,
    a: h.initial,
    ...form.weights(builder, Wh.value, sequence),
    text: `for each of ${steps} steps: ${form.formula}`,
  });
  return {
    output: returns === 'all' ? h.after : h.final,
    backward(gradient, inputGradient) {
      const dh = stateGradient(builder, gradient, returns, `∂C/∂${path}.h`, sequence);
      const back = transpose(builder, Wh.value);
      builder.emit({
        ...overGates,
        opcode: form.gradientOpcode,
        a: dh,
        ...form.weights(builder, back, sequence),
        text: `for each of ${steps} steps backwards: δ of r, z, n from ∂C/∂h + what comes from the step behind through ${back.name}`,
      });
      startGradient(builder, h0, sequence, { ...form.wayBack(gates, second, back), direct: dh });
      const below = inputDelta(builder, input, gates, Wx, inputGradient);
      weightGradient(builder, Wx, input, gates);
      form.gradients(builder, parameters, { before: h.before, delta: gates, second });
      biasGradient(builder, b, gates);
      return below;
    },
  };
}
