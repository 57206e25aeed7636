import { describe, expect, it } from 'vitest';
import { adam, momentum, nesterov, sgd } from '../src/index.ts';
import type { Network } from '../src/index.ts';
import { expectClose, largest } from './reference/compare.ts';
import { CORES, namedParameters, networkOf } from './reference/library.ts';
import { flatten, forward, gradient, withParameters } from './reference/network.ts';
import type { ReferenceNetwork } from './reference/network.ts';
import { optimizers } from './reference/optimizers.ts';
import { randomMatrix, randomSource } from './reference/random.ts';

// Online, mini-batch and full-batch learning: the same steps on other groups of examples.

const random = randomSource(7);
const x = randomMatrix(random, 5, 3);
const y = randomMatrix(random, 5, 2);
const reference: ReferenceNetwork = {
  layers: [
    { W: randomMatrix(random, 4, 3), b: randomMatrix(random, 1, 4)[0]!, activation: 'tanh' },
    { W: randomMatrix(random, 2, 4), b: randomMatrix(random, 1, 2)[0]!, activation: 'sigmoid' },
  ],
  loss: 'halfMeanSquaredError',
};

const values = (network: Network): number[] => network.parameters.flatMap(({ get }) => [...get()]);

/** The examples of each step of one epoch in the order of the data. */
const GROUPS: [number | 'all', number[][]][] = [
  [1, [[0], [1], [2], [3], [4]]],
  [2, [[0, 1], [2, 3], [4]]],
  [
    3,
    [
      [0, 1, 2],
      [3, 4],
    ],
  ],
  [5, [[0, 1, 2, 3, 4]]],
  ['all', [[0, 1, 2, 3, 4]]],
];

const pick = (rows: number[][], indices: number[]): number[][] => indices.map((i) => rows[i]!);

