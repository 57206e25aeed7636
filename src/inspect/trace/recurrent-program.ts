import * as abi from '../../core/abi.ts';
import type { ProgramBuilder, Instruction } from '../../plan/program.ts';
import type { Tensor } from '../../plan/tensor.ts';

/** How the pre-activations of a recurrent instruction come from the state before the step. */
type Form = 'added' | 'reset after' | 'reset before';

const forms: Readonly<Record<number, Form>> = {
  [abi.OP_RNN]: 'added',
  [abi.OP_LSTM]: 'added',
  [abi.OP_GRU]: 'reset after',
  [abi.OP_GRU_BEFORE]: 'reset before',
};

/** Opcodes whose out is δ of every step of a recurrent layer. */
export const recurrentGradients: ReadonlySet<number> = new Set([
  abi.OP_RNN_GRADIENT,
  abi.OP_LSTM_GRADIENT,
  abi.OP_GRU_GRADIENT,
  abi.OP_GRU_BEFORE_GRADIENT,
]);

/** Gates of a GRU: reset, update, new. */
const GRU_GATES = 3;

/** Names of what is kept of a recurrent layer, one row per step and example. */
export const kept = {
  /** z, or of a GRU that resets after the product the part of it from below. */
  z: (path: string): string => `${path}.kept z`,
  /** Of such a GRU, Wh hₜ₋₁ + bh. */
  u: (path: string): string => `${path}.kept u`,
  /** The activations of the gates; of a simple layer the states. */
  a: (path: string): string => `${path}.kept a`,
  /** dC/dh from above. */
  dCdh: (path: string): string => `${path}.kept dC/dh`,
  delta: (path: string): string => `${path}.kept δ`,
} as const;

/** The path of the layer that a tensor belongs to: `layers.0.z` → `layers.0`. */
function pathOf({ name }: Tensor): string {
  return name.slice(0, name.lastIndexOf('.'));
}

/**
 * Surrounds each recurrent instruction of a program with copies of what it overwrites: the pre-activations become states or gates, and
 * those become δ. What the product with the recurrent weights adds to the pre-activations is added to their copy by the same product.
 */
export function keepRecurrent(builder: ProgramBuilder): void {
  const instructions = builder.instructions.splice(0);
  for (const instruction of instructions) {
    const form = forms[instruction.opcode];
    if (form) keepForward(builder, instruction, form, instructions);
    else if (recurrentGradients.has(instruction.opcode)) keepBackward(builder, instruction);
    else builder.emit(instruction);
  }
}

function keepForward(
  builder: ProgramBuilder,
  instruction: Instruction,
  form: Form,
  instructions: readonly Instruction[],
): void {
  const out = instruction.out!;
  const path = pathOf(out);
  const z = copyOf(builder, out, kept.z(path));
  builder.emit(instruction);
  copyOf(builder, out, kept.a(path));
  const all = builder.tensors.find(({ name }) => name === `${path}.h`)!;
  const before = all.part(`${path}.h before`, { rows: out.rows });
  const weights = instruction.b!;
  const kind = instruction.index ?? abi.MATMUL_NN;
  if (form === 'added') return addProduct(builder, z, before, weights, z, kind);
  if (form === 'reset after') {
    const u = like(builder, out, kept.u(path));
    const start = instructions.find(({ out: tensor }) => tensor === instruction.c)!;
    return addProduct(builder, u, before, weights, start.c!, kind);
  }
  // r and z take the state as it is, n takes what the reset gate leaves of it, which the instruction has kept.
  const gate = out.stride / GRU_GATES;
  const reset = instruction.c!.part(`${path}.r h before`, { columns: before.columns });
  const split = (tensor: Tensor, firstColumn: number, columns: number): Tensor =>
    tensor.part(tensor.name, { firstColumn, columns });
  const [zOfTwo, wOfTwo] = [split(z, 0, 2 * gate), split(weights, 0, 2 * gate)];
  const [zOfNew, wOfNew] = [split(z, 2 * gate, gate), split(weights, 2 * gate, gate)];
  addProduct(builder, zOfTwo, before, wOfTwo, zOfTwo);
  addProduct(builder, zOfNew, reset, wOfNew, zOfNew);
}

function keepBackward(builder: ProgramBuilder, instruction: Instruction): void {
  const { opcode, out, a } = instruction;
  const simple = opcode === abi.OP_RNN_GRADIENT;
  const path = pathOf(simple ? a! : out!);
  copyOf(builder, simple ? out! : a!, kept.dCdh(path));
  builder.emit(instruction);
  copyOf(builder, out!, kept.delta(path));
}

/** A new tensor of the same form. */
function like(builder: ProgramBuilder, { rows, columns, gates }: Tensor, name: string): Tensor {
  return builder.tensor(name, rows, columns, { gates });
}

function copyOf(builder: ProgramBuilder, tensor: Tensor, name: string): Tensor {
  const out = like(builder, tensor, name);
  builder.emit({ opcode: abi.OP_COPY, out, a: tensor, text: `${name} = ${tensor.name}` });
  return out;
}

/** out = start + a · b: the products of the recurrent instruction, all steps at once. */
function addProduct(
  builder: ProgramBuilder,
  out: Tensor,
  a: Tensor,
  b: Tensor,
  start: Tensor,
  kind: number = abi.MATMUL_NN,
): void {
  builder.emit({
    opcode: abi.OP_MATMUL,
    kind,
    out,
    a,
    b,
    c: start,
    inner: a.columns,
    text: `${out.name} = ${start.name} + ${a.name} · ${b.name}`,
  });
}
