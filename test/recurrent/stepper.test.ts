import { describe, expect, it } from 'vitest';
import { Network, bidirectional, dense, embedding, gru, lstm, rnn } from '../../src/index.ts';
import type { NetworkSpec } from '../../src/index.ts';
import { draw } from '../../src/sequence/generate.ts';
import { CORES } from '../reference/library.ts';
import { randomMatrix, randomSource } from '../reference/random.ts';
import { LEARNING_LAYERS, RECURRENT_LAYERS } from './layers.ts';

// One step at a time is the whole sequence, to the last bit.

const STEPS = 6;
const EXAMPLES = 3;

const random = randomSource(3);
const x = Array.from({ length: EXAMPLES }, () => randomMatrix(random, STEPS, 2));
const tokens = Array.from({ length: EXAMPLES }, () =>
  Array.from({ length: STEPS }, () => Math.floor(random() * 5)),
);

const step = (t: number): number[][] => x.map((rows) => rows[t]!);

function createNetwork(
  core: (typeof CORES)[number],
  layer: (typeof RECURRENT_LAYERS)[string],
  returns: 'all' | 'last',
): Network {
  const layers = [layer!(5, 'all'), layer!(3, returns), dense(2, 'tanh')];
  const spec: NetworkSpec = { input: { features: 2 }, layers, loss: 'meanSquaredError', seed: 4 };
  return new Network(spec, { core });
}

describe.each(CORES)('core %s', (core) => {
  describe.each(Object.entries({ ...RECURRENT_LAYERS, ...LEARNING_LAYERS }))('%s', (_, layer) => {
    const create = (returns: 'all' | 'last'): Network => createNetwork(core, layer, returns);

    it('gives what predict gives for every step', () => {
      using network = create('all');
      const whole = network.predict(x);
      using stepper = network.stepper({ examples: EXAMPLES });
      for (let round = 0; round < 2; round++, stepper.reset()) {
        for (let t = 0; t < STEPS; t++) {
          const outputs = [...stepper.step(step(t))];
          const truth = x.flatMap((_rows, i) => {
            const at = (i * STEPS + t) * 2;
            return Array.from(whole.slice(at, at + 2));
          });
          expect(outputs).toEqual(truth);
        }
      }
    });

    it('gives what predict gives for the sequence so far, where the last state is read', () => {
      using network = create('last');
      using stepper = network.stepper();
      x[0]!.forEach((row, t) => {
        expect(stepper.step(row)).toEqual(network.predict([x[0]!.slice(0, t + 1)]));
      });
    });

    it('continues from a state that was read', () => {
      using network = create('all');
      using stepper = network.stepper();
      using other = network.stepper();
      for (const row of x[0]!.slice(0, 3)) stepper.step(row);
      expect(Object.keys(stepper.state)).toEqual(['layers.0', 'layers.1']);
      other.state = stepper.state;
      for (const row of x[0]!.slice(3)) expect(other.step(row)).toEqual(stepper.step(row));
    });
  });

  it.each(Object.entries(RECURRENT_LAYERS))(
    'starts where predict is told to start: %s',
    (_, layer) => {
      using network = createNetwork(core, layer, 'all');
      const h = randomMatrix(random, 1, 5);
      using stepper = network.stepper();
      stepper.state = { 'layers.0': { h } };
      const initialState = { 'layers.0': { h } };
      const whole = network.predict({ x: [x[0]!], initialState });
      const stepped = x[0]!.flatMap((row) => [...stepper.step(row)]);
      expect(stepped).toEqual([...whole]);
    },
  );

  it.each([
    ['a recurrent layer', [rnn(4, { returns: 'all' })]],
    ['an embedding', [embedding(5, 3), lstm(4, { returns: 'all' })]],
  ] as [string, NetworkSpec['layers']][])('takes tokens into %s', (_, layers) => {
    using network = new Network(
      {
        input: { vocabulary: 5 },
        layers: [...layers, dense(5, 'softmax')],
        loss: 'crossEntropy',
        seed: 1,
      },
      { core },
    );
    using stepper = network.stepper({ examples: EXAMPLES });
    const whole = network.predict(tokens);
    const stepped = Array.from({ length: STEPS }, (_step, t) =>
      stepper.step(tokens.map((row) => row[t]!)),
    );
    const inOrder = tokens.flatMap((_row, i) =>
      stepped.flatMap((outputs) => Array.from(outputs.slice(i * 5, i * 5 + 5))),
    );
    expect(inOrder).toEqual([...whole]);
  });
});

