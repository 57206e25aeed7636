import type { Examples, InputRows } from '../data/reader.ts';
import type { Engine } from '../engine.ts';
import type { MetricName, MetricValues } from '../metrics/names.ts';
import { readOutputs, writeBatch, writeInputs } from './batch.ts';
import type { SequenceShape } from '../plan/sequence.ts';
import type { CarriedStates } from './carried.ts';
import type { measurePredictions } from './measure-predictions.ts';
import type { slices } from './slices.ts';

/** Examples per run of a predicting or evaluating program: enough to keep the kernels busy, small enough for the caches. */
export const ROWS_PER_RUN: number = 256;

/** Examples, or steps of one, for one run of a program. */
export interface Slice<T> {
  readonly examples: T;
  /** The first example, and how many of them. */
  readonly first: number;
  readonly rows: number;
  /** Their time axis. */
  readonly shape: SequenceShape | undefined;
  /** Rows of predictions before those of the examples. */
  readonly offset: number;
  /** Where the examples are steps of a longer sequence: what they go on with. */
  readonly carried?: CarriedStates;
}

/** Inputs, and for an evaluation what belongs to them. */
export type Rows = Pick<Examples, 'x'> & Partial<Pick<Examples, 'y' | 'weights'>>;

/** What an evaluation needs for more than loss and accuracy of networks without a time axis. */
export interface EvaluationExtras {
  /** Measures other than the accuracy. */
  readonly measurePredictions?: typeof measurePredictions;
  /** For sequences. */
  readonly slices: typeof slices;
}

/** The result of an evaluation: the loss, and the measures asked for; of classes their accuracy unasked. */
export interface Evaluation extends MetricValues {
  /** Mean of the loss over the examples, or over the valid steps of sequences. */
  readonly loss: number;
}

/** The cost sums of the examples that ran since {@link isolated} began. */
export interface CostSums {
  readonly cost: number;
  readonly examples: number;
  readonly correct: number;
}

/** The sums before the first example. */
const noCosts: CostSums = { cost: 0, examples: 0, correct: 0 };

/**
 * Runs `work` with the cost registers at zero, or at the sums to go on from, and puts them back afterwards, so that an evaluation in
 * the midst of an epoch does not disturb it. With a penalty, its factors are isolated as well.
 */
export function isolated(
  engine: Engine,
  work: () => void,
  penalty?: { readonly l1: number; readonly l2: number },
  from: CostSums = noCosts,
): CostSums {
  const before = { ...costSums(engine), l1: engine.get('l1'), l2: engine.get('l2') };
  engine.set({ ...from });
  if (penalty) engine.set({ l1: penalty.l1, l2: penalty.l2 });
  try {
    work();
    return costSums(engine);
  } finally {
    engine.set(before);
  }
}

/** Reads the cost registers. */
export function costSums(engine: Engine): CostSums {
  return {
    cost: engine.get('cost'),
    examples: engine.get('examples'),
    correct: engine.get('correct'),
  };
}

/** Network outputs for every example, row-major; of every step, where the network has one per step. */
export function predict(
  engine: Engine,
  x: InputRows,
  threads: number = 1,
  extras?: EvaluationExtras,
): Float32Array {
  return finished(predicting(engine, x, threads, extras));
}

/** Predicts in slices, each of which leaves everything else of the network as it was. */
function* predicting(
  engine: Engine,
  x: InputRows,
  threads: number,
  extras: EvaluationExtras | undefined,
): Generator<void, Float32Array> {
  const { outputs, sequence } = engine.model;
  const rows = sequence?.perStep ? x.rows : x.examples;
  const predictions = new Float32Array(rows * outputs);
  for (const slice of slicesOf(engine, { x }, extras)) {
    const program = engine.kept(slice.rows, { kind: 'predict' }, 'predict', slice.shape);
    slice.carried?.write(program, slice.examples, 'x');
    writeInputs(engine, program, slice.examples.x, slice.first);
    engine.runOn(threads, program);
    slice.carried?.read(program);
    readOutputs(engine, program, predictions.subarray(slice.offset * outputs), slice.first);
    yield;
  }
  return predictions;
}

/** Sums cost and right predictions over every row, in slices as {@link predicting}. */
function* evaluating(
  engine: Engine,
  examples: Examples,
  threads: number,
  extras: EvaluationExtras | undefined,
): Generator<void, CostSums> {
  const weighted = examples.weights !== undefined;
  const key = weighted ? 'evaluate weighted' : 'evaluate';
  const purpose = { kind: 'evaluate', weighted } as const;
  let sums = noCosts;
  for (const slice of slicesOf(engine, examples, extras)) {
    const program = engine.kept(slice.rows, purpose, key, slice.shape);
    slice.carried?.write(program, slice.examples, 'x');
    writeBatch(engine, program, slice.examples, slice.first);
    sums = isolated(engine, () => engine.runOn(threads, program), undefined, sums);
    slice.carried?.read(program);
    yield;
  }
  return sums;
}

/**
 * The loss over examples, and measures of the network's predictions; of sequences with an output per step, over their valid steps.
 *
 * @param classes - their names, where the network has them
 * @param threads - to compute on
 */
export function assess(
  engine: Engine,
  examples: Examples,
  metrics: readonly MetricName[],
  classes: readonly string[] | undefined,
  threads: number,
  extras: EvaluationExtras | undefined,
): Evaluation {
  return finished(assessing(engine, examples, metrics, classes, threads, extras));
}

/** As {@link assess}, in slices of a few hundred rows, between which the network can do other things than change its parameters. */
export function* assessing(
  engine: Engine,
  examples: Examples,
  metrics: readonly MetricName[],
  classes: readonly string[] | undefined,
  threads: number,
  extras: EvaluationExtras | undefined,
): Generator<void, Evaluation> {
  const { cost, correct } = yield* evaluating(engine, examples, threads, extras);
  const loss = cost / examples.costs;
  const counted = metrics.includes('accuracy')
    ? { loss, accuracy: correct / examples.predictions }
    : { loss };
  const measure = extras?.measurePredictions;
  if (!measure || metrics.every((name) => name === 'accuracy')) return counted;
  const predictions = yield* predicting(engine, examples.x, threads, extras);
  return { ...counted, ...measure(engine.model, examples, predictions, metrics, classes) };
}

/** A few examples at a time. */
function slicesOf<T extends Rows>(
  engine: Engine,
  examples: T,
  extras: EvaluationExtras | undefined,
): Iterable<Slice<T>> {
  return extras ? extras.slices(engine, examples) : rowSlices(examples);
}

/** The same without a time axis. */
function* rowSlices<T extends Rows>(examples: T): Generator<Slice<T>> {
  const all = examples.x.examples;
  for (let first = 0; first < all; first += ROWS_PER_RUN) {
    const rows = Math.min(ROWS_PER_RUN, all - first);
    yield { examples, shape: undefined, first, rows, offset: 0 };
  }
}

/** The result of work in slices, done at a stretch. */
function finished<T>(work: Generator<void, T>): T {
  for (;;) {
    const slice = work.next();
    if (slice.done) return slice.value;
  }
}
