import { describe, expect, it } from 'vitest';
import { expectClose } from './reference/compare.ts';
import { CORES, networkOf } from './reference/library.ts';
import { activationName, readOracle } from './reference/oracle.ts';
import type { OracleNumerics } from './reference/oracle.ts';

// Arguments up to ±1000 (softmax: 10000) against 60-digit arithmetic, through whole networks of one layer with unit weights.
// Nothing may become NaN or infinite; expectClose refuses both, as no difference to them is below a limit.

const numerics = readOracle<OracleNumerics>('numerics.json');

/**
 * Absolute near zero, relative above one: 5e-7 is four units in the last place of single precision,
 * what functions of a few rounded operations may lose.
 */
const valueLimit = (truth: number): number => 5e-7 * Math.max(1, Math.abs(truth));

/** Derivatives are products of rounded functions. */
const derivativeLimit = (truth: number): number => 1e-6 * Math.max(1, Math.abs(truth));

/** One neuron per input, z = x: the weights are the identity. */
function identityLayer(
  size: number,
  activation: string,
): { W: number[][]; b: number[]; activation: string } {
  const indices = Array.from({ length: size }, (_, j) => j);
  const W = indices.map((j) => indices.map((k) => Number(j === k)));
  return { W, b: indices.map(() => 0), activation };
}

describe.each(CORES)('core %s', (core) => {
  it.each(Object.entries(numerics.activations))('%s', (name, { f, df }) => {
    const layers = [identityLayer(1, activationName(name))];
    // The target is far below every output: the absolute error's derivative is 1, so dC/db = f'(z).
    const network = networkOf({ layers, loss: 'meanAbsoluteError' }, core);
    const values = network.predict(numerics.z.map((z) => [z]));
    numerics.z.forEach((z, i) => {
      expectClose([values[i]!], [f[i]!], valueLimit(f[i]!), `f(${z})`);
      const { gradients } = network.gradients([[z]], [[-1e6]]);
      const derivative = gradients['layers.0.b']!;
      expectClose(derivative, [df[i]!], derivativeLimit(df[i]!), `f'(${z})`);
    });
    network.dispose();
  });

  it('softmax with cross-entropy', () => {
    expect(numerics.softmax_cross_entropy.length).toBeGreaterThan(0);
    for (const { z, class: right, softmax, cost, dz } of numerics.softmax_cross_entropy) {
      const layers = [identityLayer(z.length, 'softmax')];
      const network = networkOf({ layers, loss: 'crossEntropy' }, core);
      expectClose(network.predict([z]), softmax, 5e-7, `softmax(${z})`);
      const result = network.gradients([z], [right]);
      expectClose([result.cost], [cost], valueLimit(cost), `cost of ${z}`);
      expectClose(result.gradients['layers.0.b']!, dz, 1e-6, `dz of ${z}`);
      network.dispose();
    }
  });

  it('sigmoid with binary cross-entropy', () => {
    expect(numerics.binary_cross_entropy.length).toBeGreaterThan(0);
    const network = networkOf(
      { layers: [identityLayer(1, 'sigmoid')], loss: 'binaryCrossEntropy' },
      core,
    );
    for (const { z, y, cost, dz } of numerics.binary_cross_entropy) {
      const result = network.gradients([[z]], [[y]]);
      expectClose([result.cost], [cost], valueLimit(cost), `cost of z = ${z}, y = ${y}`);
      expectClose(result.gradients['layers.0.b']!, [dz], 5e-7, `dz of z = ${z}, y = ${y}`);
    }
    network.dispose();
  });
});
