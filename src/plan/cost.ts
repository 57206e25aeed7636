import * as abi from '../core/abi.ts';
import type { Model } from './model.ts';
import type { ProgramBuilder } from './program.ts';
import type { Sequence } from './sequence.ts';
import type { Tensor } from './tensor.ts';

/**
 * Emits the cost of a batch and its count of right predictions.
 *
 * @returns dC/d`output`
 */
export function cost(
  builder: ProgramBuilder,
  model: Model,
  output: Tensor,
  target: Tensor,
  weights: Tensor | undefined,
  training: boolean,
): Tensor {
  const exampleCost = builder.tensor('cost per example', 1, output.rows);
  const gradient = model.loss.emit(builder, output, target, exampleCost, output.rows);
  if (weights) weight(builder, gradient, weights, exampleCost);
  builder.emit({
    opcode: abi.OP_ADD_COST,
    a: exampleCost,
    rows: output.rows,
    kind: training ? 1 : 0,
    text: `cost += Σ cost per example${training ? '; stop here if it is not finite' : ''}`,
  });
  builder.emit({
    opcode: abi.OP_COUNT_CORRECT,
    a: output,
    b: target,
    scale: model.loss.threshold,
    text: `correct += examples where ${output.name} predicts y`,
  });
  return gradient;
}

/** The same for a cost per step: steps of padding neither count nor give a gradient. */
export function costOfSteps(
  builder: ProgramBuilder,
  model: Model,
  output: Tensor,
  target: Tensor,
  weights: Tensor | undefined,
  { examples: rows, steps: inner, lengths: d }: Sequence,
  training: boolean,
): Tensor {
  const sum = model.sequence?.reduction === 'sum';
  const kind = sum ? abi.STEPS_SUM : abi.STEPS_MEAN;
  const stepCost = builder.tensor('cost per step', 1, output.rows);
  const gradient = model.loss.emit(builder, output, target, stepCost, 1);
  if (weights) weight(builder, gradient, weights, stepCost);
  builder.emit({
    opcode: abi.OP_MASK_STEPS,
    out: gradient,
    d,
    rows,
    inner,
    kind,
    text: `${gradient.name} = ${gradient.name} / ${sum ? rows : 'valid steps'} in valid steps, 0 in padding`,
  });
  builder.emit({
    opcode: abi.OP_ADD_STEP_COSTS,
    a: stepCost,
    d,
    rows,
    inner,
    kind,
    scale: training ? 1 : 0,
    text: `cost += Σ cost per valid step${training ? '; stop here if it is not finite' : ''}`,
  });
  builder.emit({
    opcode: abi.OP_COUNT_CORRECT_STEPS,
    a: output,
    b: target,
    d,
    rows,
    inner,
    scale: model.loss.threshold,
    text: `correct += valid steps where ${output.name} predicts y`,
  });
  return gradient;
}

function weight(
  builder: ProgramBuilder,
  gradient: Tensor,
  weights: Tensor,
  exampleCost: Tensor,
): void {
  builder.emit({
    opcode: abi.OP_WEIGHT_ROWS,
    out: gradient,
    a: weights,
    c: exampleCost,
    text: `cost per example and ${gradient.name} times the weight of the example`,
  });
}
