import * as abi from '../core/abi.ts';
import type { ProgramBuilder } from './program.ts';
import type { Sequence } from './sequence.ts';
import type { Tensor } from './tensor.ts';

/** Where a training program gathers its mini-batches from; without one, the host writes them. */
export interface BatchSource {
  /** Features, one row per example, or per step of an example: floats, unsigned bytes, or where the list of those that are not zero begins and ends. */
  readonly x: Tensor;
  readonly form: 'rows' | 'bytes' | 'nonzeros';
  /** Targets, one row per example or step, or class labels (u32) in one row. */
  readonly y: Tensor;
  readonly labels: boolean;
  /** The weight of each example in one column; all count alike without. */
  readonly weights?: Tensor | undefined;
  /** Example indices (u32) in the order of the epoch. */
  readonly order: Tensor;
  /** Of sequences: valid steps of each example (u32), given initial states by name, and which examples begin anew (u32). */
  readonly lengths?: Tensor;
  readonly states?: ReadonlyMap<string, Tensor>;
  readonly begins?: Tensor;
}

const remarks = { rows: '', bytes: ' (bytes)', nonzeros: ' (lists of nonzeros)' } as const;

/** Emits what brings the next examples, or their steps, to the input, the target and the weights of a program. */
export function gather(
  builder: ProgramBuilder,
  source: BatchSource,
  input: Tensor,
  target: Tensor,
  weights: Tensor | undefined,
  sequence: Sequence | undefined,
): void {
  const steps = sequence?.order(source.order);
  const orderFor = (tensor: Tensor): { b: Tensor; kind: number } =>
    steps && tensor.rows === steps.columns
      ? { b: steps, kind: abi.GATHER_FROM_START }
      : { b: source.order, kind: abi.GATHER_AT_CURSOR };
  builder.emit({
    opcode: source.form === 'bytes' ? abi.OP_GATHER_BYTES : abi.OP_GATHER_ROWS,
    out: input.nonzeros ?? input,
    a: source.x,
    ...orderFor(input),
    text: `x = the next rows of the data${remarks[source.form]}, in the order of the epoch`,
  });
  builder.emit({
    opcode: source.labels ? abi.OP_GATHER_LABELS : abi.OP_GATHER_ROWS,
    out: target,
    a: source.y,
    ...orderFor(target),
    text: source.labels ? 'y = their labels as one-hot rows' : 'y = their targets',
  });
  if (!weights || !source.weights) return;
  builder.emit({
    opcode: abi.OP_GATHER_ROWS,
    out: weights,
    a: source.weights,
    ...orderFor(weights),
    text: 'weights = their weights',
  });
}
