import * as abi from '../core/abi.ts';
import type { Penalty, StepPlan } from './model.ts';
import { LARGEST_GRADIENT } from './operations.ts';
import { isWeight, type ParameterLayout } from './parameters.ts';
import type { ProgramBuilder } from './program.ts';
import type { Sequence } from './sequence.ts';

/** The largest f32. */
const LARGEST = 3.4028234663852886e38;

/**
 * R = ½ l₂ Σ p² + l₁ Σ |p| over trainable parameters: its derivative is added to the gradients and R to the cost of each example, so
 * that the mean cost is C₀ + R, the function whose gradient is applied.
 *
 * @param rows - examples in the batch
 */
export function penalise(
  builder: ProgramBuilder,
  layout: ParameterLayout,
  penalty: Penalty | undefined,
  rows: number,
  steps: Sequence | undefined,
): void {
  if (!penalty) return;
  for (const parameter of layout.parameters) {
    if (!parameter.trainable || (penalty === 'weights' && !isWeight(parameter))) continue;
    const { value, gradient } = parameter;
    builder.emit({
      opcode: abi.OP_PENALTY,
      out: gradient,
      a: value,
      rows,
      ...(steps && { d: steps.lengths, inner: steps.steps }),
      columns: value.length,
      text: `cost += ${steps ? 'valid steps' : rows} R, R = ½ l₂ Σ ${value.name}² + l₁ Σ |${value.name}|; ${gradient.name} += ∂R/∂${value.name}`,
    });
  }
}

/** Ends the run before the update when a gradient is not a number that may be applied. */
export function checkGradients(
  builder: ProgramBuilder,
  layout: ParameterLayout,
  { clipValue, clipNorm }: StepPlan,
): void {
  const clipped = clipValue || clipNorm;
  for (const { gradients } of layout.stretches) {
    builder.emit({
      opcode: abi.OP_CHECK_BOUND,
      a: gradients,
      scale: clipped ? LARGEST : LARGEST_GRADIENT,
      text: clipped
        ? 'stop here unless all gradients are finite'
        : `stop here unless all gradients are within ±${LARGEST_GRADIENT.toExponential(0)}`,
    });
  }
}

/** Clips each derivative, then the norm of all together. */
export function clipGradients(
  builder: ProgramBuilder,
  layout: ParameterLayout,
  { clipValue, clipNorm }: StepPlan,
): void {
  const gradients = layout.stretches.map((stretch) => stretch.gradients);
  for (const g of clipValue ? gradients : []) {
    builder.emit({ opcode: abi.OP_CLIP_VALUE, out: g, text: 'g = g within ± clipValue' });
  }
  if (!clipNorm) return;
  for (const [index, g] of gradients.entries()) {
    builder.emit({
      opcode: abi.OP_ADD_SQUARES,
      a: g,
      kind: index > 0 ? 1 : 0,
      text: `‖g‖² ${index > 0 ? '+=' : '='} Σ g²`,
    });
  }
  for (const g of gradients) {
    builder.emit({
      opcode: abi.OP_CLIP_NORM,
      out: g,
      text: 'g = g · min(1, clipNorm / ‖g‖)',
    });
  }
}
