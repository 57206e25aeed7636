import * as abi from '../../core/abi.ts';
import type { Program } from '../../plan/compile.ts';
import type { Instruction } from '../../plan/program.ts';
import type { Tensor } from '../../plan/tensor.ts';
import { keepRecurrent } from './recurrent-program.ts';

/** A gradients program that also writes what training needs no memory for. */
export interface TraceProgram extends Program {
  /** Tensors the host fills with ones before a run. */
  readonly ones: readonly Tensor[];
}

/** The name of a layer's σ′(z), given that of its δ or z: `layers.0.delta` → `layers.0.derivative`. */
export function derivativeName(name: string): string {
  return name.replace(/\.[^.]+$/, '.derivative');
}

/**
 * Appends to a gradients program that keeps its tensors: the output activation where the loss includes it, and every σ′(z), made by
 * the instruction that multiplies with it in training, applied to ones.
 */
export function completeForTrace(program: Program): TraceProgram {
  const { builder } = program;
  keepRecurrent(builder);
  const ones: Tensor[] = [];
  const derivative = (kind: number, from: Tensor, name: string): void => {
    const one = builder.tensor('ones', from.rows, from.columns);
    const out = builder.tensor(name, from.rows, from.columns);
    ones.push(one);
    builder.emit({
      opcode: abi.OP_ACTIVATE_GRADIENT,
      kind,
      out,
      a: one,
      b: from,
      text: `${name} = 1 ⊙ the derivative of the activation, from ${from.name}`,
    });
  };
  const training = builder.instructions.slice();
  for (const { opcode, kind, out, a, b } of training) {
    if (opcode === abi.OP_ACTIVATE_GRADIENT) derivative(kind!, b!, derivativeName(out!.name));
    const fused = fusedActivations[opcode];
    if (!fused) continue;
    const output = builder.tensor(a!.name.replace(/z$/, 'a'), a!.rows, a!.columns);
    builder.emit({
      ...fused,
      out: output,
      a: a!,
      text: `${output.name} = the activation that the loss includes`,
    });
    if (fused.kind) derivative(fused.kind, output, derivativeName(output.name));
  }
  return { ...program, ones };
}

/** The output activations that are part of a loss. */
const fusedActivations: Readonly<Record<number, Pick<Instruction, 'opcode' | 'kind'>>> = {
  [abi.OP_SOFTMAX_CROSS_ENTROPY]: { opcode: abi.OP_SOFTMAX },
  [abi.OP_SIGMOID_CROSS_ENTROPY]: { opcode: abi.OP_ACTIVATE, kind: abi.ACTIVATION_SIGMOID },
};
