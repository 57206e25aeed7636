import * as abi from '../core/abi.ts';
import { emitStep } from './compile.ts';
import type { Model, StepPlan } from './model.ts';
import type { ParameterLayout } from './parameters.ts';
import { ProgramBuilder, type Section } from './program.ts';
import type { SequenceShape } from './sequence.ts';
import type { BatchSource } from './source.ts';
import type { Tensor } from './tensor.ts';

/** What an epoch consists of. */
export interface EpochPlan {
  readonly source: BatchSource;
  readonly step: StepPlan;
  /** Examples per mini-batch, at most as many as there are. */
  readonly batchSize: number;
  /** The time axis of networks that have one. */
  readonly shape: SequenceShape | undefined;
  /** Updates in a row for the same examples, whose windows of steps follow each other in the data; 1 without windows. */
  readonly windows: number;
  /** Seed of the shuffle; undefined leaves the order as it is. */
  readonly shuffleSeed: number | undefined;
  /** Where costs are logged, one entry per epoch. */
  readonly log: Tensor;
  /** Gives every tensor memory of its own; see {@link ProgramBuilder}. */
  readonly keep?: boolean;
  /** The learning rates of the coming steps, f64 in a ring; undefined when the rate is constant. */
  readonly rates: Tensor | undefined;
}

/**
 * The program of a whole epoch, for networks so small that many epochs fit into one call of the core; its sections run on their
 * own where an epoch takes many calls.
 *
 * ```
 *  begin │ repeat steps × │ step … │ rest … │ end
 * ```
 */
export interface EpochProgram {
  readonly builder: ProgramBuilder;
  /** Counts the epoch and draws the order of its examples. */
  readonly begin: Section;
  /** One whole mini-batch. */
  readonly step: Section;
  /** Whole mini-batches in an epoch. */
  readonly steps: number;
  /** The shorter last mini-batch, with all its windows; empty when there is none. */
  readonly rest: Section;
  /** Logs the cost. */
  readonly end: Section;
  /** States that are carried on from step to step. */
  readonly carried: readonly Tensor[];
}

/** Compiles the program of an epoch. */
export function compileEpoch(model: Model, layout: ParameterLayout, plan: EpochPlan): EpochProgram {
  const { source, step: stepPlan, batchSize, shape, windows, rates, keep } = plan;
  const builder = new ProgramBuilder({ keep });
  const examples = source.order.columns / windows;
  const steps = Math.floor(examples / batchSize) * windows;
  const remainder = examples % batchSize;
  const rests = remainder > 0 ? windows : 0;
  const carried: Tensor[] = [];
  const emit = (rows: number): void => {
    const purpose = { kind: 'train', step: stepPlan, source, rates } as const;
    const { sequence } = emitStep(builder, model, layout, rows, purpose, shape);
    if (windows > 1 && sequence) carried.push(...sequence.states.map(({ final }) => final));
  };

  const begin = builder.section(() => emitBegin(builder, plan));
  const step = builder.repeat(steps, () => emit(batchSize));
  const rest = builder.repeat(rests, () => remainder > 0 && emit(remainder));
  const end = builder.section(() =>
    builder.emit({ opcode: abi.OP_END_EPOCH, out: plan.log, text: 'log the cost of the epoch' }),
  );
  return { builder, begin, step, steps, rest, end, carried };
}

function emitBegin(builder: ProgramBuilder, { source, shuffleSeed }: EpochPlan): void {
  builder.emit({
    opcode: abi.OP_BEGIN_EPOCH,
    text: 'epoch = epoch + 1; from the first example on',
  });
  if (shuffleSeed === undefined) return;
  builder.emit({
    opcode: abi.OP_SHUFFLE,
    out: source.order,
    rows: source.order.columns,
    kind: abi.STREAM_SHUFFLE,
    seed: shuffleSeed,
    text: 'order = a random permutation',
  });
}
