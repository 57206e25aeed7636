import { expect, it } from 'vitest';
import { Network, adam, dense } from '../src/index.ts';

// The smallest proof that everything works together: built, trained, asked, on every core.

it.each(['auto', 'js'] as const)('XOR from end to end, core %s', (core) => {
  const x = [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ];
  const y = [[0], [1], [1], [0]];
  const network = new Network(
    {
      input: 2,
      layers: [dense(4, 'tanh'), dense(1, 'sigmoid')],
      loss: 'binaryCrossEntropy',
      seed: 1,
    },
    { core },
  );
  const before = network.evaluate({ x, y }).loss;
  network.fitSync(
    { x, y },
    { epochs: 500, batchSize: 'all', optimizer: adam({ learningRate: 0.05 }) },
  );
  expect(network.evaluate({ x, y }).loss).toBeLessThan(before / 10);
  expect([...network.predict(x)].map(Math.round)).toEqual([0, 1, 1, 0]);
  network.dispose();
});