describe('generate', () => {
  const spec: NetworkSpec = {
    input: { vocabulary: 4 },
    layers: [gru(8, { returns: 'all' }), dense(4, 'softmax')],
    loss: 'crossEntropy',
    seed: 2,
  };
  const cycle = Array.from({ length: 24 }, (_, i) => i % 4);
  const trained = (core: 'js' | 'simd'): Network => {
    const network = new Network(spec, { core });
    const data = { x: [cycle.slice(0, -1)], y: [cycle.slice(1)] };
    network.fitSync(data, { epochs: 60, batchSize: 1 });
    return network;
  };

  it.each(CORES)('goes on with what was learned, core %s', (core) => {
    using network = trained(core);
    network.fitSync(
      { x: [cycle.slice(0, -1)], y: [cycle.slice(1)] },
      { epochs: 300, batchSize: 1 },
    );
    expect(network.generate([0, 1], { length: 6, temperature: 0 })).toEqual([2, 3, 0, 1, 2, 3]);
  });

  it('draws the same tokens for the same seed, on both cores, and others for another', () => {
    using js = trained('js');
    using simd = trained('simd');
    const options = { length: 40, temperature: 1.5, seed: 9 };
    const tokens = js.generate([0], options);
    expect(simd.generate([0], options)).toEqual(tokens);
    expect(js.generate([0], options)).toEqual(tokens);
    expect(js.generate([0], { ...options, seed: 10 })).not.toEqual(tokens);
    expect(js.generate([0], { length: 40, temperature: 1.5 })).toEqual(
      js.generate([0], { length: 40, temperature: 1.5, seed: 2 }),
    );
  });

  it('takes the prompt from any array of numbers', () => {
    using network = trained('simd');
    const options = { length: 10, seed: 1 };
    const tokens = network.generate([0, 1, 2], options);
    for (const prompt of [Uint8Array.of(0, 1, 2), Float64Array.of(0, 1, 2)]) {
      expect(network.generate(prompt, options)).toEqual(tokens);
    }
    const refused = (prompt: unknown): (() => unknown) => () => network.generate(prompt as never, options); // prettier-ignore
    expect(refused(new Uint8Array())).toThrow(/^prompt: expected an array of .* got none\./);
    expect(refused(new DataView(new ArrayBuffer(4)))).toThrow(/^prompt: expected an array/);
    expect(refused({ length: 1 })).toThrow(/^prompt: expected an array/);
    expect(refused(Uint8Array.of(7))).toThrow(/expected a token from 0 to 3, got 7/);
  });

  it('leaves nothing in memory', () => {
    using network = trained('simd');
    network.generate([0], { length: 3 });
    const before = network.summary();
    for (let i = 0; i < 50; i++) network.generate([0], { length: 3 });
    expect(network.summary()).toBe(before);
  });
});

describe('drawing a token', () => {
  const probabilities = [0.1, 0.6, 0.3];
  const at = (chance: number, temperature = 1, topK = 3): number =>
    draw(probabilities, chance, { temperature, topK });

  it('divides the range by the probabilities, the likeliest first', () => {
    expect([0, 0.59, 0.61, 0.89, 0.91, 0.999].map((chance) => at(chance))).toEqual([
      1, 1, 2, 2, 0, 0,
    ]);
  });

  it('takes the likeliest at temperature 0, and only the likeliest with topK', () => {
    expect([0, 0.5, 0.999].map((chance) => at(chance, 0))).toEqual([1, 1, 1]);
    expect([0, 0.66, 0.67, 0.999].map((chance) => at(chance, 1, 2))).toEqual([1, 1, 2, 2]);
  });

  it('squares probabilities at temperature ½', () => {
    const total = 0.01 + 0.36 + 0.09;
    expect(at(0.359 / total, 0.5)).toBe(1);
    expect(at(0.361 / total, 0.5)).toBe(2);
    expect(at(0.451 / total, 0.5)).toBe(0);
  });

  it('never draws what is impossible', () => {
    expect(draw([0, 1, 0], 0.9999999, { temperature: 5, topK: 3 })).toBe(1);
  });
});

describe('what cannot be', () => {
  const features: NetworkSpec = { input: 1, layers: [rnn(2), dense(1)], loss: 'meanSquaredError' };

  it('refuses networks without time, and layers that read from the end', () => {
    using plain = new Network({ input: 1, layers: [dense(1)], loss: 'meanSquaredError' });
    expect(() => plain.stepper()).toThrow(/stepper: this network has no time axis/);
    using both = new Network({ ...features, layers: [bidirectional(rnn(2)), dense(1)] });
    expect(() => both.stepper()).toThrow(/layers\[0\] reads sequences from their end/);
  });

  it('refuses other sizes, other states, and steps after dispose', () => {
    using network = new Network(features);
    const stepper = network.stepper();
    expect(() => stepper.step([1, 2])).toThrow(/expected a row for each of 1 examples, got 2/);
    expect(() => {
      stepper.state = { 'layers.0': { c: [[1, 2]] } };
    }).toThrow(/no such state. It has: layers.0.h/);
    stepper.dispose();
    expect(() => stepper.step([1])).toThrow(/this stepper was disposed/);
    expect(() => network.generate([1], { length: 1 })).toThrow(/does not predict tokens/);
  });
});
