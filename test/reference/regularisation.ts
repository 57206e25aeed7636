import type { ReferenceNetwork } from './network.ts';
import { flatten } from './network.ts';

/** The penalties and the clipping in double precision, on all parameters in the order of `flatten`. */

export interface Penalty {
  l1?: number;
  l2?: number;
  biases?: boolean;
}

/** Whether each parameter of a network is under a penalty: the weights, and the biases if asked. */
function penalised({ layers }: ReferenceNetwork, biases = false): boolean[] {
  return layers.flatMap(({ W, b }) => [
    ...W.flat().map(() => true),
    ...(b ?? []).map(() => biases),
  ]);
}

/** R = ½ l₂ Σ p² + l₁ Σ |p|. */
export function penaltyCost(
  network: ReferenceNetwork,
  { l1 = 0, l2 = 0, biases }: Penalty,
): number {
  const mask = penalised(network, biases);
  return flatten(network.layers).reduce(
    (sum, p, i) => sum + (mask[i] ? 0.5 * l2 * p * p + l1 * Math.abs(p) : 0),
    0,
  );
}

/** ∂R/∂p = l₂ p + l₁ sign p. */
export function penaltyGradient(
  network: ReferenceNetwork,
  { l1 = 0, l2 = 0, biases }: Penalty,
): number[] {
  const mask = penalised(network, biases);
  return flatten(network.layers).map((p, i) => (mask[i] ? l2 * p + l1 * Math.sign(p) : 0));
}

/** The length of a vector. */
export const norm = (g: number[]): number => Math.sqrt(g.reduce((sum, gi) => sum + gi * gi, 0));

/** Each derivative within ± value, then the whole gradient no longer than norm. */
export function clip(g: number[], limits: { value?: number; norm?: number }): number[] {
  const { value = Infinity, norm: length = Infinity } = limits;
  const clamped = g.map((gi) => Math.max(-value, Math.min(value, gi)));
  const factor = Math.min(1, length / norm(clamped));
  return clamped.map((gi) => (Number.isFinite(factor) ? factor * gi : gi));
}
