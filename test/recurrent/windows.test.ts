import { describe, expect, it } from 'vitest';
import { dense, gru, lstm, Network, rnn, sgd } from '../../src/index.ts';

// Truncation cuts the gradient only: the states of the layers go on from window to window.

const x = [
  [[1], [0.5], [-1], [0.3], [0.9], [1], [-0.2]],
  [[0.1], [0.5], [-1], [-0.3]],
  [[0.7], [-0.9], [0.2], [0.4], [0.4]],
];
const data = { x, y: x.map((steps) => steps.map(([value]) => [value! * 2])) };

const stacks = {
  rnn: [rnn(4, { returns: 'all' }), rnn(3, { returns: 'all' })],
  lstm: [lstm(4, { returns: 'all' }), lstm(3, { returns: 'all' })],
  'gru after': [gru(4, { returns: 'all' })],
  'gru before': [gru(4, { returns: 'all', reset: 'before' })],
};

describe.each(['js', 'simd'] as const)('windows of sequences, core %s', (core) => {
  const cases = Object.entries(stacks).flatMap(([name, layers]) =>
    [1, 2, 3, 5].map((truncate) => ({ name, layers, truncate })),
  );

  it.each(cases)('$name: windows of $truncate have the cost of whole sequences', (each) => {
    const { layers, truncate } = each;
    const cost = (options: object): number => {
      using net = new Network(
        {
          input: 1,
          layers: [...layers, dense(1)],
          loss: 'meanSquaredError',
          seed: 3,
        },
        { core },
      );
      // So small a step that no parameter changes: what is left is the forward pass.
      const optimizer = sgd({ learningRate: 1e-30 });
      const given = { epochs: 1, batchSize: 2, shuffle: false, optimizer, ...options };
      return net.fitSync(data, given).reports[0]!.cost;
    };
    expect(cost({ truncate })).toBeCloseTo(cost({}), 6);
  });
});
