import type { ActivationName } from '../../nn/activations.ts';
import { activate } from './activations.ts';

/**
 * zⱼ = Σₖ w_jk aₖ + bⱼ.
 *
 * @param W - [units, inputs], row-major
 * @param b - one number per unit; zeros when absent
 */
export function affine(input: readonly number[], W: Float64Array, b?: Float64Array): number[] {
  const inputs = input.length;
  return Array.from({ length: W.length / inputs }, (_, j) => {
    let sum = b?.[j] ?? 0;
    for (let k = 0; k < inputs; k++) sum += W[j * inputs + k]! * input[k]!;
    return sum;
  });
}

/** A dense layer on one row of features: a = f(z). */
export function denseLayer(
  input: readonly number[],
  W: Float64Array,
  b: Float64Array | undefined,
  activation: ActivationName,
): number[] {
  return activate(activation, affine(input, W, b));
}
