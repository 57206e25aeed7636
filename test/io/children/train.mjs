// Trains on the built package, in a process of its own: node train.mjs PATH EPOCHS. Goes on from the file at PATH where there is one, writes
// to it as often as it can, and prints the digest of the parameters at the end.

import { existsSync, readFileSync } from 'node:fs';
import { adam, dense, dropout, Network } from '../../../build/index.js';

const [path, epochs] = process.argv.slice(2);
const net = new Network({
  input: 4,
  layers: [dense(200, 'tanh'), dropout(0.2), dense(1)],
  loss: 'meanSquaredError',
  seed: 3,
});
const x = Array.from({ length: 40 }, (_, row) => [row / 40, 1 - row / 20, (row % 7) / 7, row % 2]);
const y = x.map(([a, b, c, d]) => [a * b - c * d]);
const resume = existsSync(path) ? { resume: readFileSync(path) } : {};
await net.fit(
  { x, y },
  {
    epochs: Number(epochs),
    batchSize: 3,
    optimizer: adam(),
    checkpoint: { path, every: { steps: 1 } },
    ...resume,
  },
);
console.log(net.hash());
