import * as abi from '../../core/abi.ts';
import type { Instruction } from '../../plan/program.ts';
import type { Tensor } from '../../plan/tensor.ts';

/**
 * Which part of a step an instruction is: z = W a_below + b and a = σ(z) of the forward pass; BP1 δ of the output layer, BP2 δ carried
 * back through a layer, BP3 ∂C/∂b, BP4 ∂C/∂W; the cost; the update of the parameters; the flow of the program itself.
 */
export type Equation =
  | 'data'
  | 'z = W a + b'
  | 'a = σ(z)'
  | 'cost'
  | 'BP1'
  | 'BP2'
  | 'BP3'
  | 'BP4'
  | 'update'
  | 'control';

/** What the inspector knows of an opcode beyond its record. */
interface Operation {
  readonly equation: Equation;
  /** Floating-point operations per element of the larger of `out` and `a`; a function such as exp counts as one. */
  readonly flops?: number;
  /** Scales what it works on in place, so that executing it over and over would soon leave next to nothing of it. */
  readonly shrinking?: true;
  /** Besides, every row of a state times the recurrent weights at b. */
  readonly recurrent?: boolean;
  /** Operands that are written besides `out`, and operands among the written ones that are read too. */
  readonly written?: readonly Role[];
  readonly updated?: readonly Role[];
}

export type Role = 'out' | 'a' | 'b' | 'c' | 'd';

const operations: Readonly<Record<number, Operation>> = {
  [abi.OP_GATHER_ROWS]: { equation: 'data' },
  [abi.OP_GATHER_BYTES]: { equation: 'data' },
  [abi.OP_GATHER_LABELS]: { equation: 'data' },
  [abi.OP_NORMALIZE]: { equation: 'data', flops: 2 },
  [abi.OP_COLUMN_SUMS]: { equation: 'BP3', flops: 1 },
  [abi.OP_ACTIVATE]: { equation: 'a = σ(z)', flops: 1 },
  [abi.OP_ACTIVATE_GRADIENT]: { equation: 'BP2', flops: 3 },
  [abi.OP_SOFTMAX]: { equation: 'a = σ(z)', flops: 4 },
  [abi.OP_SOFTMAX_GRADIENT]: { equation: 'BP2', flops: 4 },
  [abi.OP_LOSS]: { equation: 'BP1', flops: 4, written: ['c'] },
  [abi.OP_SOFTMAX_CROSS_ENTROPY]: { equation: 'BP1', flops: 8, written: ['c'] },
  [abi.OP_SIGMOID_CROSS_ENTROPY]: { equation: 'BP1', flops: 8, written: ['c'] },
  [abi.OP_ADD_COST]: { equation: 'cost', flops: 1 },
  [abi.OP_COUNT_CORRECT]: { equation: 'cost', flops: 1 },
  [abi.OP_NEXT_STEP]: { equation: 'control' },
  [abi.OP_SCALE_BY_RATE]: { equation: 'update', flops: 1 },
  [abi.OP_SGD]: { equation: 'update', flops: 2, updated: ['out'] },
  [abi.OP_MOMENTUM]: { equation: 'update', flops: 4, written: ['b'], updated: ['out', 'b'] },
  [abi.OP_NESTEROV]: { equation: 'update', flops: 6, written: ['b'], updated: ['out', 'b'] },
  [abi.OP_RMSPROP]: { equation: 'update', flops: 9, written: ['b'], updated: ['out', 'b'] },
  [abi.OP_ADAGRAD]: { equation: 'update', flops: 7, written: ['b'], updated: ['out', 'b'] },
  [abi.OP_ADAMW]: {
    equation: 'update',
    flops: 14,
    written: ['b', 'c'],
    updated: ['out', 'b', 'c'],
  },
  [abi.OP_PENALTY]: { equation: 'cost', flops: 9, updated: ['out'] },
  [abi.OP_CHECK_BOUND]: { equation: 'control', flops: 1 },
  [abi.OP_CLIP_VALUE]: { equation: 'update', flops: 2, updated: ['out'] },
  [abi.OP_ADD_SQUARES]: { equation: 'update', flops: 2 },
  [abi.OP_CLIP_NORM]: { equation: 'update', flops: 1, updated: ['out'] },
  [abi.OP_DROPOUT]: { equation: 'a = σ(z)', flops: 1 },
  [abi.OP_WEIGHT_ROWS]: { equation: 'cost', flops: 1, written: ['c'], updated: ['out', 'c'] },
  [abi.OP_ORDER_STEPS]: { equation: 'data' },
  [abi.OP_COPY]: { equation: 'data' },
  [abi.OP_SELECT_ROWS]: { equation: 'data' },
  [abi.OP_REVERSE_STEPS]: { equation: 'data' },
  [abi.OP_ADD]: { equation: 'BP2', flops: 1, updated: ['out'] },
  [abi.OP_TRANSPOSE]: { equation: 'BP2' },
  [abi.OP_PACK]: { equation: 'data' },
  [abi.OP_MASK_STEPS]: { equation: 'BP1', flops: 1, shrinking: true },
  [abi.OP_ADD_STEP_COSTS]: { equation: 'cost', flops: 1 },
  [abi.OP_COUNT_CORRECT_STEPS]: { equation: 'cost', flops: 1 },
  [abi.OP_RNN]: { equation: 'z = W a + b', flops: 1, recurrent: true },
  [abi.OP_LSTM]: { equation: 'z = W a + b', flops: 3, recurrent: true },
  [abi.OP_LSTM_GRADIENT]: { equation: 'BP2', flops: 6, recurrent: true, shrinking: true },
  [abi.OP_GRU]: { equation: 'z = W a + b', flops: 3, recurrent: true },
  [abi.OP_GRU_GRADIENT]: { equation: 'BP2', flops: 6, recurrent: true, shrinking: true },
  [abi.OP_GRU_BEFORE]: { equation: 'z = W a + b', flops: 3, recurrent: true },
  [abi.OP_GRU_BEFORE_GRADIENT]: { equation: 'BP2', flops: 6, recurrent: true, shrinking: true },
  [abi.OP_RNN_GRADIENT]: { equation: 'BP2', flops: 3, recurrent: true, shrinking: true },
  [abi.OP_ADAM]: { equation: 'update', flops: 13, written: ['b', 'c'], updated: ['out', 'b', 'c'] },
};

