import * as abi from '../core/abi.ts';
import type { Loss } from '../plan/model.ts';
import type { ActivationName } from './activations.ts';

/**
 * Names of the losses. With e = a − y over n outputs, per example, then the mean over the batch:
 *
 * | name | cost of one example | known as |
 * | --- | --- | --- |
 * | `halfSquaredError` | ½ Σ e² | the quadratic cost of Nielsen and Gordon |
 * | `halfMeanSquaredError` | (1/n) Σ ½ e² | |
 * | `squaredError` | Σ e² | 3Blue1Brown's cost |
 * | `meanSquaredError` | (1/n) Σ e² | Keras and PyTorch `MSELoss` |
 * | `meanAbsoluteError` | (1/n) Σ \|e\| | |
 * | `huber` | (1/n) Σ (½ e² where \|e\| ≤ 1, \|e\| − ½ elsewhere) | |
 * | `crossEntropy` | −Σ y ln a, a = softmax(z) | |
 * | `binaryCrossEntropy` | −Σ (y ln a + (1−y) ln(1−a)), a = σ(z) | Nielsen's cross-entropy |
 */
export type LossName =
  | 'halfSquaredError'
  | 'halfMeanSquaredError'
  | 'squaredError'
  | 'meanSquaredError'
  | 'meanAbsoluteError'
  | 'huber'
  | 'crossEntropy'
  | 'binaryCrossEntropy';

/**
 * A loss that compares outputs with targets element by element.
 *
 * @param costFactor - times the kernel's sum, given n outputs, is the cost of an example
 * @param slopeFactor - times the kernel's derivative, given n outputs, is the derivative of that cost
 */
function elementwise(
  name: LossName,
  kind: number,
  formula: string,
  costFactor: (outputs: number) => number,
  slopeFactor: (outputs: number) => number,
): Loss {
  return {
    name,
    fused: false,
    threshold: 0.5,
    emit(builder, output, target, exampleCost, divisor) {
      const gradient = builder.tensor(`∂C/∂${output.name}`, output.rows, output.columns);
      builder.emit({
        opcode: abi.OP_LOSS,
        kind,
        out: gradient,
        a: output,
        b: target,
        c: exampleCost,
        scale: slopeFactor(output.columns) / divisor,
        scale2: costFactor(output.columns),
        text: `cost per example = ${formula}, e = ${output.name} − y; ${gradient.name} = its derivative / ${divisor}`,
      });
      return gradient;
    },
  };
}

/** A cross-entropy together with its output activation: computed from z, where it neither overflows nor loses digits. */
function fused(name: LossName, opcode: number, activation: 'softmax' | 'sigmoid'): Loss {
  return {
    name,
    fused: true,
    threshold: 0,
    emit(builder, z, target, exampleCost, divisor) {
      const delta = builder.tensor(`∂C/∂${z.name}`, z.rows, z.columns);
      builder.emit({
        opcode,
        out: delta,
        a: z,
        b: target,
        c: exampleCost,
        scale: 1 / divisor,
        text: `cost per example = ${name}; ${delta.name} = (${activation}(${z.name}) − y) / ${divisor}`,
      });
      return delta;
    },
  };
}

/** Every loss by name. */
export const losses: Readonly<Record<LossName, Loss>> = {
  halfSquaredError: elementwise(
    'halfSquaredError',
    abi.LOSS_SQUARED,
    '½ Σ e²',
    () => 0.5,
    () => 1,
  ),
  halfMeanSquaredError: elementwise(
    'halfMeanSquaredError',
    abi.LOSS_SQUARED,
    '(1/n) Σ ½ e²',
    (outputs) => 0.5 / outputs,
    (outputs) => 1 / outputs,
  ),
  squaredError: elementwise(
    'squaredError',
    abi.LOSS_SQUARED,
    'Σ e²',
    () => 1,
    () => 2,
  ),
  meanSquaredError: elementwise(
    'meanSquaredError',
    abi.LOSS_SQUARED,
    '(1/n) Σ e²',
    (outputs) => 1 / outputs,
    (outputs) => 2 / outputs,
  ),
  meanAbsoluteError: elementwise(
    'meanAbsoluteError',
    abi.LOSS_ABSOLUTE,
    '(1/n) Σ |e|',
    (outputs) => 1 / outputs,
    (outputs) => 1 / outputs,
  ),
  huber: elementwise(
    'huber',
    abi.LOSS_HUBER,
    '(1/n) Σ huber(e)',
    (outputs) => 1 / outputs,
    (outputs) => 1 / outputs,
  ),
  crossEntropy: fused('crossEntropy', abi.OP_SOFTMAX_CROSS_ENTROPY, 'softmax'),
  binaryCrossEntropy: fused('binaryCrossEntropy', abi.OP_SIGMOID_CROSS_ENTROPY, 'sigmoid'),
};

/** All names, for error messages and tests. */
export const lossNames: readonly LossName[] = Object.keys(losses) as LossName[];

/**
 * Checks that a loss makes sense on the outputs of a network.
 *
 * @throws {RangeError} for a cross-entropy without its activation, softmax of a single unit, or softmax with a loss of single units
 */
export function checkLoss(loss: LossName, activation: ActivationName, outputs: number): void {
  const last = `the output layer's activation is '${activation}'`;
  const sigmoid = activation === 'sigmoid' || activation === 'logistic';
  if (activation === 'softmax' && outputs === 1) {
    throw new RangeError(
      "layers: softmax of a single unit is always 1. Use 'sigmoid' with binaryCrossEntropy, or one unit per class.",
    );
  }
  if (loss === 'crossEntropy' && activation !== 'softmax') {
    throw new RangeError(
      `loss: crossEntropy needs softmax outputs, but ${last}. Use dense(${outputs}, 'softmax'), or binaryCrossEntropy with sigmoid outputs.`,
    );
  }
  if (loss === 'binaryCrossEntropy' && !sigmoid) {
    throw new RangeError(
      `loss: binaryCrossEntropy needs sigmoid outputs, but ${last}. Use dense(${outputs}, 'sigmoid')${activation === 'softmax' ? ', or crossEntropy with softmax' : ''}.`,
    );
  }
}
