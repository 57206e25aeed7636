import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  dense,
  metrics,
  type MetricName,
  Network,
  type NetworkSpec,
  rnn,
} from '../../src/index.ts';

const {
  accuracy,
  confusionMatrix,
  f1,
  meanAbsoluteError,
  meanSquaredError,
  perClass,
  precision,
  r2,
  recall,
  rootMeanSquaredError,
  topK,
} = metrics;

/** Outputs of four classes, of which the third never occurs; the measures were printed by scikit-learn 1.2.1. */
const p = [
  [0.283, 0.321, 0.033, 0.364],
  [0.083, 0.568, 0.134, 0.214],
  [0.296, 0.275, 0.045, 0.385],
  [0.414, 0.288, 0.134, 0.164],
  [0.174, 0.532, 0.181, 0.113],
  [0.13, 0.076, 0.149, 0.645],
  [0.317, 0.428, 0.06, 0.195],
  [0.382, 0.462, 0.04, 0.116],
  [0.254, 0.314, 0.099, 0.332],
  [0.17, 0.28, 0.055, 0.495],
  [0.234, 0.252, 0.05, 0.463],
  [0.247, 0.29, 0.075, 0.388],
  [0.078, 0.242, 0.107, 0.574],
  [0.659, 0.283, 0.006, 0.051],
  [0.519, 0.174, 0.089, 0.217],
  [0.375, 0.37, 0.134, 0.121],
  [0.452, 0.426, 0.068, 0.054],
  [0.304, 0.189, 0.022, 0.485],
  [0.191, 0.169, 0.08, 0.56],
  [0.358, 0.099, 0.068, 0.475],
  [0.485, 0.262, 0.061, 0.193],
  [0.228, 0.646, 0.106, 0.02],
  [0.547, 0.243, 0.025, 0.185],
  [0.609, 0.097, 0.111, 0.183],
];
const y = [0, 1, 3, 0, 1, 3, 0, 1, 3, 3, 3, 0, 3, 0, 0, 0, 0, 3, 3, 0, 0, 1, 0, 0];