/** An opcode that is not in the list: one operation per element, nothing written besides `out`. */
const UNKNOWN: Operation = { equation: 'control', flops: 1 };

const products: Readonly<Record<number, Equation>> = {
  [abi.MATMUL_NN]: 'z = W a + b',
  [abi.MATMUL_NT]: 'BP2',
  [abi.MATMUL_TN]: 'BP4',
  [abi.MATMUL_PANELS]: 'z = W a + b',
};

const names: ReadonlyMap<number, string> = new Map(
  Object.entries(abi)
    .filter(([name]) => name.startsWith('OP_'))
    .map(([name, opcode]) => [opcode, name.slice('OP_'.length)]),
);

/** Whether an instruction can be repeated only on fresh operands. */
export function isShrinking({ opcode }: Instruction): boolean {
  return operations[opcode]?.shrinking === true;
}

/** The name of an opcode in `abi.ts`, without its prefix: `MATMUL`. */
export function opcodeName(opcode: number): string {
  return names.get(opcode) ?? `opcode ${opcode}`;
}

/** The equation an instruction computes, going by it alone: δ of an output layer passes for BP2. */
export function equationOf({ opcode, kind }: Instruction): Equation {
  return isProduct(opcode) ? products[kind!]! : (operations[opcode] ?? UNKNOWN).equation;
}

/**
 * Floating-point operations of an instruction: a multiplication and an addition for each product of a matrix product, also where one
 * factor is zero; for others the operations of the formula per element, a function such as exp counting as one.
 */
export function flopsOf({ opcode, out, a, b, inner }: Instruction): number {
  if (isProduct(opcode)) return 2 * size(out) * inner!;
  const { flops = 0, recurrent } = operations[opcode] ?? UNKNOWN;
  const products = recurrent && out && b ? 2 * out.rows * size(b) : 0;
  return products + Math.max(size(out), size(a)) * flops;
}

function size(tensor: Tensor | undefined): number {
  return tensor ? tensor.rows * tensor.columns : 0;
}

/** Bytes an instruction reads and writes when it touches every number of its operands once. */
export function bytesOf(instruction: Instruction): number {
  const { written = [], updated = [] } = operations[instruction.opcode] ?? UNKNOWN;
  let bytes = 0;
  for (const [role, tensor] of operandsOf(instruction)) {
    const isWritten = role === 'out' || written.includes(role);
    bytes += 4 * size(tensor) * (isWritten && updated.includes(role) ? 2 : 1);
  }
  return bytes;
}

/** The operands of an instruction with their roles. */
export function operandsOf(instruction: Instruction): [Role, Tensor][] {
  const roles: readonly Role[] = ['out', 'a', 'b', 'c', 'd'];
  return roles.flatMap((role): [Role, Tensor][] => {
    const tensor = instruction[role];
    return tensor ? [[role, tensor]] : [];
  });
}

function isProduct(opcode: number): boolean {
  return opcode === abi.OP_MATMUL || opcode === abi.OP_SPARSE_MATMUL;
}
