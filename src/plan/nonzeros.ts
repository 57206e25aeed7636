import type { Tensor } from './tensor.ts';

/** Words of an entry of a list, {column, value}, and the entries that lists are filled up to a multiple of; see `abi.ts`. */
const ENTRY_WORDS = 2;
const ENTRY_MULTIPLE = 2;

/** Columns of a table of lists: where a list begins, where it ends, and where its second half begins. */
export const TABLE_COLUMNS = 3;

/** Columns of the first half, where two threads part them. */
export function firstHalf(columns: number): number {
  return Math.ceil(columns / 2);
}

/**
 * Share of entries among the values of a data set up to which products over the nonzeros are used.
 *
 * Measured: gather, forward product and weight gradient of the first layer, time by dense products over time by products over
 * the nonzeros, medians on Node 20, random data of each density. Node 24 crosses 1 at the same places.
 *
 * ```
 *  density            0.02   0.1   0.19   0.3   0.4   0.5   1
 *  784→30, batch 1     2.7   2.0   1.6    1.3   1.2   1.0   0.7
 *  784→30, batch 10   10.1   4.6   2.6    1.8   1.6   1.3   0.7
 *  784→128, batch 32  12.6   3.9   2.0    1.6   1.0   1.0   0.6
 *  784→128, batch 128 13.8   3.6   1.9    1.3   1.1   0.8   0.5
 *  784→10, batch 32    9.4   3.2   1.9    1.2   1.0   0.8   0.4
 * ```
 */
export const MAXIMUM_DENSITY = 0.3;

/** Values of a matrix that are looked at for its density: half a millisecond's work. */
const SAMPLE = 1_000_000;

/**
 * Whether products over the nonzeros of a matrix are faster than those over all of it, as far as a sample of its rows shows.
 *
 * @param values - row-major, without padding
 */
export function isSparse(values: ArrayLike<number>, columns: number): boolean {
  const rows = values.length / columns;
  const every = Math.ceil(values.length / SAMPLE);
  let [entries, seen] = [0, 0];
  for (let row = 0; row < rows; row += every) {
    entries += entriesOf(values, row * columns, columns);
    seen += columns;
  }
  return entries <= MAXIMUM_DENSITY * seen;
}

/** Words that the lists of the nonzeros of the rows from `first` to before `end` take. */
export function listWords(
  values: ArrayLike<number>,
  columns: number,
  first: number,
  end: number,
): number {
  let words = 0;
  for (let row = first; row < end; row++) {
    words += entriesOf(values, row * columns, columns) * ENTRY_WORDS;
  }
  return words;
}

/** Entries of the list of a row that begins at `start`. */
function entriesOf(values: ArrayLike<number>, start: number, columns: number): number {
  let nonzeros = 0;
  // Without a branch, which could not be foreseen: three times as fast on images.
  for (let index = start; index < start + columns; index++) nonzeros += Number(values[index] !== 0);
  return nonzeros + (nonzeros % ENTRY_MULTIPLE);
}

/** Copies a matrix to memory as lists of its nonzeros, some rows at a time. */
export class NonzeroWriter {
  readonly #table: Tensor;
  readonly #factor: Float32Array | undefined;
  /** Where the next entry goes, in words. */
  #entry: number;

  /**
   * @param table - [rows, `TABLE_COLUMNS`], gets the addresses of the lists
   * @param lists - as many zeros as {@link listWords} says, gets their entries
   * @param factor - what to multiply each column by, in f32; 1 when absent
   */
  constructor(table: Tensor, lists: Tensor, factor?: Float32Array) {
    this.#table = table;
    this.#factor = factor;
    this.#entry = lists.address / 4;
  }

  /**
   * Writes the lists of the rows from `first` on, which are those behind the ones of the call before.
   *
   * @param values - the matrix, row-major, without padding
   * @returns the largest absolute value among those rows
   */
  write(
    buffer: ArrayBuffer,
    values: ArrayLike<number>,
    columns: number,
    first: number,
    end: number,
  ): number {
    const words = new Uint32Array(buffer);
    const floats = new Float32Array(buffer);
    const factor = this.#factor;
    const half = firstHalf(columns);
    let entry = this.#entry;
    let largest = 0;
    for (let row = first; row < end; row++) {
      const record = this.#table.address / 4 + row * this.#table.stride;
      const begin = entry;
      let middle = entry;
      for (let column = 0; column < columns; column++) {
        const value = values[row * columns + column]!;
        if (value === 0) continue;
        largest = Math.max(largest, Math.abs(value));
        words[entry] = column;
        floats[entry + 1] = factor ? Math.fround(value) * factor[column]! : value;
        entry += ENTRY_WORDS;
        if (column < half) middle = entry;
      }
      if ((entry - begin) % (ENTRY_WORDS * ENTRY_MULTIPLE)) {
        words[entry] = words[entry - ENTRY_WORDS]!;
        if (middle === entry) middle += ENTRY_WORDS;
        entry += ENTRY_WORDS;
      }
      words[record] = begin * 4;
      words[record + 1] = entry * 4;
      words[record + 2] = middle * 4;
    }
    this.#entry = entry;
    return largest;
  }
}

/** Words of the list of a one-hot row. */
export const ONE_HOT_WORDS: number = ENTRY_WORDS * ENTRY_MULTIPLE;

/**
 * Writes the list of every one-hot row: tokens then are matrices whose rows share these lists.
 *
 * @param lists - [vocabulary, `ONE_HOT_WORDS`] zeros
 */
export function writeOneHotLists(buffer: ArrayBuffer, lists: Tensor): void {
  const words = new Uint32Array(buffer, lists.address, lists.length);
  const floats = new Float32Array(buffer, lists.address, lists.length);
  for (let token = 0; token < lists.rows; token++) {
    words[token * ONE_HOT_WORDS] = words[token * ONE_HOT_WORDS + ENTRY_WORDS] = token;
    floats[token * ONE_HOT_WORDS + 1] = 1;
  }
}

/** Writes where the one-hot list of a token is to a row of a table. */
export function writeToken(
  words: Uint32Array,
  table: Tensor,
  row: number,
  lists: Tensor,
  token: number,
): void {
  const begin = lists.address + token * ONE_HOT_WORDS * 4;
  const record = table.address / 4 + row * table.stride;
  const end = begin + ONE_HOT_WORDS * 4;
  words[record] = begin;
  words[record + 1] = end;
  words[record + 2] = token < firstHalf(lists.rows) ? end : begin;
}

/**
 * Writes a batch of tokens to the table of a program, whose rows are those of the first step of all examples, then of the second.
 *
 * @param values - the tokens of one example after the other
 * @param first - example to begin with
 */
export function writeTokens(
  buffer: ArrayBuffer,
  table: Tensor,
  lists: Tensor,
  values: ArrayLike<number>,
  steps: number,
  first: number,
): void {
  const examples = table.rows / steps;
  const words = new Uint32Array(buffer);
  for (let row = 0; row < table.rows; row++) {
    const source = (first + (row % examples)) * steps + Math.floor(row / examples);
    writeToken(words, table, row, lists, values[source]!);
  }
}
