import { describe } from '../errors.ts';
import type { Encoding } from './encoding.ts';
import {
  checkFinite,
  type Features,
  flatRows,
  type FlatValues,
  type Matrix,
  readFeatures,
} from './features.ts';
import type { DataShape } from './reader.ts';
import { type InitialStates, readStates } from './states.ts';

/**
 * Sequences of feature rows: for each example an array with one row per step. Or of tokens: for each example an array of whole
 * numbers. Examples may differ in length. Or all of them in one flat typed array, example after example, for networks whose
 * `input.steps` says how long each is.
 */
export type Sequences =
  | FlatValues
  | readonly (readonly ArrayLike<number>[])[]
  | readonly ArrayLike<number>[]
  | readonly Features[];

/** Sequences with what belongs to them. */
export interface SequenceInputs {
  readonly x: Sequences;
  /** Valid steps of each example; the rest of an example is padding. When absent, those each example has. */
  readonly lengths?: ArrayLike<number>;
  /** Where recurrent layers start; zero when absent. */
  readonly initialState?: InitialStates;
  /** Of a batch that is trained on with `stateful`: which of its sequences begin anew, or whether all do; none when absent. */
  readonly begins?: boolean | readonly boolean[];
}

/** The time axis of sequences that were read. */
export interface SequenceRows {
  /** Steps of every example, padding included. */
  readonly steps: number;
  readonly lengths: Uint32Array;
  /** The caller gave `lengths`, so what belongs to steps may be padded as x is. */
  readonly lengthsGiven: boolean;
  /** Rows of initial states by `layers.0.h`; undefined when none were given. */
  readonly states: ReadonlyMap<string, Matrix> | undefined;
  /** 1 for sequences that begin, where others go on with the states of the batch before. */
  readonly begins?: Uint32Array;
}

/** Sequences as rows of steps, example after example; padding is zero. */
export interface ReadSequences extends Matrix {
  readonly examples: number;
  readonly sequence: SequenceRows;
}

/**
 * Reads sequences into rows of steps, and checks what is not padding.
 *
 * @param stateful - they may go on with what came before, and may have ended there
 * @throws {TypeError | RangeError} for another type, width or length, or numbers that are not finite, or no tokens
 */
export function readSequences(
  { x, lengths, initialState, begins }: SequenceInputs,
  shape: DataShape,
  where: string,
  stateful: boolean = false,
): ReadSequences {
  const { inputs, sequence } = shape;
  const columns = sequence!.tokens ? 1 : inputs;
  const flat = ArrayBuffer.isView(x)
    ? flatSequences(x, columns, sequence!.steps, where)
    : nestedSequences(x, columns, sequence!.steps, where);
  const { steps, own } = flat;
  const examples = own.length;
  const least = stateful && sequence!.perStep ? 0 : 1;
  const valid = lengths === undefined ? own : readLengths(lengths, own, least, `${where}: lengths`);
  const matrix = clean(flat, valid, columns, sequence!.tokens);
  if (sequence!.tokens) checkTokens(matrix, valid, steps, inputs, where);
  else checkFinite(matrix, undefined, where);
  const states = initialState && readStates(initialState, examples, shape.states ?? []);
  return {
    ...matrix,
    examples,
    sequence: {
      steps,
      lengths: valid,
      lengthsGiven: lengths !== undefined,
      states,
      ...(begins !== undefined && { begins: readFlags(begins, examples, `${where}: begins`) }),
    },
  };
}

/** Rows of steps before padding is cleared, and how many steps each example has. */
interface Unpadded {
  readonly values: FlatValues;
  readonly steps: number;
  readonly own: Uint32Array;
}

function flatSequences(
  x: ArrayBufferView,
  columns: number,
  steps: number | undefined,
  where: string,
): Unpadded {
  const { rows, values } = flatRows(x, columns, where);
  if (steps === undefined) {
    throw new RangeError(
      `${where}: a flat array does not say where a sequence ends. Give the network input: { …, steps }, or pass one array per sequence.`,
    );
  }
  if (rows % steps !== 0) {
    throw new RangeError(
      `${where}: expected whole sequences of ${steps} steps of ${columns} numbers, got ${rows} steps.`,
    );
  }
  return { values, steps, own: new Uint32Array(rows / steps).fill(steps) };
}

function nestedSequences(
  x: unknown,
  columns: number,
  expected: number | undefined,
  where: string,
): Unpadded {
  if (!Array.isArray(x)) {
    throw new TypeError(
      `${where}: expected an array of sequences or a typed array, got ${describe(x)}.`,
    );
  }
  if (x.length === 0) throw new RangeError(`${where}: expected at least one sequence, got none.`);
  const rows = x.map((sequence, index) => sequenceRows(sequence, columns, `${where}[${index}]`));
  const longest = rows.reduce((most, values) => Math.max(most, values.length / columns), 0);
  const steps = expected ?? longest;
  if (longest > steps) {
    const index = rows.findIndex((values) => values.length / columns > steps);
    throw new RangeError(
      `${where}[${index}]: expected at most ${steps} steps (input.steps), got ${rows[index]!.length / columns}.`,
    );
  }
  const values = new Float64Array(rows.length * steps * columns);
  for (const [index, row] of rows.entries()) values.set(row, index * steps * columns);
  return { values, steps, own: Uint32Array.from(rows, (row) => row.length / columns) };
}

