import { describe, expect, it } from 'vitest';
import { adam, dense, Network, type NetworkSpec } from '../../src/index.ts';
import { CORES } from '../reference/library.ts';
import { randomMatrix, randomSource } from '../reference/random.ts';
import { LEARNING_LAYERS, RECURRENT_LAYERS } from './layers.ts';

// In batches of many examples the weights of wide recurrent layers are copied into panels once for all steps. Nobody can tell by the bits.

const random = randomSource(2);
const LENGTHS = Array.from({ length: 19 }, (_, index) => 1 + (index % 3));
const x = LENGTHS.map((length) => randomMatrix(random, length, 2));
const y = LENGTHS.map((_, index) => index % 3);
const PANELS = / in panels, once for all steps/g;

const layers = { ...RECURRENT_LAYERS, ...LEARNING_LAYERS };
const cases = Object.entries(layers).flatMap(([name, layer]) =>
  // Around the widths from which on it repays, of whole panels and others, and beyond the height of a panel.
  [64, 67, 72, 261].map((units) => ({ name, layer, units })),
);

describe.each(CORES)('core %s', (core) => {
  it.each(cases.filter(({ units }) => core === 'simd' || units < 100))(
    '$name of $units units',
    async ({ name, layer, units }) => {
      const spec: NetworkSpec = {
        input: { features: 2 },
        layers: [layer(units, 'last'), dense(3, 'softmax')],
        loss: 'crossEntropy',
        seed: 1,
      };
      using network = new Network(spec, { core });
      const gates = name.startsWith('lstm') ? 4 : name.startsWith('gru') ? 3 : 1;
      const count = name.startsWith('gru before') ? 0 : Number(gates * units > 64) + Number(units > 64); // prettier-ignore
      const program = (batchSize: number, steps: number): number =>
        (network.program({ batchSize, steps }).match(PANELS) ?? []).length;
      expect(program(19, 3)).toBe(count);
      expect(program(16, 3)).toBe(0);
      expect(program(19, 1)).toBe(0);

      // Alone, an example is multiplied with the weights as they are; the derivatives of all are the sum of its own.
      const all = network.predict(x);
      const one = x.flatMap((rows) => [...network.predict([rows])]);
      expect([...all]).toEqual(one);
      const check = network.checkGradients(x, y, { samples: 2 });
      expect(check.ok, String(check)).toBe(true);
      const trace = network.trace(x, y);
      const { gradients } = network.gradients(x, y);
      const Wh = Object.keys(gradients).find((parameter) => parameter.endsWith('.Wh'))!;
      expect(trace.layers[0]!.parameters['Wh']!.gradient.values).toEqual(gradients[Wh]);

      const options = { epochs: 1, batchSize: 19, optimizer: adam(), warnings: false };
      using threaded = new Network(spec, { core });
      network.fitSync({ x, y }, options);
      threaded.fitSync({ x, y }, { ...options, threads: 2 });
      expect(threaded.hash()).toBe(network.hash());
      if (units < 100) {
        using twin = new Network(spec, { core: core === 'js' ? 'simd' : 'js' });
        twin.fitSync({ x, y }, options);
        expect(twin.hash()).toBe(network.hash());
      }
    },
  );
});
