import type { Matrix } from '../data/features.ts';
import type { SequenceRows } from '../data/sequences.ts';
import type { Engine } from '../engine.ts';
import type { Model } from '../plan/model.ts';
import { shapeOf } from './batch.ts';
import { CarriedStates } from './carried.ts';
import { type Rows, ROWS_PER_RUN, type Slice } from './evaluate.ts';

/** The same for sequences, whose steps are rows of nearly all matrices. */
const STEPS_PER_RUN = 16384;

/** A few sequences at a time; of one that is very long a few thousand steps at a time, with the same bits. */
export function* slices<T extends Rows>(engine: Engine, examples: T): Generator<Slice<T>> {
  const { x } = examples;
  const { sequence } = x;
  const most = sequence ? Math.ceil(STEPS_PER_RUN / sequence.steps) : ROWS_PER_RUN;
  const step = Math.min(ROWS_PER_RUN, most);
  const shape = shapeOf(x);
  const isLong = sequence && sequence.steps > STEPS_PER_RUN && canBeCut(engine.model, sequence);
  for (let first = 0; first < x.examples; first += step) {
    if (isLong) yield* windows(engine, examples, first);
    else yield { examples, shape, first, rows: Math.min(step, x.examples - first), offset: 0 };
  }
}

/** Whether every step has an output, and what comes behind does not matter to it. Given states would have to be carried to the first. */
function canBeCut({ sequence, layers }: Model, { states }: SequenceRows): boolean {
  return !!sequence?.perStep && !states && !layers.some(({ wholeSequences }) => wholeSequences);
}

/** One sequence, part of its steps after part. */
function* windows<T extends Rows>(
  engine: Engine,
  examples: T,
  example: number,
): Generator<Slice<T>> {
  const { steps } = examples.x.sequence!;
  const carried = new CarriedStates(engine);
  for (let from = 0; from < steps; from += STEPS_PER_RUN) {
    const count = Math.min(STEPS_PER_RUN, steps - from);
    const offset = example * steps + from;
    const cut = cutOut(examples, example, from, count);
    const shape = { steps: count, states: 'carried' } as const;
    yield { examples: cut, shape, first: 0, rows: 1, offset, carried };
  }
}

/** So many steps of one example, in the memory of all. */
function cutOut<T extends Rows>(all: T, example: number, from: number, count: number): T {
  const { x, y, weights } = all;
  const { steps, lengths } = x.sequence!;
  const first = example * steps + from;
  const rowsOf = <M extends Matrix>(matrix: M): M => ({
    ...matrix,
    rows: count,
    values: matrix.values.subarray(first * matrix.columns, (first + count) * matrix.columns),
  });
  const valid = Math.min(Math.max(lengths[example]! - from, 0), count);
  const sequence = { ...x.sequence!, steps: count, lengths: Uint32Array.of(valid) };
  const targets =
    y?.kind === 'labels'
      ? { ...y, rows: count, labels: y.labels.subarray(first, first + count) }
      : y && rowsOf(y);
  return {
    ...all,
    x: { ...rowsOf(x), examples: 1, sequence },
    ...(targets && { y: targets }),
    ...(weights && { weights: weights.subarray(first, first + count) }),
  };
}
