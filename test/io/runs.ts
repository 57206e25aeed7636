import fc from 'fast-check';
import {
  adagrad,
  adam,
  adamw,
  cosine,
  dense,
  dropout,
  exponential,
  momentum,
  nesterov,
  oneCycle,
  reduceOnPlateau,
  rmsprop,
  rnn,
  sgd,
  step,
  warmUp,
} from '../../src/index.ts';
import type { FitOptions, History, NetworkSpec, TrainingData } from '../../src/index.ts';

const ROWS = 29;

/** A run: a network, its data and options. */
export interface Scenario {
  readonly spec: NetworkSpec;
  readonly data: TrainingData;
  readonly options: FitOptions;
}

const numbers = (count: number, seed: number): number[] =>
  Array.from({ length: count }, (_, index) => (((index + seed) * 7919) % 101) / 50 - 1);
const x = Array.from({ length: ROWS }, (_, row) => numbers(3, 3 * row));
const labels = x.map(([a, b, c]) => Number(a! * b! > c!));
const validation = { x: x.slice(0, 7), y: labels.slice(0, 7) };

const optimizers = fc.constantFrom(
  sgd({ learningRate: 0.3 }),
  momentum({ learningRate: 0.1 }),
  nesterov({ learningRate: 0.1 }),
  rmsprop({ learningRate: 0.01 }),
  adagrad({ learningRate: 0.1 }),
  adam({ learningRate: 0.02 }),
  adamw({ learningRate: 0.02, weightDecay: 0.1 }),
);
const schedules = fc.constantFrom(
  undefined,
  cosine(),
  step({ factor: 0.5, steps: 7 }),
  exponential({ factor: 0.9 }),
  oneCycle(),
  warmUp({ steps: 9, next: cosine() }),
  reduceOnPlateau({ patience: 1, factor: 0.5, minDelta: 0.01 }),
  (now: number) => 1 / (1 + now),
);

const specs: fc.Arbitrary<NetworkSpec> = fc.record({
  input: fc.constant(3),
  normalize: fc.constantFrom(undefined, 'standard', 'minmax', { scale: 0.5 }),
  layers: fc.constantFrom(
    [dense(5, 'tanh'), dense(2, 'softmax')],
    [dense(5, 'relu'), dropout(0.3), dense(2, 'softmax')],
    [dropout(0.2), dense(4, 'tanh', { trainable: false }), dense(3), dense(2, 'softmax')],
  ),
  loss: fc.constant('crossEntropy' as const),
  seed: fc.nat(1000),
}) as fc.Arbitrary<NetworkSpec>;

const given = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(values, { nil: undefined });

const options = fc.record({
  epochs: fc.integer({ min: 2, max: 7 }),
  batchSize: fc.constantFrom('all', 1, 4, 10, 28, ROWS),
  optimizer: optimizers,
  schedule: schedules,
  shuffle: fc.boolean(),
  l1: given(fc.constant(0.001)),
  l2: given(fc.constant(0.01)),
  clipValue: given(fc.constant(0.1)),
  clipNorm: given(fc.constant(0.2)),
  classWeights: given(fc.constant('balanced')),
  validation: given(fc.constant(validation)),
  earlyStopping: given(
    fc.record({ patience: fc.integer({ min: 1, max: 3 }), restoreBest: fc.boolean() }),
  ),
});

/** Runs over everything that has a state: optimizers, dropout, schedules, early stopping, weights and so on. */
export const scenarios: fc.Arbitrary<Scenario> = fc
  .tuple(specs, options, given(fc.constant(numbers(ROWS, 5).map(Math.abs))))
  .map(([spec, given, sampleWeights]) => ({
    spec: defined(spec),
    data: { x, y: labels, ...(sampleWeights && { sampleWeights }) },
    options: defined(given) as FitOptions,
  }));

const sequences = Array.from({ length: 5 }, (_, example) =>
  Array.from({ length: 3 + ((example * 5) % 6) }, (_, step) => numbers(2, 17 * example + 2 * step)),
);

/** Runs over sequences, whole or in windows that carry the state of the layers from one to the next. */
export const sequenceScenarios: fc.Arbitrary<Scenario> = fc
  .record({
    epochs: fc.integer({ min: 2, max: 5 }),
    batchSize: fc.constantFrom('all', 1, 2, 3),
    optimizer: optimizers,
    schedule: schedules,
    truncate: fc.constantFrom(undefined, 1, 2, 3, 5),
  })
  .map((given) => ({
    spec: {
      input: 2,
      layers: [rnn(4, { returns: 'all' }), rnn(3, { returns: 'all' }), dense(1)],
      loss: 'meanSquaredError',
      seed: 3,
    },
    data: {
      x: sequences,
      y: sequences.map((steps) => steps.map(([a, b]) => [a! * b!])),
      initialState: { 'layers.0': { h: sequences.map((_, example) => numbers(4, example)) } },
    },
    options: defined(given) as FitOptions,
  }));

/** An object without the keys whose values are undefined. */
function defined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as T;
}

/** What of a history does not depend on the clock. */
export function timeless({ reports, ...history }: History): unknown {
  const { seconds: _, ...rest } = history;
  return {
    ...rest,
    reports: reports.map((report) => {
      const { examplesPerSecond: _e, seconds: _s, remainingSeconds: _r, ...numbers } = report;
      return numbers;
    }),
  };
}
