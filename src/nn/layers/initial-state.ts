import * as abi from '../../core/abi.ts';
import type { StateSpec } from '../../plan/model.ts';
import { copy, matmul, rowGradient } from '../../plan/operations.ts';
import type { Parameter, ParameterSpec } from '../../plan/parameters.ts';
import type { ProgramBuilder } from '../../plan/program.ts';
import type { Sequence } from '../../plan/sequence.ts';
import type { Tensor } from '../../plan/tensor.ts';
import { initialValues, type RecurrentInitializer } from '../initializers.ts';

/** The letter of the parameter that is where a state starts. */
export function startOf<T extends 'h' | 'c'>(letter: T): `${T}0` {
  return `${letter}0`;
}

/** The parameters that are where states start. What of `init` is meant for weights and biases does not apply to them. */
export function startParameters(
  init: RecurrentInitializer | undefined,
  states: readonly StateSpec[],
  letters: readonly string[],
  trainable: boolean,
  where: string,
): ParameterSpec[] {
  const own = typeof init === 'object' && !('kind' in init) ? init : undefined;
  return states.map(({ name, units }) => {
    const letter = startOf(name.at(-1) as 'h' | 'c');
    const initial = initialValues(own, {
      letter,
      letters,
      bias: true,
      shape: [units],
      inputs: units,
      units,
      fallback: 'zeros',
      where: `${where}.init`,
    });
    return { name: `${name}0`, shape: [units], initial, trainable };
  });
}

/** Where a state starts, among the parameters of a layer that learns it. */
export function learnedStart(
  parameters: readonly Parameter[],
  letter: 'h' | 'c',
): Parameter | undefined {
  return parameters.find(({ name }) => name.endsWith(`.${startOf(letter)}`));
}

/** What brings dC/dh back to before the first step. */
interface WayBack {
  /** δ of every step of what is multiplied with Wh. */
  readonly delta: Tensor;
  /** Wh, or its rows for that δ. */
  readonly back: Tensor;
  /** What reaches the state of every step without a product. */
  readonly direct?: Tensor;
}

/** Emits ∂C/∂h₀, where h₀ is learned: Wh δ₁, and what comes directly, of all examples that begin. */
export function startGradient(
  builder: ProgramBuilder,
  h0: Parameter | undefined,
  sequence: Sequence,
  { delta, back, direct }: WayBack,
): void {
  if (!h0?.trainable) return;
  const { examples } = sequence;
  const of = (tensor: Tensor): Tensor =>
    tensor.part(`${tensor.name} of the first step`, { rows: examples });
  const gradient = builder.tensor(`∂C/∂${h0.name} of each example`, examples, h0.value.columns);
  if (direct) copy(builder, gradient, of(direct));
  matmul(builder, gradient, of(delta), back, direct && gradient);
  rowGradient(builder, h0, ofBeginners(builder, gradient, sequence));
}

/** The rows of examples that begin, zeros for those that go on: what they started from were no parameters. */
export function ofBeginners(
  builder: ProgramBuilder,
  gradient: Tensor,
  { begins }: Sequence,
): Tensor {
  if (!begins) return gradient;
  const { name, rows, columns } = gradient;
  const none = builder.tensor('nothing', rows, columns);
  const out = builder.tensor(`${name} that begins`, rows, columns);
  copy(builder, none);
  builder.emit({
    opcode: abi.OP_SELECT_ROWS,
    out,
    a: none,
    b: gradient,
    d: begins,
    text: `${out.name} = ${name}; 0 for examples that go on`,
  });
  return out;
}
