import { describe, suggestion } from '../errors.ts';
import { type FlatValues, isRow, readFeatures } from './features.ts';

/** Targets as one flat array, with the names of the classes where they stand for classes. */
interface ClassTargets {
  readonly values: FlatValues;
  readonly classes: readonly string[] | undefined;
}

/** What grouping examples by target needs to know of a data set. */
export interface Labelled {
  readonly length: number;
  readonly y: FlatValues;
  readonly classes: readonly string[] | undefined;
}

/** The examples of each class: the class of every example, and the names of the classes. */
export interface Groups {
  readonly of: Uint32Array;
  readonly names: readonly string[];
}

/**
 * Reads targets without a network to tell what they should be.
 *
 * @param classes - names that whole numbers stand for, or the order of names; sorted by name when absent
 * @throws {TypeError | RangeError} for names that are not among `classes`, and numbers that stand for none of them or are not finite
 */
export function readClassTargets(
  y: unknown,
  classes: readonly string[] | undefined,
  where: string,
): ClassTargets {
  if (Array.isArray(y) && typeof y[0] === 'string') return readNames(y, classes, where);
  const first: unknown = Array.isArray(y) ? y[0] : undefined;
  const width = isRow(first) ? first.length : 1;
  const { values } = readFeatures(y, Math.max(width, 1), undefined, where);
  if (classes) checkIndices(values, classes, where);
  return { values, classes };
}

function readNames(
  y: readonly unknown[],
  given: readonly string[] | undefined,
  where: string,
): ClassTargets {
  for (const [row, name] of y.entries()) {
    if (typeof name === 'string' && name !== '') continue;
    throw new TypeError(`${where}[${row}]: expected the name of a class, got ${describe(name)}.`);
  }
  const classes = given ?? [...new Set(y as readonly string[])].sort();
  const indexOf = new Map(classes.map((name, index) => [name, index]));
  const values = Uint32Array.from(y as readonly string[], (name, row) => {
    const index = indexOf.get(name);
    if (index !== undefined) return index;
    throw new RangeError(
      `${where}[${row}]: no class is called '${name}'.${suggestion(name, classes)} Known classes: ${classes.join(', ')}.`,
    );
  });
  return { values, classes };
}

function checkIndices(values: FlatValues, classes: readonly string[], where: string): void {
  for (const [row, value] of values.entries()) {
    if (Number.isInteger(value) && value >= 0 && value < classes.length) continue;
    throw new RangeError(
      `${where}[${row}]: expected the index of one of the ${classes.length} classes, got ${value}.`,
    );
  }
}

/** Groups examples by class, or by whole-number targets; undefined when targets are other numbers. */
export function groupByClass({ length, y, classes }: Labelled): Groups | undefined {
  if (classes) return { of: Uint32Array.from(y), names: classes };
  if (!y.every(Number.isInteger)) return undefined;
  const width = y.length / length;
  const keys = Array.from({ length }, (_, row) => y.slice(row * width, (row + 1) * width).join());
  const names = [...new Set(keys)].sort();
  const indexOf = new Map(names.map((name, index) => [name, index]));
  return { of: Uint32Array.from(keys, (key) => indexOf.get(key)!), names };
}

/** Whole numbers with more different values, or fewer examples of each, are taken for quantities rather than classes. */
const MOST_UNNAMED_CLASSES = 100;
const EXAMPLES_PER_UNNAMED_CLASS = 3;

/**
 * A warning for each class that has examples in the data, but none among those at `train`.
 *
 * @param where - what was split: `split`
 */
export function missingClasses(data: Labelled, train: Uint32Array, where: string): string[] {
  const groups = groupByClass(data);
  if (!groups) return [];
  const { of, names } = groups;
  const few = names.length * EXAMPLES_PER_UNNAMED_CLASS <= data.length;
  if (!data.classes && (names.length > MOST_UNNAMED_CLASSES || !few)) return [];
  const total = new Uint32Array(names.length);
  for (const group of of) total[group]!++;
  const present = new Set(Array.from(train, (row) => of[row]));
  return names
    .map((name, group) => ({ name, group }))
    .filter(({ group }) => total[group]! > 0 && !present.has(group))
    .map(
      ({ name, group }) =>
        `${where}: class '${name}' has no example in train, all ${total[group]} are held out, so the network cannot learn it. ` +
        "Use by: 'stratified', or a smaller share for testing.",
    );
}
