import { adam, dense, dropout, momentum, Network, sgd } from '../../src/index.ts';
import type { FitOptions, NetworkSpec, Optimizer, TrainingData } from '../../src/index.ts';
import { LEARNING_LAYERS, RECURRENT_LAYERS } from '../recurrent/layers.ts';
import { randomMatrix, randomSource } from './random.ts';

/** One training run of a recurrent network whose digest must be the same everywhere. */
export interface RecurrentRun {
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

/** The runs of test/fixtures/golden-recurrent.json: units around the vector width, stacked, with dropout between, and in windows. */
export const RECURRENT_RUNS: RecurrentRun[] = Object.entries({
  ...RECURRENT_LAYERS,
  ...LEARNING_LAYERS,
}).flatMap(([name, layer], index) => {
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

/** The untrained network of a run, its data and how it trains. */
export function recurrentTraining(
  { spec, optimizer, truncate }: RecurrentRun,
  core: 'js' | 'simd',
): { network: Network; data: TrainingData; options: FitOptions } {
  const y = truncate === undefined ? stepLabels.map(([label]) => label!) : stepLabels;
  return {
    network: new Network(spec, { core }),
    data: { x, y },
    options: { epochs: 3, batchSize: 4, optimizer, ...(truncate && { truncate }) },
  };
}
