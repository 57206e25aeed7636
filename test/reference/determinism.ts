import {
  Network,
  adagrad,
  adam,
  adamw,
  dense,
  dropout,
  momentum,
  nesterov,
  rmsprop,
  sgd,
} from '../../src/index.ts';
import type {
  ActivationName,
  FitOptions,
  LayerSpec,
  LossName,
  Optimizer,
  TrainingData,
} from '../../src/index.ts';
import { randomMatrix, randomOneHot, randomSource } from './random.ts';

/** One training run whose digest must be the same everywhere. */
export interface Run {
  name: string;
  sizes: number[];
  activations: ActivationName[];
  loss: LossName;
  optimizer: () => Optimizer;
  batchSize: number | 'all';
  bias?: boolean;
  /** Rate of a dropout layer below the output layer. */
  dropout?: number;
  /** Whether every example has a weight of its own. */
  weighted?: boolean;
  /** Penalty, clipping and weights of classes. */
  options?: Partial<FitOptions>;
}

/** Optimizers by name; a new one for each run, as it keeps moments. */
export const OPTIMIZER_CREATORS: Record<string, () => Optimizer> = {
  sgd: () => sgd({ learningRate: 0.1 }),
  momentum: () => momentum({ learningRate: 0.05, momentum: 0.9 }),
  nesterov: () => nesterov({ learningRate: 0.05, momentum: 0.9 }),
  rmsprop: () => rmsprop({ learningRate: 0.01 }),
  adagrad: () => adagrad({ learningRate: 0.1 }),
  adam: () => adam({ learningRate: 0.01 }),
  adamw: () => adamw({ learningRate: 0.01, weightDecay: 0.1 }),
};

const {
  sgd: SGD,
  momentum: MOMENTUM,
  nesterov: NESTEROV,
  rmsprop: RMSPROP,
  adagrad: ADAGRAD,
  adam: ADAM,
  adamw: ADAMW,
} = OPTIMIZER_CREATORS as {
  [
    name in 'sgd' | 'momentum' | 'nesterov' | 'rmsprop' | 'adagrad' | 'adam' | 'adamw'
  ]: () => Optimizer;
};

