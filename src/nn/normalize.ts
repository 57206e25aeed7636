import { checkKeys, checkName, checkNumber } from '../checks.ts';
import { Normalization } from '../plan/normalization.ts';

/** Normalisations that are learned from training data. */
export type FittedNormalization = 'standard' | 'minmax';

/**
 * What happens to features before the first layer; part of the model, so that `predict` takes what `fit` took.
 *
 * - `'standard'`: mean 0 and standard deviation 1, column by column, as measured on the training data of the first `fit`
 * - `'minmax'`: from 0 to 1, likewise
 * - `{ scale }`: every feature times `scale`, rounded to f32: `1 / 255` for images whose pixels are bytes
 */
export type NormalizeSpec = FittedNormalization | { readonly scale: number };

/** Makes the normalisation of a network with so many feature columns. */
export function createNormalization(
  spec: NormalizeSpec | undefined,
  columns: number,
): Normalization | undefined {
  if (spec === undefined) return undefined;
  if (typeof spec !== 'object') {
    return new Normalization(
      columns,
      checkName(spec, ['standard', 'minmax'] as const, 'normalize'),
    );
  }
  checkKeys(spec, ['scale'], 'normalize');
  const scale = Math.fround(checkNumber(spec.scale, 'normalize.scale', { low: 0, above: true }));
  if (scale === 0 || scale === Infinity) {
    throw new RangeError(
      `normalize.scale: expected a number that 32-bit floats can hold, got ${spec.scale}.`,
    );
  }
  return new Normalization(columns, scale);
}