describe.each(CORES)('core %s', (core) => {
  it.each(GROUPS)('batchSize %s: two epochs are the hand-made steps', (batchSize, groups) => {
    const network = networkOf(reference, core);
    const { reports } = network.fitSync(
      { x, y },
      { epochs: 2, batchSize, optimizer: sgd({ learningRate: 0.5 }), shuffle: false },
    );
    const update = optimizers.sgd({ learningRate: 0.5 });
    let expected = reference;
    const costs = [0, 1].map(() => {
      let sum = 0;
      for (const group of groups) {
        const [xs, ys] = [pick(x, group), pick(y, group)];
        sum += forward(expected, xs, ys).exampleCost.reduce((s, c) => s + c, 0);
        const g = gradient(expected, xs, ys);
        expected = withParameters(expected, update(flatten(expected.layers), g));
      }
      return sum / x.length;
    });
    const reported = reports.map(({ cost }) => cost);
    expectClose(reported, costs, 1e-5, 'cost per example, each before its own step');
    // The limit of the oracle's README for parameters after several steps in single precision.
    const truth = Object.values(namedParameters(expected.layers)).flat();
    expectClose(values(network), truth, 1e-5, 'parameters');
    network.dispose();
  });

  it.each(GROUPS)('batchSize %s: fit gives the bits of trainBatch', (batchSize, groups) => {
    const fitted = networkOf(reference, core);
    const optimizer = adam({ learningRate: 0.01 });
    fitted.fitSync({ x, y }, { epochs: 3, batchSize, optimizer, shuffle: false });
    const stepped = networkOf(reference, core);
    const ownOptimizer = adam({ learningRate: 0.01 });
    for (let epoch = 0; epoch < 3; epoch++) {
      for (const group of groups) {
        stepped.trainBatch(pick(x, group), pick(y, group), { optimizer: ownOptimizer });
      }
    }
    expect(values(fitted)).toEqual(values(stepped));
    expect(fitted.hash()).toBe(stepped.hash());
    fitted.dispose();
    stepped.dispose();
  });

  it('the gradient of a batch is the mean of the gradients of its examples', () => {
    const network = networkOf(reference, core);
    const whole = network.gradients(x, y);
    const single = x.map((row, i) => network.gradients([row], [y[i]!]));
    const mean = (numbers: number[]): number => numbers.reduce((s, v) => s + v, 0) / x.length;
    expectClose([whole.cost], [mean(single.map(({ cost }) => cost))], 1e-6, 'cost');
    for (const [name, got] of Object.entries(whole.gradients)) {
      const means = [...got].map((_, i) => mean(single.map((one) => one.gradients[name]![i]!)));
      // Five roundings of each product and sum instead of one.
      expectClose(got, means, 1e-6 * largest(means), name);
    }
    network.dispose();
  });

  it('a batch does not see its neighbours: predictions are the same alone and together', () => {
    const network = networkOf(reference, core);
    const together = network.predict(x);
    x.forEach((row, i) => {
      expect([...network.predict([row])]).toEqual([...together.subarray(2 * i, 2 * i + 2)]);
    });
    network.dispose();
  });

  it('flat typed arrays give the bits of nested arrays', () => {
    const nested = networkOf(reference, core);
    const flat = networkOf(reference, core);
    const options = { optimizer: sgd({ learningRate: 0.5 }) };
    const cost = nested.trainBatch(x, y, options);
    expect(flat.trainBatch(Float32Array.from(x.flat()), Float64Array.from(y.flat()), options)).toBe(
      cost,
    );
    expect(values(flat)).toEqual(values(nested));
    nested.dispose();
    flat.dispose();
  });

  it.each([255, 256, 257, 700])('predicts and evaluates %i examples in slices', (rows) => {
    const network = networkOf(reference, core);
    const many = randomMatrix(randomSource(rows), rows, 3);
    const targets = randomMatrix(randomSource(rows + 1), rows, 2);
    const { a, cost } = forward(reference, many, targets);
    expectClose(network.predict(many), a.at(-1)!.flat(), 1e-6, 'prediction');
    expectClose([network.evaluate({ x: many, y: targets }).loss], [cost], 1e-6, 'loss');
    network.dispose();
  });

  it('class labels give the bits of one-hot rows', () => {
    const labels = [1, 0, 1, 1, 0];
    const rows = labels.map((label) => [Number(label === 0), Number(label === 1)]);
    const [hidden, output] = reference.layers;
    const classifier: ReferenceNetwork = {
      layers: [hidden!, { ...output!, activation: 'softmax' }],
      loss: 'crossEntropy',
    };
    const [byLabel, byRow] = [networkOf(classifier, core), networkOf(classifier, core)];
    expect(byLabel.gradients(x, labels)).toEqual(byRow.gradients(x, rows));
    const options = { epochs: 3, batchSize: 2, optimizer: adam({ learningRate: 0.01 }) };
    const history = byLabel.fitSync({ x, y: labels }, options);
    const costs = byRow.fitSync({ x, y: rows }, options).reports.map(({ cost }) => cost);
    expect(history.reports.map(({ cost }) => cost)).toEqual(costs);
    expect(byLabel.hash()).toBe(byRow.hash());
    byLabel.dispose();
    byRow.dispose();
  });

  it.each(['momentum', 'nesterov', 'adam'] as const)('%s starts anew with each fit', (rule) => {
    const network = networkOf(reference, core);
    const start = network.parameters.map(({ get }) => get());
    const optimizer = { momentum, nesterov, adam }[rule]();
    const fitted = (): string => {
      network.parameters.forEach(({ set }, i) => set(start[i]!));
      network.fitSync({ x, y }, { epochs: 2, batchSize: 2, optimizer, shuffle: false });
      return network.hash();
    };
    const first = fitted();
    expect(fitted()).toBe(first);
    network.trainBatch(x, y, { optimizer });
    expect(fitted()).toBe(first);
    network.dispose();
  });

  it('steps in a row share their moments, until another kind of optimizer comes between', () => {
    const [once, twice] = [networkOf(reference, core), networkOf(reference, core)];
    const optimizer = momentum({ learningRate: 0.5, momentum: 0.9 });
    once.trainBatch(x, y, { optimizer });
    twice.trainBatch(x, y, { optimizer });
    // A step of next to nothing: the parameters stay, the moments of the first optimizer are gone.
    twice.trainBatch(x, y, { optimizer: sgd({ learningRate: 1e-30 }) });
    expect(twice.hash()).toBe(once.hash());
    const before = values(once);
    const { gradients } = once.gradients(x, y);
    const flat = Object.values(gradients).flatMap((g) => [...g]);
    once.trainBatch(x, y, { optimizer });
    twice.trainBatch(x, y, { optimizer });
    const fresh = before.map((p, i) => p - 0.5 * flat[i]!);
    expectClose(values(twice), fresh, 1e-6, 'without the first velocity');
    const shared = values(once).map((p, i) => Math.abs(p - fresh[i]!));
    expect(largest(shared)).toBeGreaterThan(1e-3);
    once.dispose();
    twice.dispose();
  });
});
