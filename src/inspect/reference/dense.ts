import type { ActivationName } from '../../nn/activations.ts';
import { activate } from './activations.ts';

/**
 * A dense layer on one example: zⱼ = Σₖ w_jk aₖ + bⱼ, a = f(z).
 *
 * @param W - [units, inputs], row-major
 */
export function denseLayer(
  input: readonly number[],
  W: Float64Array,
  b: Float64Array | undefined,
  activation: ActivationName,
): number[] {
  const inputs = input.length;
  const z = Array.from({ length: W.length / inputs }, (_, j) => {
    let sum = b?.[j] ?? 0;
    for (let k = 0; k < inputs; k++) sum += W[j * inputs + k]! * input[k]!;
    return sum;
  });
  return activate(activation, z);
}
