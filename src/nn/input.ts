import { checkInteger, checkKeys } from '../checks.ts';
import { describe } from '../errors.ts';

/** A feature whose values are names; it becomes one column per category, 1 for the one that applies and 0 elsewhere (one-hot). */
export interface CategoricalFeature {
  /** Name of the column in the data. */
  readonly name: string;
  /** Its values, in the order of the columns made of them. */
  readonly categories: readonly string[];
}

/** A feature of data that are objects with named columns: the name of a column of numbers, or a column of names and its values. */
export type FeatureSpec = string | CategoricalFeature;

/** What a network is given. */
export interface InputSpec {
  /** Number of features, or their names when the data are objects with named columns. */
  readonly features: number | readonly FeatureSpec[];
  /** Of sequences: steps of each, where all have as many, or at most as many. Needed for data in one flat array. */
  readonly steps?: number;
}

/** Sequences of tokens: whole numbers below `vocabulary`, which the first layer takes as one-hot rows. */
export interface TokenSpec {
  /** Number of different tokens. */
  readonly vocabulary: number;
  /** As for features. */
  readonly steps?: number;
}

/** A checked input: how many feature columns the first layer sees, and what they are made of where that is known. */
export interface ResolvedInput {
  readonly columns: number;
  readonly features?: readonly FeatureSpec[];
  readonly tokens: boolean;
  readonly steps: number | undefined;
}

/** Checks the input of a specification. */
export function resolveInput(input: number | InputSpec | TokenSpec): ResolvedInput {
  if (typeof input !== 'object') {
    return { columns: checkInteger(input, 'input', 1), tokens: false, steps: undefined };
  }
  const tokens = 'vocabulary' in input;
  checkKeys(input, [tokens ? 'vocabulary' : 'features', 'steps'], 'input');
  const steps = input.steps === undefined ? undefined : checkInteger(input.steps, 'input.steps', 1);
  if ('vocabulary' in input) {
    return { columns: checkInteger(input.vocabulary, 'input.vocabulary', 1), tokens, steps };
  }
  const { features } = input;
  if (typeof features === 'number' || !Array.isArray(features)) {
    return { columns: checkInteger(features, 'input.features', 1), tokens, steps };
  }
  checkFeatures(features, 'input.features');
  return { columns: columnNames(features).length, features, tokens, steps };
}

/** Checks a list of features. */
export function checkFeatures(features: readonly FeatureSpec[], where: string): void {
  if (!Array.isArray(features)) {
    throw new TypeError(`${where}: expected an array of names, got ${describe(features)}.`);
  }
  for (const [index, feature] of features.entries()) {
    if (typeof feature !== 'object' || feature === null) continue;
    checkKeys(feature, ['name', 'categories'], `${where}[${index}]`);
    checkNames(feature.categories, `${where}[${index}].categories`);
  }
  checkNames(features.map(featureName), where);
}

/** Name of the column of the data that a feature comes from. */
export function featureName(feature: FeatureSpec): string {
  return typeof feature === 'string' ? feature : feature?.name;
}

/** One name per column that the first layer sees: `petalWidth`, `colour = red`. */
export function columnNames(features: readonly FeatureSpec[]): string[] {
  return features.flatMap((feature) =>
    typeof feature === 'string'
      ? [feature]
      : feature.categories.map((category) => `${feature.name} = ${category}`),
  );
}

/** Checks that names are distinct strings. */
export function checkNames(names: readonly unknown[], where: string): void {
  if (!Array.isArray(names)) {
    throw new TypeError(`${where}: expected an array of names, got ${describe(names)}.`);
  }
  if (names.length === 0) throw new RangeError(`${where}: expected at least one name, got none.`);
  const seen = new Set<unknown>();
  for (const [index, name] of names.entries()) {
    if (typeof name !== 'string') {
      throw new TypeError(`${where}[${index}]: expected a string, got ${describe(name)}.`);
    }
    if (seen.has(name)) {
      throw new RangeError(`${where}[${index}]: expected distinct names, got '${name}' twice.`);
    }
    seen.add(name);
  }
}
