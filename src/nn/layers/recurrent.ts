import { checkBoolean, checkInteger, checkKeys, checkName } from '../../checks.ts';

import type { Layer, StateSpec } from '../../plan/model.ts';
import type { InitialValues, Parameter, ParameterSpec } from '../../plan/parameters.ts';
import { biasGradient, copy, matmulTransposedB, weightGradient } from '../../plan/operations.ts';
import type { ProgramBuilder } from '../../plan/program.ts';
import type { Sequence } from '../../plan/sequence.ts';
import type { Tensor } from '../../plan/tensor.ts';
import { type InitializerName, initialValues, type RecurrentInitializer } from '../initializers.ts';
import { startOf, startParameters } from './initial-state.ts';

/** What every recurrent layer's data has. */
export interface RecurrentSpec {
  /** Number of units, the width of the state. */
  readonly units: number;
  /** The state after the last step, or the states of all steps; `last` when absent. */
  readonly returns?: 'last' | 'all';
  /**
   * Where the state of a sequence starts that the data give none for: `zeros` when absent; or `learned`, a parameter of the layer that all
   * sequences start from, zero at first.
   */
  readonly initialState?: 'zeros' | 'learned';
  /** Starting values; see the layer. */
  readonly init?: RecurrentInitializer;
  /** False freezes the layer: its parameters have no gradient and no update; true when absent. */
  readonly trainable?: boolean;
}

/** Options common to the functions that make recurrent layers. */
export type RecurrentOptions = Omit<RecurrentSpec, 'units'>;

/** What a recurrent layer knows of itself once its data were checked. */
export interface RecurrentBase {
  readonly path: string;
  readonly where: string;
  readonly inputs: number;
  readonly units: number;
  readonly returns: 'last' | 'all';
  /**
   * `Wx` [gates · units, inputs], `Wh` [gates · units, units], `b` [gates · units], where there is one `bh`, and where they are learned the
   * initial states `h0` and `c0` [units].
   */
  readonly parameters: readonly ParameterSpec[];
  readonly states: readonly StateSpec[];
}

/** What distinguishes one kind of recurrent layer from another. */
export interface RecurrentKind {
  readonly gates: number;
  /** Names of options besides the common ones. */
  readonly options: readonly string[];
  readonly letters: readonly ('Wx' | 'Wh' | 'b' | 'bh')[];
  readonly states: readonly ('h' | 'c')[];
  /** Starting biases; zero when absent. */
  readonly bias?: (units: number) => InitialValues;
  readonly weights?: InitializerName;
}

/** Checks what all recurrent layers have in common and makes their parameters. */
export function recurrentBase(
  spec: RecurrentSpec,
  inputs: number,
  path: string,
  where: string,
  kind: RecurrentKind,
): RecurrentBase {
  const { gates, options, bias } = kind;
  const known = ['kind', 'units', 'returns', 'initialState', 'init', 'trainable'];
  checkKeys(spec, [...known, ...options], where);
  const units = checkInteger(spec.units, `${where}.units`, 1);
  const returns = checkName(spec.returns ?? 'last', ['last', 'all'] as const, `${where}.returns`);
  const starts = ['zeros', 'learned'] as const;
  const initialState = checkName(spec.initialState ?? 'zeros', starts, `${where}.initialState`);
  const learned = initialState === 'learned';
  const states = kind.states.map((letter) => ({ name: `${path}.${letter}`, units, learned }));
  const letters = [...kind.letters, ...(learned ? kind.states.map(startOf) : [])];
  const trainable = checkBoolean(spec.trainable ?? true, `${where}.trainable`);
  const fallbacks = {
    Wx: kind.weights ?? 'glorotUniform',
    Wh: 'orthogonal',
    b: bias?.(units) ?? 'zeros',
    bh: 'zeros',
  } as const;
  const weights = kind.letters.map((letter): ParameterSpec => {
    const width = { Wx: [inputs], Wh: [units], b: [], bh: [] }[letter];
    const shape = [gates * units, ...width];
    const initial = initialValues(spec.init, {
      letter,
      letters,
      bias: width.length === 0,
      shape,
      inputs: width[0] ?? inputs,
      units,
      fallback: fallbacks[letter],
      where: `${where}.init`,
    });
    return { name: `${path}.${letter}`, shape, gates, initial, trainable };
  });
  const starting = learned ? startParameters(spec.init, states, letters, trainable, where) : [];
  const parameters = [...weights, ...starting];
  return { path, where, inputs, units, returns, parameters, states };
}

