import type { Matrix } from '../data/features.ts';
import { checkNormalizer, fitNormalizer } from '../data/normalizer.ts';
import type { Engine } from '../engine.ts';
import type { Normalizer } from '../plan/normalization.ts';

/**
 * Learns how to normalise features, where the network does and does not know it yet: the first training run decides, on its training
 * data alone, and later runs keep what it decided, because the weights were learned on features of that scale.
 *
 * @returns forgets it again, for a run that cannot begin
 */
export function learnOnce(engine: Engine, x: Matrix): () => void {
  const { normalization } = engine.model;
  if (!normalization?.learned || normalization.normalizer) return () => {};
  normalization.normalizer = fitNormalizer(normalization.learned, x);
  return () => {
    normalization.normalizer = undefined;
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
