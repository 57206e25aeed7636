import type { Matrix } from '../data/features.ts';
import type { InputRows } from '../data/reader.ts';
import { validRows } from '../data/sequences.ts';
import { checkNormalizer, fitNormalizer } from '../data/normalizer.ts';
import type { Engine } from '../engine.ts';
import type { Normalizer } from '../plan/normalization.ts';

/**
 * Settles how a run normalises features: as the checkpoint says that it goes on from; otherwise the first training run decides, on its
 * training data alone, and later runs keep what it decided, because the weights were learned on features of that scale.
 *
 * @param resumed - the numbers of a checkpoint
 * @param x - training features; undefined when they are not known beforehand
 * @returns puts back what was there, for a run that cannot begin
 * @throws {NetworkError} `NOT_FITTED` when nobody knows
 */
export function settle(
  engine: Engine,
  resumed: Normalizer | undefined,
  x: InputRows | undefined,
): () => void {
  const { normalization } = engine.model;
  if (!normalization) return () => {};
  const before = normalization.normalizer;
  if (resumed) normalization.normalizer = resumed;
  else if (x && normalization.learned) {
    normalization.normalizer ??= fitNormalizer(normalization.learned, validRows(x));
  }
  normalization.checkFitted();
  return () => {
    normalization.normalizer = before;
  };
}

/**
 * Learns how to normalise features, whatever was known before.
 *
 * @throws {RangeError} for a network without a normalisation that is learned
 */
export function learnAnew(engine: Engine, x: Matrix): void {
  const { normalization } = engine.model;
  if (!normalization?.learned) {
    throw new RangeError(
      'fitNormalizer: this network has no normalisation to learn. ' +
        "Make it with normalize: 'standard' or 'minmax'.",
    );
  }
  normalization.normalizer = fitNormalizer(normalization.learned, x);
}

/**
 * Sets how features are normalised, as {@link checkNormalizer} allows.
 *
 * @throws {RangeError} also for a network that does not normalise
 */
export function setNormalizer(engine: Engine, value: Normalizer): void {
  const { normalization, inputs } = engine.model;
  if (!normalization) {
    throw new RangeError(
      "normalizer: this network does not normalise. Make it with normalize: 'standard', 'minmax' or { scale }.",
    );
  }
  normalization.normalizer = checkNormalizer(value, inputs);
}
