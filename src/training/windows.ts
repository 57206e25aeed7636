import { checkInteger } from '../checks.ts';
import type { Matrix } from '../data/features.ts';
import type { Examples, InputRows } from '../data/reader.ts';
import type { SequenceRows } from '../data/sequences.ts';
import type { TargetRows } from '../data/targets.ts';
import type { Model } from '../plan/model.ts';
import type { SequenceShape } from '../plan/sequence.ts';
import { checkSteppable } from '../sequence/stepper.ts';
import type { ResolvedFitOptions } from './options.ts';

/** The time axis of examples that may be windows of longer sequences. */
export interface WindowedSequence extends SequenceRows {
  /** The order of the windows: those of a batch of sequences one after the other. */
  readonly order?: Uint32Array;
}

/** Examples, or windows of them. */
export interface WindowedExamples {
  readonly x: Omit<InputRows, 'sequence'> & { readonly sequence?: WindowedSequence };
  readonly y: TargetRows;
  readonly weights?: Float32Array | undefined;
}

/**
 * Cuts sequences into windows for truncated backpropagation through time: window s of example e becomes row e · windows + s, and
 * the order takes the first windows of `batchSize` examples, then their second ones, and so on.
 *
 * @param truncate - steps of a window; undefined leaves the examples whole
 */
export function inWindows(
  { x, y, weights }: Pick<Examples, 'x' | 'y' | 'weights'>,
  truncate: number | undefined,
  batchSize: number,
): { examples: WindowedExamples; windows: number } {
  const { sequence, examples } = x;
  if (!sequence || truncate === undefined) return { examples: { x, y, weights }, windows: 1 };
  const { steps, lengths, states } = sequence;
  const windows = windowsOf(x, truncate);
  const rows = examples * windows;
  const padded = windows * truncate;
  const windowOf = (index: number): number => index % windows;
  const exampleOf = (index: number): number => Math.floor(index / windows);
  const cut: WindowedSequence = {
    steps: truncate,
    lengths: Uint32Array.from({ length: rows }, (_, index) => {
      const left = lengths[exampleOf(index)]! - windowOf(index) * truncate;
      return Math.min(Math.max(left, 0), truncate);
    }),
    lengthsGiven: true,
    begins: Uint32Array.from({ length: rows }, (_, index) => (windowOf(index) === 0 ? 1 : 0)),
    order: windowOrder(examples, windows, batchSize),
    states: states && new Map(Array.from(states, ([name, m]) => [name, spread(m, windows)])),
  };
  const matrix = lengthened(x, steps, padded);
  const targets =
    y.kind === 'labels'
      ? { rows: examples * padded, labels: longerColumn(y.labels, steps, padded) }
      : lengthened(y, steps, padded);
  return {
    examples: {
      x: { ...matrix, examples: rows, sequence: cut },
      y: { ...y, ...targets } as TargetRows,
      weights: weights && longerColumn(weights, steps, padded),
    },
    windows,
  };
}

/** Windows that each sequence of so many steps is cut into. */
function windowsOf({ sequence }: InputRows, truncate: number | undefined): number {
  return sequence && truncate !== undefined ? Math.ceil(sequence.steps / truncate) : 1;
}

/** How an epoch is divided into steps. */
export interface EpochSteps {
  /** Steps in an epoch, those of a shorter last mini-batch included. */
  readonly all: number;
  /** The place in the order of the examples at which a step begins. */
  cursor(step: number): number;
}

/** How an epoch is divided into steps. */
export function epochSteps(
  x: InputRows,
  truncate: number | undefined,
  batchSize: number,
): EpochSteps {
  const windows = windowsOf(x, truncate);
  const batches = x.examples / batchSize;
  const rest = x.examples % batchSize;
  const whole = Math.floor(batches) * windows;
  return {
    all: Math.ceil(batches) * windows,
    cursor: (step) => Math.min(step, whole) * batchSize + Math.max(step - whole, 0) * rest,
  };
}

/** The time axis of the training program. */
export function trainingShape(
  { x: { sequence } }: WindowedExamples,
  windows: number,
): SequenceShape | undefined {
  if (!sequence) return undefined;
  const { steps, states } = sequence;
  return { steps, states: windows > 1 ? 'carried' : states ? 'given' : 'zero' };
}

function windowOrder(examples: number, windows: number, batchSize: number): Uint32Array {
  const order: number[] = [];
  for (let first = 0; first < examples; first += batchSize) {
    const last = Math.min(first + batchSize, examples);
    for (let window = 0; window < windows; window++) {
      for (let example = first; example < last; example++) order.push(example * windows + window);
    }
  }
  return Uint32Array.from(order);
}

/** Rows of states, one per example, as the rows of the examples' first windows. */
function spread({ rows, columns, values }: Matrix, windows: number): Matrix {
  const spread = new Float32Array(rows * windows * columns);
  for (let row = 0; row < rows; row++) {
    spread.set(values.subarray(row * columns, (row + 1) * columns), row * windows * columns);
  }
  return { rows: rows * windows, columns, values: spread };
}

/** Every example with zeros behind its steps. */
function lengthened(matrix: Matrix, steps: number, padded: number): Matrix {
  const { rows, columns, values } = matrix;
  if (padded === steps) return { rows, columns, values };
  const examples = rows / steps;
  const Values = values.constructor as new (length: number) => typeof values;
  const longer = new Values(examples * padded * columns);
  for (let example = 0; example < examples; example++) {
    const from = example * steps * columns;
    longer.set(values.subarray(from, from + steps * columns), example * padded * columns);
  }
  return { rows: examples * padded, columns, values: longer };
}

/** The same for one number per step. */
function longerColumn<T extends Float32Array | Uint32Array>(
  values: T,
  steps: number,
  padded: number,
): T {
  return lengthened({ rows: values.length, columns: 1, values }, steps, padded).values as T;
}

/**
 * Checks that a network can be trained in windows, if it is to be: their gradients are their own only where every step has a cost. What
 * is in memory as a whole is cut here, so there is nothing for `stateful` to do.
 */
export function checkWindows(
  { truncate, stateful }: Pick<ResolvedFitOptions, 'truncate' | 'stateful'>,
  model: Model,
): number | undefined {
  if (stateful) {
    throw new RangeError(
      'stateful: it is for batches as they come. For sequences that are all there use truncate: k, which carries states on every k steps.',
    );
  }
  if (truncate === undefined) return undefined;
  checkSteppable(model, 'truncate');
  if (model.sequence?.perStep) return truncate;
  throw new RangeError(
    "truncate: this network has no output per step to learn from. Use it with recurrent layers that have returns: 'all'.",
  );
}

/** Checks the option `truncate`. */
export function checkTruncate(truncate: unknown, shuffle: unknown): number | undefined {
  if (truncate === undefined) return undefined;
  if (shuffle === true) {
    throw new RangeError(
      'shuffle: with truncate, windows of a sequence must follow each other. Leave shuffle out.',
    );
  }
  return checkInteger(truncate, 'truncate', 1);
}
