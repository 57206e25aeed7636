import { describe, expect, it } from 'vitest';
import { Network, adam, bidirectional, dense, embedding, gru, lstm, rnn } from '../../src/index.ts';
import type { NetworkSpec } from '../../src/index.ts';

// What every network can do, recurrent ones can do too.

const spec: NetworkSpec = {
  input: { vocabulary: 5 },
  layers: [
    embedding(5, 3),
    bidirectional(lstm(3, { returns: 'all' })),
    gru(3, { returns: 'all', reset: 'before' }),
    rnn(2, { returns: 'all', trainable: false }),
    dense(5, 'softmax'),
  ],
  loss: { name: 'crossEntropy', steps: 'sum' },
  seed: 3,
};
const x = [
  [0, 1, 2, 3],
  [4, 3],
  [2, 2, 1],
];

describe('a recurrent network', () => {
  it('is saved and loaded, to the last bit', () => {
    using network = new Network(spec);
    network.fitSync({ x, y: x }, { epochs: 3, batchSize: 2, optimizer: adam() });
    using loaded = Network.load(network.save());
    expect(loaded.hash()).toBe(network.hash());
    expect(loaded.predict(x)).toEqual(network.predict(x));
    using copied = Network.fromJSON(network.toJSON());
    expect(copied.hash()).toBe(network.hash());
  });

  it('leaves frozen layers alone, and trains those below', () => {
    using network = new Network(spec);
    const values = (): Float32Array[] => network.parameters.map(({ get }) => get());
    const before = values();
    network.trainBatch(x, x);
    const after = values();
    network.parameters.forEach(({ name }, i) => {
      const same = before[i]!.every((value, j) => value === after[i]![j]);
      expect(same, name).toBe(name.startsWith('layers.3.'));
    });
  });

  it('weights its sequences: one of weight 2 counts as two', () => {
    using weighted = new Network(spec);
    using repeated = new Network(spec);
    const sampleWeights = [1, 2, 1];
    const twice = [x[0]!, x[1]!, x[1]!, x[2]!];
    const one = weighted.gradients(x, x, { sampleWeights });
    const other = repeated.gradients(twice, twice);
    // Σ w C is divided by the number of examples given.
    expect(one.cost * 3).toBeCloseTo(other.cost * 4, 5);
    const [mine, theirs] = [one, other].map(({ gradients }) => gradients['layers.1.forward.Wh']!);
    mine!.forEach((value, i) => expect(value * 3).toBeCloseTo(theirs![i]! * 4, 5));
  });

  it('is penalised once per update, whatever the number of steps', () => {
    const mean: NetworkSpec = { ...spec, loss: 'crossEntropy' };
    for (const each of [spec, mean]) {
      using network = new Network(each);
      const squares = network.parameters
        .filter(({ name, shape }) => shape.length > 1 && !name.startsWith('layers.3.'))
        .flatMap(({ get }) => [...get()])
        .reduce((sum, value) => sum + value * value, 0);
      const plain = network.gradients(x, x);
      const penalised = network.gradients(x, x, { l2: 0.1 });
      expect(penalised.cost - plain.cost).toBeCloseTo(0.05 * squares, 4);
    }
  });

  it('lists its program and its layers in words', () => {
    using network = new Network(spec);
    const program = network.program({ batchSize: 4, steps: 6 });
    expect(program).toContain('for each of 6 steps: [i f g o] = σ, σ, tanh, σ');
    expect(program).toContain('δ of r, z, n');
    expect(network.summary()).toContain('bidirectional lstm 3, returns all');
    expect(network.summary()).toContain('forward.Wx [12, 3]');
  });

  it('normalises features by what is no padding', () => {
    const features: NetworkSpec = {
      input: { features: 1 },
      normalize: 'standard',
      layers: [rnn(2), dense(1)],
      loss: 'meanSquaredError',
      seed: 1,
    };
    using ragged = new Network(features);
    using padded = new Network(features);
    const rows = [[[1], [2], [3]], [[4]]];
    const more = rows.map((sequence) => [...sequence]);
    more[1] = [[4], [1e6], [1e6]];
    ragged.fitSync({ x: rows, y: [[0], [1]] }, { epochs: 2 });
    padded.fitSync({ x: more, y: [[0], [1]], lengths: [3, 1] }, { epochs: 2 });
    expect(padded.hash()).toBe(ragged.hash());
  });
});

describe('data of sequences', () => {
  const features: NetworkSpec = { input: { features: 2 }, layers: [rnn(2)], loss: 'squaredError' };
  const network = new Network(features);
  const whole = [
    [
      [1, 2],
      [3, 4],
    ],
  ];

  it.each([
    [
      'a flat array without steps',
      { x: new Float32Array(8) },
      /does not say where a sequence ends/,
    ],
    ['a step that is too wide', { x: [[[1, 2, 3]]] }, /x\[0\]\[0\]: expected 2 numbers, got 3/],
    [
      'rows where sequences belong',
      { x: [[1, 2]] },
      /x\[0\]\[0\]: expected the 2 features of a step/,
    ],
    ['a number that is not finite', { x: [[[1, NaN]]] }, /row 0, column 1 is NaN/],
    ['too many lengths', { x: whole, lengths: [2, 1] }, /expected one for each of the 1 sequences/],
    [
      'a length beyond the steps',
      { x: whole, lengths: [3] },
      /from 1 to 2, the steps given, got 3/,
    ],
    [
      'a state it does not have',
      { x: whole, initialState: { 'layers.1': { h: [[1]] } } },
      /no such state/,
    ],
    [
      'a state of another width',
      { x: whole, initialState: { 'layers.0': { h: [[1]] } } },
      /layers\.0/,
    ],
  ])('refuses %s', (_, inputs, message) => {
    expect(() => network.predict(inputs as never)).toThrow(message);
  });

  it('takes a flat array where the steps are known', () => {
    const layers = [rnn(3), dense(1)];
    const common = { layers, loss: 'squaredError', seed: 1 } as const;
    using flat = new Network({ input: { features: 2, steps: 2 }, ...common });
    using nested = new Network({ input: 2, ...common });
    expect(flat.predict(Float32Array.of(1, 2, 3, 4))).toEqual(nested.predict(whole));
    expect(() => flat.predict(new Float32Array(6))).toThrow(/whole sequences of 2 steps/);
  });

  it('refuses networks that make no sense', () => {
    const make = (rest: Partial<NetworkSpec>) => () => new Network({ ...features, ...rest });
    expect(make({ layers: [rnn(2), rnn(2)] })).toThrow(
      /layers\[1\]: a recurrent layer needs every step/,
    );
    expect(make({ layers: [embedding(2, 3), rnn(2)] })).toThrow(/an embedding takes tokens/);
    expect(make({ loss: { name: 'squaredError', steps: 'sum' } })).toThrow(/not one per step/);
    expect(make({ layers: [gru(2, { reset: 'never' as 'after' })] })).toThrow(/layers\[0\]\.reset/);
  });
});
