import { describe, suggestion } from '../errors.ts';
import { columnNames, featureName, type FeatureSpec } from '../nn/input.ts';

/** One example as an object with named columns. */
export type DataRecord = Readonly<Record<string, unknown>>;

/** Makes what reads objects with these features. */
export function createEncoding(features: readonly FeatureSpec[]): Encoding {
  return new Encoding(features);
}

/** Turns objects with named columns into rows of numbers, and back into words for error messages. */
export class Encoding {
  readonly features: readonly FeatureSpec[];
  /** One name per column of numbers. */
  readonly columnNames: readonly string[];
  /** Per feature: which column, counted from the first of the feature, a category sets to 1; undefined for numbers. */
  readonly #categories: readonly (ReadonlyMap<string, number> | undefined)[];

  constructor(features: readonly FeatureSpec[]) {
    this.features = features;
    this.columnNames = columnNames(features);
    this.#categories = features.map((feature) =>
      typeof feature === 'string'
        ? undefined
        : new Map(feature.categories.map((category, index) => [category, index])),
    );
  }

  /**
   * Writes one object as a row of numbers.
   *
   * @param values - gets the numbers from `offset` on
   * @param where - path of the object: `x[3]`
   * @throws {TypeError | RangeError} for a missing column, a cell that is no number, or a category that is not known
   */
  write(record: DataRecord, values: Float32Array, offset: number, where: string): void {
    for (const [index, feature] of this.features.entries()) {
      const name = featureName(feature);
      if (!(name in record)) {
        throw new RangeError(
          `${where}: column '${name}' is missing.${suggestion(name, Object.keys(record))}`,
        );
      }
      const categories = this.#categories[index];
      const path = `${where}: column '${name}'`;
      if (categories) values[offset + position(categories, record[name], path)] = 1;
      else values[offset] = numberCell(record[name], path);
      offset += categories?.size ?? 1;
    }
  }
}

function position(categories: ReadonlyMap<string, number>, cell: unknown, where: string): number {
  const found = typeof cell === 'string' ? categories.get(cell) : undefined;
  if (found !== undefined) return found;
  const known = [...categories.keys()];
  const shown = known.slice(0, 12).map((category) => `'${category}'`);
  const more = known.length > shown.length ? `, … (${known.length} in all)` : '';
  const expected = `expected one of ${shown.join(', ')}${more}, got ${describe(cell)}.`;
  if (typeof cell !== 'string') throw new TypeError(`${where}: ${expected}`);
  throw new RangeError(
    `${where}: ${expected}${suggestion(cell, known)} The network has learned nothing about other values; ` +
      'leave the row out, or train with data that have it.',
  );
}

/** A number, or a truth value as 1 or 0. */
function numberCell(cell: unknown, where: string): number {
  if (typeof cell === 'number') return cell;
  if (typeof cell === 'boolean') return cell ? 1 : 0;
  const hint =
    typeof cell === 'string'
      ? ` For a column of names, give the feature as { name, categories: [${JSON.stringify(cell)}, …] }.`
      : '';
  throw new TypeError(`${where}: expected a number, got ${describe(cell)}.${hint}`);
}