describe('measures of classes', () => {
  it('are those of scikit-learn', () => {
    expect(accuracy(p, y)).toBeCloseTo(0.8333333333333334, 12);
    expect(precision(p, y)).toBeCloseTo(0.8424242424242424, 12);
    expect(recall(p, y)).toBeCloseTo(0.8888888888888888, 12);
    expect(f1(p, y)).toBeCloseTo(0.8436647173489279, 12);
    expect(topK(p, y, 2)).toBeCloseTo(0.9166666666666666, 12);
    expect(confusionMatrix(p, y)).toEqual([
      [8, 1, 0, 3],
      [0, 4, 0, 0],
      [0, 0, 0, 0],
      [0, 0, 0, 8],
    ]);
    const reports = perClass(p, y, { classes: ['a', 'b', 'c', 'd'] });
    expect(reports.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd']);
    expect(reports.map(({ examples }) => examples)).toEqual([12, 4, 0, 8]);
    const close = (values: number[]): unknown[] => values.map((value) => expect.closeTo(value, 12));
    expect(reports.map((report) => report.precision)).toEqual(close([1, 0.8, 0, 8 / 11]));
    expect(reports.map((report) => report.recall)).toEqual(close([2 / 3, 1, 0, 1]));
    expect(reports.map((report) => report.f1)).toEqual(close([0.8, 8 / 9, 0, 16 / 19]));
  });

  it('take predictions and targets in every form', () => {
    const flat = Float32Array.from(p.flat());
    const oneHot = y.map((label) => [0, 1, 2, 3].map((index) => Number(index === label)));
    const names = ['a', 'b', 'c', 'd'];
    const forms: [Parameters<typeof accuracy>, string][] = [
      [[flat, y], 'flat, labels'],
      [[flat, Uint8Array.from(y)], 'flat, bytes'],
      [[flat, oneHot], 'flat, one-hot rows'],
      [[flat, Float32Array.from(oneHot.flat()), { classes: 4 }], 'flat, flat one-hot'],
      [[p, y.map((label) => names[label]!), { classes: names }], 'nested, names'],
    ];
    for (const [values, form] of forms) {
      expect(confusionMatrix(...values), form).toEqual(confusionMatrix(p, y));
      expect(topK(values[0], values[1], 2, values[2]), form).toBe(topK(p, y, 2));
    }
  });

  it('of a single output are about yes, from ½ on', () => {
    const outputs = [0.9, 0.5, 0.4, 0.2, 0.7];
    const targets = [1, 1, 1, 0, 0];
    expect(confusionMatrix(outputs, targets)).toEqual([
      [1, 1],
      [1, 2],
    ]);
    expect(precision(outputs, targets)).toBe(2 / 3);
    expect(recall(outputs, targets)).toBe(2 / 3);
    expect(f1(outputs, targets)).toBe(2 / 3);
    expect(() => topK(outputs, targets, 1)).toThrow(/several outputs/);
  });

  it('have no NaN where nothing was predicted or is there', () => {
    expect(precision([0.1, 0.2], [1, 1])).toBe(0);
    expect(recall([0.9, 0.2], [0, 0])).toBe(0);
    expect(f1([0.1, 0.2], [0, 0])).toBe(0);
    // Classes that neither occur nor are predicted are left out of the mean: a perfect prediction is perfect.
    expect(f1([[1, 0, 0]], [0])).toBe(1);
    expect(perClass([[1, 0, 0]], [0])[2]).toEqual({
      name: '2',
      precision: 0,
      recall: 0,
      f1: 0,
      examples: 0,
    });
  });

  it('say what does not fit', () => {
    expect(() => accuracy([0.1, 0.2, 0.3], [0, 1])).toThrow(
      /predictions: expected as many numbers/,
    );
    expect(() => accuracy([[0.1, 0.9]], [2])).toThrow(/targets\[0\].*from 0 to 1/);
    expect(() => accuracy([[0.1, NaN]], [1])).toThrow(/predictions: row 0, column 1 is NaN/);
    expect(() => topK(p, y, 5)).toThrow(/from 1 to 4, got 5/);
    expect(() => accuracy('abc' as never, [1])).toThrow(TypeError);
    expect(() => accuracy(p, y, { clases: 4 } as never)).toThrow(/Did you mean 'classes'/);
  });

  const labels = fc.integer({ min: 2, max: 6 }).chain((classes) =>
    fc.record({
      classes: fc.constant(classes),
      pairs: fc.array(fc.tuple(fc.nat(classes - 1), fc.nat(classes - 1)), {
        minLength: 1,
        maxLength: 60,
      }),
    }),
  );

  it('of any predictions, belong together', () => {
    fc.assert(
      fc.property(labels, ({ classes, pairs }) => {
        const outputs = pairs.map(([guess]) =>
          Array.from({ length: classes }, (_, index) => (index === guess ? 0.6 : 0.4 / classes)),
        );
        const truth = pairs.map(([, label]) => label);
        const matrix = confusionMatrix(outputs, truth);
        const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
        expect(sum(matrix.map(sum))).toBe(pairs.length);
        expect(sum(matrix.map((row, index) => row[index]!))).toBe(
          Math.round(accuracy(outputs, truth) * pairs.length),
        );
        const reports = perClass(outputs, truth);
        for (const [index, report] of reports.entries()) {
          expect(report.examples).toBe(sum(matrix[index]!));
          const { precision: exact, recall: found } = report;
          const mean = exact + found === 0 ? 0 : (2 * exact * found) / (exact + found);
          expect(report.f1).toBeCloseTo(mean, 12);
        }
        expect(topK(outputs, truth, classes)).toBe(1);
        expect(topK(outputs, truth, 1)).toBe(accuracy(outputs, truth));
        for (let k = 2; k <= classes; k++) {
          expect(topK(outputs, truth, k)).toBeGreaterThanOrEqual(topK(outputs, truth, k - 1));
        }
      }),
      { seed: 1, numRuns: 100 },
    );
  });
});

describe('measures of values', () => {
  // Printed by scikit-learn 1.2.1.
  const targets = [
    [-1.26, 0.35],
    [0.33, 1.28],
    [1.39, -0.25],
    [-2.28, 1.24],
    [-1.52, -0.06],
    [1.21, 2.71],
    [-1.72, -0.09],
    [0.35, 0.02],
    [1.47, 1.4],
    [-1.18, 0.3],
    [0.58, -0.14],
    [1.29, -0.99],
  ];
  const values = [
    [-2.4, -0.02],
    [0.99, 1.34],
    [1.86, -0.07],
    [-3.3, 1.35],
    [-1.45, -0.51],
    [1.23, 2.92],
    [-1.82, -0.37],
    [0.14, -0.12],
    [1.13, 2.01],
    [-1.32, 0.82],
    [-0.45, 0.82],
    [0.79, -0.65],
  ];

  it('are those of scikit-learn', () => {
    // Both are read into 32-bit numbers.
    expect(r2(values, targets)).toBeCloseTo(0.7927582525810384, 6);
    expect(meanAbsoluteError(values, targets)).toBeCloseTo(0.41375, 6);
    expect(meanSquaredError(values, targets)).toBeCloseTo(0.2796375, 6);
    expect(rootMeanSquaredError(values, targets)).toBeCloseTo(0.5288076209738283, 6);
  });

  it('R² is 1 without an error, 0 for the mean, less for worse', () => {
    const column = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 40 });
    fc.assert(
      fc.property(column, (numbers) => {
        expect(r2(numbers, numbers)).toBe(1);
        const truth = Float64Array.from(numbers);
        const mean = truth.reduce((a, b) => a + b, 0) / truth.length;
        const means = new Float64Array(truth.length).fill(mean);
        const spread = truth.some((value) => value !== mean);
        expect(r2(means, truth)).toBeCloseTo(spread ? 0 : 1, 9);
        const shifted = means.map((value) => value + 1);
        expect(r2(shifted, truth)).toBeLessThanOrEqual(0);
      }),
      { seed: 1 },
    );
    expect(r2([5, 5], [4, 4])).toBe(0);
  });
});

