import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Network, adam, dense, dropout, momentum, sgd } from '../../src/index.ts';
import type { NetworkSpec, Optimizer } from '../../src/index.ts';
import { CORES } from '../reference/library.ts';
import { randomMatrix, randomSource } from '../reference/random.ts';
import { RECURRENT_LAYERS } from './layers.ts';

// The same seed gives the same bits: on both cores, in every run, on every machine.

const goldenFile = new URL('../fixtures/golden-recurrent.json', import.meta.url);

interface Run {
  name: string;
  spec: NetworkSpec;
  optimizer: Optimizer;
  truncate?: number;
}

const OPTIMIZERS = [
  adam({ learningRate: 0.01 }),
  sgd({ learningRate: 0.1 }),
  momentum({ learningRate: 0.05 }),
];

const spec = (layers: NetworkSpec['layers'], rest: Partial<NetworkSpec> = {}): NetworkSpec => ({
  input: { features: 3 },
  layers,
  loss: 'crossEntropy',
  seed: 11,
  ...rest,
});

/** Units around the vector width, stacked, with dropout between, and in windows. */
const RUNS: Run[] = Object.entries(RECURRENT_LAYERS).flatMap(([name, layer], index) => {
  const optimizer = OPTIMIZERS[index % OPTIMIZERS.length]!;
  return [
    {
      name: `${name} 3-5-7, a target per sequence`,
      spec: spec([layer(5, 'all'), dropout(0.2), layer(7, 'last'), dense(4, 'softmax')]),
      optimizer,
    },
    {
      name: `${name} 3-8, a target per step, windows of 2 steps`,
      spec: spec([layer(8, 'all'), dense(4, 'softmax')], {
        loss: { name: 'crossEntropy', steps: 'sum' },
      }),
      optimizer,
      truncate: 2,
    },
  ];
});

const random = randomSource(5);
const lengths = Array.from({ length: 10 }, () => 1 + Math.floor(random() * 6));
const x = lengths.map((length) => randomMatrix(random, length, 3));
const stepLabels = lengths.map((length) => Array.from({ length }, () => Math.floor(random() * 4)));

function trainedHash({ spec, optimizer, truncate }: Run, core: 'js' | 'simd'): string {
  using network = new Network(spec, { core });
  const y = truncate === undefined ? stepLabels.map(([label]) => label!) : stepLabels;
  const options = { epochs: 3, batchSize: 4, optimizer, ...(truncate && { truncate }) };
  network.fitSync({ x, y }, options);
  return network.hash();
}

const updating = process.env['UPDATE_GOLDEN'] === '1';
if (updating) {
  const entries = RUNS.map((run) => [run.name, trainedHash(run, 'js')]);
  writeFileSync(goldenFile, `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`);
}
const golden = existsSync(goldenFile)
  ? (JSON.parse(readFileSync(goldenFile, 'utf8')) as Record<string, string>)
  : {};

it('golden-recurrent.json names exactly these runs', () => {
  expect(Object.keys(golden)).toEqual(RUNS.map(({ name }) => name));
});

describe.each(CORES)('core %s', (core) => {
  it.each(RUNS)('$name', (run) => {
    expect(trainedHash(run, core)).toBe(golden[run.name]);
    expect(trainedHash(run, core)).toBe(golden[run.name]);
  });
});