/** The numbers of one sequence, step after step. */
function sequenceRows(sequence: unknown, columns: number, where: string): ArrayLike<number> {
  const isList = Array.isArray(sequence) || ArrayBuffer.isView(sequence);
  if (!isList || (sequence as ArrayLike<unknown>).length === 0) {
    const got = isList ? 'none' : describe(sequence);
    throw new TypeError(`${where}: expected an array of at least one step, got ${got}.`);
  }
  if (ArrayBuffer.isView(sequence)) return flatRows(sequence, columns, where).values;
  const steps = sequence as readonly unknown[];
  if (typeof steps[0] === 'number' && columns === 1) {
    return steps.map((value, step) => numberAt(value, `${where}[${step}]`));
  }
  return steps.flatMap((row, step) => {
    const path = `${where}[${step}]`;
    if (!Array.isArray(row) && !ArrayBuffer.isView(row)) {
      throw new TypeError(
        `${path}: expected the ${columns} features of a step, got ${describe(row)}. Sequences are nested [example][step][feature].`,
      );
    }
    const cells = Array.from(row as ArrayLike<number>);
    if (cells.length !== columns) {
      throw new RangeError(`${path}: expected ${columns} numbers, got ${cells.length}.`);
    }
    return cells.map((value, column) => numberAt(value, `${path}[${column}]`));
  });
}

function numberAt(value: unknown, where: string): number {
  if (typeof value === 'number') return value;
  throw new TypeError(`${where}: expected a number, got ${describe(value)}.`);
}

function readFlags(begins: unknown, examples: number, where: string): Uint32Array {
  if (typeof begins === 'boolean') return new Uint32Array(examples).fill(begins ? 1 : 0);
  if (!Array.isArray(begins)) {
    throw new TypeError(
      `${where}: expected true, false or an array of them, got ${describe(begins)}.`,
    );
  }
  if (begins.length !== examples) {
    throw new RangeError(
      `${where}: expected one for each of the ${examples} sequences, got ${begins.length}.`,
    );
  }
  return Uint32Array.from(begins as readonly unknown[], (flag, index) => {
    if (typeof flag === 'boolean') return flag ? 1 : 0;
    throw new TypeError(`${where}[${index}]: expected true or false, got ${describe(flag)}.`);
  });
}

function readLengths(
  lengths: ArrayLike<number>,
  own: Uint32Array,
  least: number,
  where: string,
): Uint32Array {
  if (!Array.isArray(lengths) && !ArrayBuffer.isView(lengths)) {
    throw new TypeError(`${where}: expected an array of numbers, got ${describe(lengths)}.`);
  }
  if (lengths.length !== own.length) {
    throw new RangeError(
      `${where}: expected one for each of the ${own.length} sequences, got ${lengths.length}.`,
    );
  }
  return Uint32Array.from(lengths, (length, index) => {
    const most = own[index]!;
    if (Number.isInteger(length) && length >= least && length <= most) return length;
    throw new RangeError(
      `${where}[${index}]: expected a whole number from ${least} to ${most}, the steps given, got ${String(length)}.`,
    );
  });
}

/** The values with zeros for padding; a copy where there is any, so that the caller's data stay as they are. */
function clean(
  { values, steps, own }: Unpadded,
  lengths: Uint32Array,
  columns: number,
  tokens: boolean,
): Matrix {
  const rows = own.length * steps;
  if (!tokens && lengths.every((length) => length === steps)) return { rows, columns, values };
  const copy = tokens ? Float64Array.from(values) : values.slice();
  for (const [index, length] of lengths.entries()) {
    copy.fill(0, (index * steps + length) * columns, (index + 1) * steps * columns);
  }
  return { rows, columns, values: copy };
}

function checkTokens(
  { values }: Matrix,
  lengths: Uint32Array,
  steps: number,
  vocabulary: number,
  where: string,
): void {
  for (const [index, length] of lengths.entries()) {
    for (let step = 0; step < length; step++) {
      const token = values[index * steps + step]!;
      if (Number.isInteger(token) && token >= 0 && token < vocabulary) continue;
      throw new RangeError(
        `${where}[${index}][${step}]: expected a token from 0 to ${vocabulary - 1}, got ${token}.`,
      );
    }
  }
}

/** The rows that are not padding, to learn from. */
export function validRows(x: Matrix & { readonly sequence?: SequenceRows }): Matrix {
  const { columns, values, sequence } = x;
  if (!sequence) return x;
  const { steps, lengths } = sequence;
  const rows = lengths.reduce((sum, length) => sum + length, 0);
  if (rows === x.rows) return x;
  const valid = new Float64Array(rows * columns);
  let next = 0;
  for (const [index, length] of lengths.entries()) {
    const first = index * steps * columns;
    valid.set(values.subarray(first, first + length * columns), next);
    next += length * columns;
  }
  return { rows, columns, values: valid };
}

/** Reads one step of each of so many examples: their features, or tokens. */
export function readStep(
  x: unknown,
  examples: number,
  { inputs, sequence }: DataShape,
  encoding: Encoding | undefined,
): ReadSequences {
  const single = typeof x === 'number' ? [x] : x;
  const matrix = readFeatures(single, sequence?.tokens ? 1 : inputs, encoding, 'x');
  if (matrix.rows !== examples) {
    throw new RangeError(`x: expected a row for each of ${examples} examples, got ${matrix.rows}.`);
  }
  const lengths = new Uint32Array(examples).fill(1);
  if (sequence?.tokens) checkTokens(matrix, lengths, 1, inputs, 'x');
  const time = { steps: 1, lengths, lengthsGiven: false, states: undefined };
  return { ...matrix, examples, sequence: time };
}