/** What all recurrent layers are to the compiler. */
export function recurrentLayer(
  { path, inputs, units, returns, parameters, states }: RecurrentBase,
  title: string,
): Omit<Layer, 'forward'> {
  const start = states.some(({ learned }) => learned) ? ', learned initial state' : '';
  const frozen = parameters.every(({ trainable }) => trainable) ? '' : ', frozen';
  return {
    path,
    title: `${title}${start}, returns ${returns}${frozen}`,
    inputs,
    outputs: units,
    parameters,
    takesNonzeros: true,
    returns,
    states,
  };
}

/** A tensor of a state: the rows before the first step, then those after each step. */
export interface States {
  /** Before the first step. */
  readonly initial: Tensor;
  /** Before each step: hₜ₋₁. */
  readonly before: Tensor;
  /** After each step: hₜ. */
  readonly after: Tensor;
  /** After the last step. */
  readonly final: Tensor;
}

/** Views of (steps + 1) × examples rows. */
export function statesOf(
  all: Tensor,
  name: string,
  { steps, examples }: Sequence,
  columns: { firstColumn?: number; columns?: number } = {},
): States {
  const part = (suffix: string, firstRow: number, rows: number): Tensor =>
    all.part(name + suffix, { firstRow, rows, ...columns });
  return {
    initial: part('₀', 0, examples),
    before: part(' before', 0, steps * examples),
    after: part('', examples, steps * examples),
    final: part(' last', steps * examples, examples),
  };
}

/** dC/dh of every step from dC/d of what the layer returned, in memory that may be overwritten. */
export function stateGradient(
  builder: ProgramBuilder,
  gradient: Tensor,
  returns: 'last' | 'all',
  name: string,
  { steps, examples }: Sequence,
): Tensor {
  if (returns === 'all') return gradient;
  const all = builder.tensor(name, steps * examples, gradient.columns);
  const last = (steps - 1) * examples;
  if (last > 0) copy(builder, all.part(`${name} before the last step`, { rows: last }));
  copy(builder, all.part(`${name} of the last step`, { firstRow: last }), gradient);
  return all;
}

/**
 * Emits what follows backpropagation through time, over all steps at once: dC/d`input` where asked for, then ∂C/∂Wx, ∂C/∂Wh and
 * ∂C/∂b.
 *
 * @param delta - δ of the pre-activations of every step
 */
export function weightGradients(
  builder: ProgramBuilder,
  input: Tensor,
  before: Tensor,
  delta: Tensor,
  [Wx, Wh, b]: readonly [Parameter, Parameter, Parameter],
  inputGradient: boolean,
): Tensor | undefined {
  const below = inputDelta(builder, input, delta, Wx, inputGradient);
  weightGradient(builder, Wx, input, delta);
  weightGradient(builder, Wh, before, delta);
  biasGradient(builder, b, delta);
  return below;
}

/** Emits dC/d`input` = δ · Wx, where asked for. */
export function inputDelta(
  builder: ProgramBuilder,
  input: Tensor,
  delta: Tensor,
  Wx: Parameter,
  wanted: boolean,
): Tensor | undefined {
  if (!wanted) return undefined;
  const below = builder.tensor(`∂C/∂${input.name}`, input.rows, input.columns);
  matmulTransposedB(builder, below, delta, Wx.value);
  return below;
}

/** The time axis, which the checks of the spec guarantee. */
export function sequenceOf(sequence: Sequence | undefined, path: string): Sequence {
  if (!sequence) throw new Error(`${path}: no time axis`);
  return sequence;
}

/** The fields that every instruction over the steps has. */
export function overSteps({ examples, steps, lengths }: Sequence): {
  rows: number;
  inner: number;
  d: Tensor;
} {
  return { rows: examples, inner: steps, d: lengths };
}
