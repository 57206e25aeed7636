import * as abi from '../core/abi.ts';
import { cost } from './cost.ts';
import { checkGradients, clipGradients, penalise } from './gradients.ts';
import type { LayerPass, Model, Penalty, StepPlan } from './model.ts';
import type { Parameter, ParameterLayout } from './parameters.ts';
import { ProgramBuilder } from './program.ts';
import type { Sequence, SequenceShape } from './sequence.ts';
import { type BatchSource, gather } from './source.ts';
import type { Tensor } from './tensor.ts';

/** What a program is for, and with it which parts it has. `weighted`: each example has a weight. */
export type Purpose =
  | { readonly kind: 'predict' }
  | { readonly kind: 'evaluate'; readonly weighted?: boolean }
  | {
      readonly kind: 'gradients';
      readonly weighted?: boolean;
      readonly penalty?: Penalty | undefined;
      /** Also the derivatives of layers that are not trainable. */
      readonly frozen?: boolean;
    }
  | {
      readonly kind: 'train';
      readonly weighted?: boolean;
      readonly step: StepPlan;
      readonly source?: BatchSource;
      /** The learning rates of the coming steps, f64 in a ring; without them the rate is constant. */
      readonly rates?: Tensor | undefined;
    };

/** A compiled program with its operands; it still has to be placed in memory. */
export interface Program {
  readonly builder: ProgramBuilder;
  /** Examples per run. */
  readonly rows: number;
  readonly input: Tensor;
  readonly target: Tensor;
  /** The weight of each example in one column, where the program takes weights. */
  readonly weights: Tensor | undefined;
  readonly output: Tensor;
  /** The time axis; undefined in networks without one. */
  readonly sequence: Sequence | undefined;
}

/**
 * Compiles a network for one batch size: gather, forward pass, cost, the four equations backwards, update.
 *
 * @param rows - examples per run of the program
 * @param builder - an empty one; one that keeps its tensors makes a program whose every number can be read afterwards
 * @param shape - the time axis of networks that have one
 */
export function compile(
  model: Model,
  layout: ParameterLayout,
  rows: number,
  purpose: Purpose,
  builder: ProgramBuilder = new ProgramBuilder(),
  shape?: SequenceShape,
): Program {
  return { builder, rows, ...emitStep(builder, model, layout, rows, purpose, shape) };
}

/** Emits everything one batch needs. */
export function emitStep(
  builder: ProgramBuilder,
  model: Model,
  layout: ParameterLayout,
  rows: number,
  purpose: Purpose,
  shape?: SequenceShape,
): Pick<Program, 'input' | 'target' | 'weights' | 'output' | 'sequence'> {
  const source = purpose.kind === 'train' ? purpose.source : undefined;
  const sequence = shape && model.sequence?.axis.createSequence(builder, shape, rows, source);
  const inputRows = rows * (shape?.steps ?? 1);
  const input =
    source?.form === 'nonzeros' || model.sequence?.tokens
      ? builder.sparseTensor('x', inputRows, model.inputs)
      : builder.tensor('x', inputRows, model.inputs);
  const steps = model.sequence?.perStep ? sequence : undefined;
  const targetRows = steps ? inputRows : rows;
  const target = builder.tensor('y', targetRows, model.outputs);
  const weighted = source
    ? source.weights !== undefined
    : 'weighted' in purpose && purpose.weighted;
  const weights = weighted ? builder.tensor('weights', targetRows, 1) : undefined;
  if (source) gather(builder, source, input, target, weights, sequence);
  if (purpose.kind === 'train' && purpose.rates) nextRate(builder, purpose.rates);

  const training = purpose.kind === 'train';
  const inPlace = training && isInPlace(purpose.step);
  const frozen = purpose.kind === 'gradients' && purpose.frozen === true;
  const parameters = inPlace ? layout.inPlace() : layout.parameters;
  const differentiated = frozen ? parameters.map(thawed) : parameters;
  const features = normalized(builder, model, input);
  if (features === input) builder.input = input;
  const passes = forward(builder, model, differentiated, features, purpose.kind, sequence);
  const output = passes.at(-1)?.output ?? input;
  if (purpose.kind === 'predict') return { input, target, weights, output, sequence };

  const gradient =
    steps && model.sequence
      ? model.sequence.axis.costOfSteps(builder, model, output, target, weights, steps, training)
      : cost(builder, model, output, target, weights, training);
  if (inPlace) scaleByRate(builder, gradient);
  if (purpose.kind !== 'evaluate')
    backward(builder, passes, gradient, frozen ? 0 : lowestTrained(model));
  const counted = model.sequence?.reduction === 'mean' ? steps : undefined;
  if (purpose.kind === 'gradients') penalise(builder, layout, purpose.penalty, rows, counted);
  if (training) update(builder, layout, purpose.step, rows, counted);
  return { input, target, weights, output, sequence };
}

