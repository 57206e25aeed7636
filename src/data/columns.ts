import { describe, suggestion } from '../errors.ts';
import {
  checkFeatures,
  featureName,
  type CategoricalFeature,
  type FeatureSpec,
} from '../nn/input.ts';
import type { DataRecord } from './encoding.ts';
import type { Targets } from './targets.ts';

/** What is what in objects with named columns. */
export interface RecordOptions<Column extends string = string> {
  /** Name of the target column, or names of several columns of numbers. */
  readonly target: Column | readonly Column[];
  /** Columns to use as features, in this order, with the categories of those that hold names where they are known; all others when absent. */
  readonly features?: readonly (Column | (string & {}) | CategoricalFeature)[];
  /** Names of the classes, in order; sorted by name when absent. */
  readonly classes?: readonly string[];
}

/** More categories than any useful one-hot column has: such a column is an identifier, a date, or numbers read as text. */
const MOST_CATEGORIES = 1000;

/** Whether features are objects with named columns. */
export function isRecords(x: unknown): x is readonly DataRecord[] {
  const first: unknown = Array.isArray(x) ? x[0] : undefined;
  return (
    typeof first === 'object' &&
    first !== null &&
    !Array.isArray(first) &&
    !ArrayBuffer.isView(first)
  );
}

/**
 * Finds out what each column holds: numbers and truth values, or names, whose categories are then listed in the order of their names.
 *
 * @param given - the columns to use; those with categories are taken as they are
 * @param targets - columns that are not features
 * @throws {TypeError | RangeError} for empty cells and for columns of mixed types, naming record and column
 */
export function inferFeatures(
  records: readonly DataRecord[],
  given: readonly FeatureSpec[] | undefined,
  targets: readonly string[],
  where: string,
): readonly FeatureSpec[] {
  if (given) checkFeatures(given, 'features');
  const features = given ?? Object.keys(records[0]!).filter((name) => !targets.includes(name));
  if (features.length === 0)
    throw new RangeError(`${where}: there is no column besides the target.`);
  const inferred = features.map((feature) => {
    const name = featureName(feature);
    if (targets.includes(name)) {
      throw new RangeError(`features: '${name}' is the target, so it cannot be a feature.`);
    }
    if (typeof feature !== 'string') return feature;
    const cells = readColumn(records, name, where);
    return typeof cells[0] === 'string' ? { name, categories: categoriesOf(cells, name) } : name;
  });
  if (!given) checkNoMoreColumns(records, where);
  return inferred;
}

/** Where all columns are used, none may be left out because the first record does not have it. */
function checkNoMoreColumns(records: readonly DataRecord[], where: string): void {
  const first = records[0]!;
  for (const [row, record] of records.entries()) {
    const key = Object.keys(record).find((name) => !(name in first));
    if (key === undefined) continue;
    throw new RangeError(
      `${where}[${row}]: column '${key}' is not in the first record.${suggestion(key, Object.keys(first))} ` +
        'Give all records the same columns, or name those to use with features: [ … ].',
    );
  }
}

/** The target column, or rows of several. */
export function targetColumns(
  records: unknown,
  target: string | readonly string[],
): Exclude<Targets, readonly DataRecord[]> {
  if (!isRecords(records)) {
    throw new TypeError(`records: expected an array of objects, got ${describe(records)}.`);
  }
  if (typeof target === 'string') {
    const cells = readColumn(records, target, 'records');
    return typeof cells[0] === 'string' ? (cells as string[]) : cells.map(Number);
  }
  if (!Array.isArray(target) || target.length === 0) {
    throw new TypeError(`target: expected the name of a column, got ${describe(target)}.`);
  }
  const columns = target.map((name) => {
    const cells = readColumn(records, name, 'records');
    if (typeof cells[0] !== 'string') return cells.map(Number);
    throw new TypeError(
      `target: column '${name}' holds names; several targets have to be numbers. Use it alone for classes.`,
    );
  });
  return records.map((_, row) => columns.map((cells) => cells[row]!));
}

/** The cells of a column, all numbers and truth values or all strings. */
function readColumn(
  records: readonly DataRecord[],
  name: string,
  where: string,
): readonly (number | boolean | string)[] {
  const named = typeof records[0]![name] === 'string';
  return records.map((record, row) => {
    const path = `${where}[${row}]: column '${name}'`;
    if (typeof record !== 'object' || record === null || !(name in record)) {
      const known = Object.keys(record ?? {});
      throw new RangeError(`${path} is missing.${suggestion(String(name), known)}`);
    }
    const cell = record[name];
    if (cell === undefined || cell === null || cell === '') {
      throw new RangeError(`${path} is empty. Fill it in, or leave the record or the column out.`);
    }
    const fits = named ? typeof cell === 'string' : ['number', 'boolean'].includes(typeof cell);
    if (fits) return cell as number | boolean | string;
    throw new TypeError(
      `${path}: expected ${named ? 'a string' : 'a number'} as in the first record, got ${describe(cell)}. ` +
        'A column is either numbers or names.',
    );
  });
}

function categoriesOf(cells: readonly unknown[], name: string): string[] {
  const categories = [...new Set(cells as readonly string[])].sort();
  if (categories.length <= MOST_CATEGORIES) return categories;
  throw new RangeError(
    `column '${name}' holds ${categories.length} different names among ${cells.length} records. ` +
      'Leave it out with features: [ … ]; if the names are numbers in quotes, convert them with Number.',
  );
}