describe('in evaluate and fit', () => {
  const spec: NetworkSpec = {
    input: 2,
    layers: [dense(5, 'tanh'), dense(3, 'softmax')],
    loss: 'crossEntropy',
    classes: ['red', 'green', 'blue'],
    seed: 2,
  };
  const x = Array.from({ length: 300 }, (_, index) => [(index % 17) / 17, (index % 23) / 23]);
  const colours = x.map(([a, b]) => ['red', 'green', 'blue'][Math.floor(3 * ((a! + b!) / 2))]!);
  const data = { x, y: colours };
  const names: MetricName[] = [
    'accuracy',
    'top2',
    'precision',
    'recall',
    'f1',
    'perClass',
    'confusionMatrix',
  ];

  it('are those of the functions, with the names of the classes', () => {
    using net = new Network(spec);
    const options = { epochs: 3, validation: data, metrics: names };
    const { reports } = net.fitSync(data, options);
    const outputs = net.predict(x);
    const classes = { classes: spec.classes! };
    const { loss, ...measured } = net.evaluate(data, { metrics: names });
    expect(loss).toBeGreaterThan(0);
    expect(measured).toEqual({
      accuracy: accuracy(outputs, colours, classes),
      top2: topK(outputs, colours, 2, classes),
      precision: precision(outputs, colours, classes),
      recall: recall(outputs, colours, classes),
      f1: f1(outputs, colours, classes),
      perClass: perClass(outputs, colours, classes),
      confusionMatrix: confusionMatrix(outputs, colours, classes),
    });
    expect(measured.perClass!.map(({ name }) => name)).toEqual(['red', 'green', 'blue']);
    expect(reports.at(-1)!.validation).toEqual({ loss, ...measured });
  });

  it('are over the valid steps of sequences', () => {
    using net = new Network({
      input: { features: 1 },
      layers: [rnn(3, { returns: 'all' }), dense(1)],
      loss: 'meanSquaredError',
      seed: 1,
    });
    const sequences = [[[1], [2], [3]], [[4]]];
    const targets = [[[1], [1], [2]], [[3]]];
    const { loss, ...measured } = net.evaluate(
      { x: sequences, y: targets },
      { metrics: ['meanSquaredError', 'meanAbsoluteError'] },
    );
    expect(measured.meanSquaredError).toBeCloseTo(loss, 6);
    const all = net.predict(sequences);
    const valid = [...all.slice(0, 3), all[3]!];
    expect(measured.meanAbsoluteError).toBeCloseTo(meanAbsoluteError(valid, [1, 1, 2, 3]), 6);
  });

  it('say which ones there are', () => {
    using net = new Network(spec);
    const ask = (metric: string) => () => net.evaluate(data, { metrics: [metric as never] });
    expect(ask('acuracy')).toThrow(/metrics\[0\].*Did you mean 'accuracy'/);
    expect(ask('top4')).toThrow(/'top4' needs at least 4 outputs, and the network has 3/);
    expect(ask('top0')).toThrow(RangeError);
    expect(() => net.fitSync(data, { epochs: 1, metrics: 'accuracy' as never })).toThrow(TypeError);
  });
});