function thawed(parameter: Parameter): Parameter {
  return { ...parameter, trainable: true };
}

/** The update is the derivative of the loss times −η, and the rule can do without a buffer of gradients. */
function isInPlace({ update, penalty, clipValue, clipNorm }: StepPlan): boolean {
  return update.inPlace && !penalty && !clipValue && !clipNorm;
}

function nextRate(builder: ProgramBuilder, rates: Tensor): void {
  builder.emit({
    opcode: abi.OP_NEXT_RATE,
    a: rates,
    columns: rates.columns / 2,
    text: 'η = the rate of this step by the schedule',
  });
}

/** What the first layer sees. Lists of nonzeros were normalised as they were made. */
function normalized(builder: ProgramBuilder, { normalization }: Model, input: Tensor): Tensor {
  return normalization && !input.nonzeros ? normalization.emit(builder, input) : input;
}

function forward(
  builder: ProgramBuilder,
  model: Model,
  parameters: readonly Parameter[],
  input: Tensor,
  purpose: Purpose['kind'],
  sequence: Sequence | undefined,
): LayerPass[] {
  const fused = purpose !== 'predict' && model.loss.fused;
  const passes: LayerPass[] = [];
  let layerInput = input;
  let first = 0;
  for (const [index, layer] of model.layers.entries()) {
    const next = first + layer.parameters.length;
    const pass = layer.forward({
      builder,
      input: layerInput,
      parameters: parameters.slice(first, next),
      fused: fused && index === model.layers.length - 1,
      trainingSeed: purpose === 'train' ? model.seed : undefined,
      sequence,
    });
    passes.push(pass);
    layerInput = pass.output;
    first = next;
  }
  return passes;
}

/** Index of the lowest layer that has something to train; behind the last one when none has. */
function lowestTrained({ layers }: Model): number {
  const lowest = layers.findIndex(({ parameters }) =>
    parameters.some(({ trainable }) => trainable),
  );
  return lowest < 0 ? layers.length : lowest;
}

/** From the output down to layer `lowest`. */
function backward(
  builder: ProgramBuilder,
  passes: readonly LayerPass[],
  outputGradient: Tensor,
  lowest: number,
): void {
  let gradient: Tensor | undefined = outputGradient;
  for (let index = passes.length - 1; index >= lowest && gradient; index--) {
    gradient = passes[index]!.backward(gradient, index > lowest);
  }
  builder.emitDeferred();
}

function scaleByRate(builder: ProgramBuilder, gradient: Tensor): void {
  builder.emit({
    opcode: abi.OP_SCALE_BY_RATE,
    out: gradient,
    a: gradient,
    text: `${gradient.name} = −η ${gradient.name}: from here on, every derivative is the step to take`,
  });
}

function nextStep(builder: ProgramBuilder, rows: number): void {
  builder.emit({
    opcode: abi.OP_NEXT_STEP,
    rows,
    text: `t = t + 1; the next mini-batch starts ${rows} examples on`,
  });
}

/** Penalty, check, clipping, count, update: nothing is written to a parameter before everything was checked. */
function update(
  builder: ProgramBuilder,
  layout: ParameterLayout,
  step: StepPlan,
  rows: number,
  counted: Sequence | undefined,
): void {
  const inPlace = isInPlace(step);
  if (!inPlace) {
    penalise(builder, layout, step.penalty, rows, counted);
    checkGradients(builder, layout, step);
    clipGradients(builder, layout, step);
  }
  nextStep(builder, rows);
  if (!inPlace) for (const stretch of layout.stretches) step.update.emit(builder, stretch);
}
