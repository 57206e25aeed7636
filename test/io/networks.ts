import fc from 'fast-check';
import { dense, dropout, type LayerSpec, type NetworkSpec } from '../../src/index.ts';

const activation = fc.constantFrom('tanh', 'relu', 'sigmoid', 'linear', 'gelu') as fc.Arbitrary<
  'tanh' | 'relu' | 'sigmoid' | 'linear' | 'gelu'
>;
const seed = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const hidden: fc.Arbitrary<LayerSpec> = fc
  .tuple(fc.integer({ min: 1, max: 9 }), activation, fc.boolean())
  .map(([units, name, bias]) => dense(units, name, { bias, trainable: units % 3 > 0 }));

/** Layers with a dropout layer below the last one, where there are several. */
const dropped = (layers: LayerSpec[]): LayerSpec[] =>
  layers.length > 1 ? layers.toSpliced(-1, 0, dropout(0.25)) : layers;

/** Small networks: a few layers of any sizes, with and without names, starting values and biases. */
export const networkSpecs: fc.Arbitrary<NetworkSpec> = fc.oneof(
  fc
    .tuple(fc.integer({ min: 1, max: 7 }), fc.array(hidden, { minLength: 1, maxLength: 3 }), seed)
    .map(([input, layers, seed]) => ({
      input,
      layers: dropped(layers),
      loss: 'meanSquaredError' as const,
      seed,
    })),
  fc
    .tuple(fc.uniqueArray(fc.string({ unit: 'grapheme' }), { minLength: 2, maxLength: 5 }), seed)
    .map(([names, seed]) => ({
      input: { features: names },
      layers: [
        dense(2, 'tanh', {
          init: { W: new Float64Array(2 * names.length).fill(0.1), b: [0, -0.5] },
        }),
        dense(names.length, 'softmax', { init: 'nielsen' }),
      ],
      loss: 'crossEntropy' as const,
      classes: names,
      seed,
    })),
);
