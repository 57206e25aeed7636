import { checkInteger, checkKeys, checkName, checkNumber } from '../checks.ts';
import { STREAM_SPLIT } from '../core/abi.ts';
import { shuffle } from '../core/js/random.ts';
import { groupByClass, type Labelled } from './classes.ts';

/** How to split a data set. */
export interface SplitOptions {
  /** Share of the examples to test with, such as 0.2. */
  readonly test: number;
  /** Share of the examples to validate with; no such part when absent. */
  readonly validation?: number;
  /** How examples are chosen; `random` when absent. */
  readonly by?: 'random' | 'stratified' | 'tail';
  /** Seed of the drawing, a whole number from 0; 0 when absent. */
  readonly seed?: number;
}

/** How to make the folds of a cross-validation. */
export interface FoldOptions {
  /** How examples are chosen; `random` when absent. */
  readonly by?: 'random' | 'stratified' | 'blocks';
  /** Seed of the drawing, a whole number from 0; 0 when absent. */
  readonly seed?: number;
}

/** Places of examples in a data set, ascending. */
type Indices = Uint32Array;

/** The places of the examples of each part. */
export function splitIndices(
  data: Labelled,
  options: SplitOptions,
): { train: Indices; validation?: Indices; test: Indices } {
  checkKeys(options, ['test', 'validation', 'by', 'seed'], 'split');
  const { by = 'random', seed = 0 } = options;
  checkName(by, ['random', 'stratified', 'tail'] as const, 'by');
  const test = countOf(options.test, data.length, 'test');
  const validation =
    options.validation === undefined
      ? undefined
      : countOf(options.validation, data.length, 'validation');
  const held = test + (validation ?? 0);
  if (held >= data.length) {
    throw new RangeError(
      `split: ${held} of ${data.length} examples would be held out, which leaves none to train with. Take smaller shares.`,
    );
  }
  const order = orderBy(data, by, seed);
  const choose = by === 'tail' ? lastOf : spreadOver;
  const [train, rest] = choose(order, held);
  if (!validation) return { train: sorted(train), test: sorted(rest) };
  const parts = choose(rest, test);
  return { train: sorted(train), validation: sorted(parts[0]), test: sorted(parts[1]) };
}

/** The places of the two parts of each fold. */
export function foldIndices(
  data: Labelled,
  k: number,
  options: FoldOptions,
): { train: Indices; test: Indices }[] {
  checkKeys(options, ['by', 'seed'], 'kFold');
  const { by = 'random', seed = 0 } = options;
  checkName(by, ['random', 'stratified', 'blocks'] as const, 'by');
  checkInteger(k, 'k', 2, data.length);
  const order = orderBy(data, by, seed);
  // Dealt out one by one, neighbours in the order, such as those of a class, are in different folds.
  const foldOf = (place: number): number =>
    by === 'blocks' ? Math.floor((place * k) / data.length) : place % k;
  return Array.from({ length: k }, (_, fold) => ({
    train: sorted(order.filter((_example, place) => foldOf(place) !== fold)),
    test: sorted(order.filter((_example, place) => foldOf(place) === fold)),
  }));
}

/** The examples as they came, in random order, or in random order class by class. */
function orderBy(
  data: Labelled,
  by: 'random' | 'stratified' | 'tail' | 'blocks',
  seed: number,
): Indices {
  checkInteger(seed, 'seed', 0);
  const order = Uint32Array.from({ length: data.length }, (_, index) => index);
  if (by === 'tail' || by === 'blocks') return order;
  shuffle(order, seed % 2 ** 32, Math.floor(seed / 2 ** 32), STREAM_SPLIT, 0);
  if (by === 'random') return order;
  const groups = groupByClass(data);
  if (!groups) {
    throw new RangeError(
      "by: 'stratified' needs targets that are classes, but y has numbers that are not whole. Use by: 'random'.",
    );
  }
  return order.sort((a, b) => groups.of[a]! - groups.of[b]!);
}

/** How many examples a share of them is. */
function countOf(share: number, length: number, where: string): number {
  checkNumber(share, where, { low: 0, high: 1, above: true });
  const count = Math.round(share * length);
  if (count > 0) return count;
  throw new RangeError(`${where}: ${share} of ${length} examples is none. Take a larger share.`);
}

/** All but the last `count`, and the last `count`. */
function lastOf(order: Indices, count: number): [Indices, Indices] {
  const first = order.length - count;
  return [order.subarray(0, first), order.subarray(first)];
}

/**
 * Takes `count` evenly over the whole order: of any run of n neighbours, such as a class, n · count / length, rounded up or down.
 *
 * @returns those left and those taken
 */
function spreadOver(order: Indices, count: number): [Indices, Indices] {
  const takenBefore = (place: number): number => Math.floor((place * count) / order.length);
  const isTaken = (_example: number, place: number): boolean =>
    takenBefore(place + 1) > takenBefore(place);
  return [
    order.filter((example, place) => !isTaken(example, place)),
    order.filter((example, place) => isTaken(example, place)),
  ];
}

function sorted(indices: Indices): Indices {
  return indices.slice().sort();
}