/** The runs of test/fixtures/golden.json: every activation, loss and optimizer at least once, sizes around the vector width. */
export const GOLDEN_RUNS: Run[] = [
  {
    name: 'sigmoid 3-5-2, halfMeanSquaredError, sgd, online',
    sizes: [3, 5, 2],
    activations: ['sigmoid', 'sigmoid'],
    loss: 'halfMeanSquaredError',
    optimizer: SGD,
    batchSize: 1,
  },
  {
    name: 'tanh and relu 9-16-8-4, crossEntropy, adam, batches of 7',
    sizes: [9, 16, 8, 4],
    activations: ['tanh', 'relu', 'softmax'],
    loss: 'crossEntropy',
    optimizer: ADAM,
    batchSize: 7,
  },
  {
    name: 'leakyRelu and elu 4-7-9-3, meanSquaredError, momentum, batches of 8',
    sizes: [4, 7, 9, 3],
    activations: ['leakyRelu', 'elu', 'linear'],
    loss: 'meanSquaredError',
    optimizer: MOMENTUM,
    batchSize: 8,
  },
  {
    name: 'softplus and gelu 5-33-17-1, huber, nesterov, full batch',
    sizes: [5, 33, 17, 1],
    activations: ['softplus', 'gelu', 'linear'],
    loss: 'huber',
    optimizer: NESTEROV,
    batchSize: 'all',
  },
  {
    name: 'geluTanh and silu 6-12-13-2, binaryCrossEntropy, adam, batches of 4',
    sizes: [6, 12, 13, 2],
    activations: ['geluTanh', 'silu', 'sigmoid'],
    loss: 'binaryCrossEntropy',
    optimizer: ADAM,
    batchSize: 4,
  },
  {
    name: 'softmax 4-8-5, squaredError, sgd, batches of 5',
    sizes: [4, 8, 5],
    activations: ['tanh', 'softmax'],
    loss: 'squaredError',
    optimizer: SGD,
    batchSize: 5,
  },
  {
    name: 'without bias 7-11-3, meanAbsoluteError, momentum, batches of 6',
    sizes: [7, 11, 3],
    activations: ['tanh', 'linear'],
    loss: 'meanAbsoluteError',
    optimizer: MOMENTUM,
    batchSize: 6,
    bias: false,
  },
  {
    name: 'sigmoid 20-70-50-6, halfSquaredError, nesterov, batches of 16',
    sizes: [20, 70, 50, 6],
    activations: ['sigmoid', 'sigmoid', 'sigmoid'],
    loss: 'halfSquaredError',
    optimizer: NESTEROV,
    batchSize: 16,
  },
  {
    name: 'rmsprop 6-13-3, crossEntropy, batches of 9',
    sizes: [6, 13, 3],
    activations: ['relu', 'softmax'],
    loss: 'crossEntropy',
    optimizer: RMSPROP,
    batchSize: 9,
  },
  {
    name: 'adagrad 5-10-7-2, meanSquaredError, batches of 4',
    sizes: [5, 10, 7, 2],
    activations: ['tanh', 'sigmoid', 'linear'],
    loss: 'meanSquaredError',
    optimizer: ADAGRAD,
    batchSize: 4,
  },
  {
    name: 'adamw 8-21-4, crossEntropy, batches of 8',
    sizes: [8, 21, 4],
    activations: ['gelu', 'softmax'],
    loss: 'crossEntropy',
    optimizer: ADAMW,
    batchSize: 8,
  },
  {
    name: 'sgd with l2 7-9-3, crossEntropy, batches of 5',
    sizes: [7, 9, 3],
    activations: ['sigmoid', 'softmax'],
    loss: 'crossEntropy',
    optimizer: SGD,
    batchSize: 5,
    options: { l2: 0.05 },
  },
  {
    name: 'adam with l1 and l2, biases too 6-11-5-1, huber, batches of 6',
    sizes: [6, 11, 5, 1],
    activations: ['tanh', 'relu', 'linear'],
    loss: 'huber',
    optimizer: ADAM,
    batchSize: 6,
    options: { l1: 0.01, l2: 0.1, regularizeBiases: true },
  },
  {
    name: 'momentum with clipNorm 9-17-4, squaredError, batches of 7',
    sizes: [9, 17, 4],
    activations: ['tanh', 'linear'],
    loss: 'squaredError',
    optimizer: MOMENTUM,
    batchSize: 7,
    options: { clipNorm: 0.5 },
  },
  {
    name: 'sgd with l2, clipValue and clipNorm 5-8-3, meanSquaredError, full batch',
    sizes: [5, 8, 3],
    activations: ['silu', 'linear'],
    loss: 'meanSquaredError',
    optimizer: SGD,
    batchSize: 'all',
    options: { l2: 0.1, clipValue: 0.05, clipNorm: 0.2 },
  },
  {
    name: 'dropout 10-34-3, crossEntropy, adam, batches of 8',
    sizes: [10, 34, 3],
    activations: ['relu', 'softmax'],
    loss: 'crossEntropy',
    optimizer: ADAM,
    batchSize: 8,
    dropout: 0.4,
  },
  {
    name: 'weights of examples 4-9-3, crossEntropy, sgd, batches of 6',
    sizes: [4, 9, 3],
    activations: ['tanh', 'softmax'],
    loss: 'crossEntropy',
    optimizer: SGD,
    batchSize: 6,
    weighted: true,
  },
  {
    name: 'balanced classes 6-10-4, crossEntropy, nesterov, batches of 5',
    sizes: [6, 10, 4],
    activations: ['elu', 'softmax'],
    loss: 'crossEntropy',
    optimizer: NESTEROV,
    batchSize: 5,
    options: { classWeights: 'balanced' },
  },
];

/** Examples of every run: prime, so that every batch size but 1 leaves a short last batch. */
const EXAMPLES = 37;

/** Inputs and targets of a run, the same on every machine. */
export function runData({ sizes, loss, weighted }: Run): TrainingData {
  const random = randomSource(sizes.reduce((sum, size) => sum * 31 + size, 7));
  const x = randomMatrix(random, EXAMPLES, sizes[0]!, 2);
  const classes = sizes.at(-1)!;
  const weights = weighted && { sampleWeights: x.map((_, i) => (i % 5) / 2) };
  if (loss === 'crossEntropy') return { x, y: randomOneHot(random, EXAMPLES, classes), ...weights };
  const y = randomMatrix(random, EXAMPLES, classes);
  if (loss !== 'binaryCrossEntropy') return { x, y };
  return { x, y: y.map((row) => row.map((value) => Number(value > 0))) };
}

/** The untrained network of a run. */
export function runNetwork(run: Run, core: 'js' | 'simd', seed = 1): Network {
  const layers: LayerSpec[] = run.activations.map((activation, l) =>
    dense(run.sizes[l + 1]!, activation, { bias: run.bias ?? true }),
  );
  if (run.dropout !== undefined) layers.splice(-1, 0, dropout(run.dropout));
  return new Network({ input: run.sizes[0]!, layers, loss: run.loss, seed }, { core });
}

/** How a run trains: three shuffled epochs. */
export function runOptions({ batchSize, optimizer, options }: Run): FitOptions {
  return {
    epochs: 3,
    batchSize,
    optimizer: optimizer(),
    shuffle: true,
    warnings: false,
    ...options,
  };
}

/** Digest of the parameters after training. */
export function trainedHash(run: Run, core: 'js' | 'simd', seed = 1): string {
  const network = runNetwork(run, core, seed);
  network.fitSync(runData(run), runOptions(run));
  const hash = network.hash();
  network.dispose();
  return hash;
}
