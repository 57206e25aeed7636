import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dense, Network, sgd } from '../src/index.ts';
import type { ClassWeights, FitOptions, NetworkSpec, Optimizer } from '../src/index.ts';
import { momentum } from '../src/index.ts';
import { weighClasses } from '../src/data/weights.ts';
import { expectClose } from './reference/compare.ts';
import { CORES } from './reference/library.ts';

// The weights of the cost itself are in cost.test.ts; here how they reach it.

const spec: NetworkSpec = {
  input: 2,
  layers: [dense(4, 'tanh'), dense(3, 'softmax')],
  loss: 'crossEntropy',
  classes: ['red', 'green', 'blue'],
  seed: 1,
};
const x = Array.from({ length: 7 }, (_, i) => [Math.sin(3 * i), Math.cos(i)]);
const y = [0, 0, 0, 0, 1, 1, 2];
const sampleWeights = [1, 2, 0, 3, 1, 0, 2];
const options: FitOptions = { epochs: 3, batchSize: 7, optimizer: sgd({ learningRate: 0.3 }) };

const labels = (values: readonly number[]) =>
  ({ kind: 'labels', rows: values.length, labels: Uint32Array.from(values) }) as const;

/** Digest after training. */
function trained(data: object, more: Partial<FitOptions> = {}, net = new Network(spec)): string {
  net.fitSync({ x, y, ...data }, { ...options, ...more });
  const hash = net.hash();
  net.dispose();
  return hash;
}

describe('weights of examples', () => {
  it.each(CORES)('whole numbers count like repeated examples, core %s', (core) => {
    const repeat = <T>(rows: T[]): T[] =>
      rows.flatMap((row, i) => new Array<T>(sampleWeights[i]!).fill(row));
    const total = sampleWeights.reduce((sum, weight) => sum + weight, 0);
    using weighted = new Network(spec, { core });
    using repeated = new Network(spec, { core });
    const step: Optimizer = momentum({ learningRate: 0.1 });
    // The divisor is the number of examples: with 7 instead of 9 in the batch, the derivatives are 9/7 times as large.
    const faster: Optimizer = momentum({ learningRate: (0.1 * total) / x.length });
    const run = { ...options, batchSize: 'all' } as const;
    const [light] = weighted.fitSync({ x, y, sampleWeights }, { ...run, optimizer: step }).reports;
    const [heavy] = repeated.fitSync(
      { x: repeat(x), y: repeat(y) },
      { ...run, optimizer: faster },
    ).reports;
    expectClose([light!.cost * x.length], [heavy!.cost * total], 1e-5, 'sum of costs');
    weighted.parameters.forEach(({ name, get }, i) =>
      expectClose(get(), repeated.parameters[i]!.get(), 1e-5, name),
    );
  });

  it('of 1 change no bit', () => {
    for (const batchSize of [1, 3, 7]) {
      expect(trained({ sampleWeights: x.map(() => 1) }, { batchSize })).toBe(
        trained({}, { batchSize }),
      );
    }
  });

  it('follow their examples through the shuffle, in every form and on both cores', () => {
    const hashes = CORES.flatMap((core) =>
      [sampleWeights, Float32Array.from(sampleWeights), Uint8Array.from(sampleWeights)].map(
        (weights) =>
          trained({ sampleWeights: weights }, { batchSize: 2 }, new Network(spec, { core })),
      ),
    );
    expect(new Set(hashes).size).toBe(1);
    expect(hashes[0]).not.toBe(trained({}, { batchSize: 2 }));
    // An example without weight might as well have another label.
    const other = y.with(2, 2).with(5, 0);
    expect(trained({ sampleWeights, y: other }, { batchSize: 2 })).toBe(hashes[0]);
  });

  it('count in evaluate and in validation, in slices of any length', () => {
    using net = new Network(spec);
    const many = Array.from({ length: 600 }, (_, i) => i % 7);
    const data = {
      x: many.map((i) => x[i]!),
      y: many.map((i) => y[i]!),
      sampleWeights: many.map((_, i) => (i < 300 ? 2 : 0)),
    };
    const { loss } = net.evaluate(data);
    const first = net.evaluate({ x: data.x.slice(0, 300), y: data.y.slice(0, 300) });
    expect(loss).toBeCloseTo(first.loss, 5);
    const { reports } = net.fitSync({ x, y }, { ...options, epochs: 1, validation: data });
    expect(reports[0]!.validation).toEqual(net.evaluate(data));
  });
});

describe('weights of classes', () => {
  it('balanced: every class counts alike, and the mean weight is 1', () => {
    const property = fc.property(
      fc.array(fc.nat(4), { minLength: 1, maxLength: 60 }),
      (classes) => {
        const weights = weighClasses('balanced', labels(classes), undefined, undefined, 5);
        const totals = new Map<number, number>();
        classes.forEach((c, i) => totals.set(c, (totals.get(c) ?? 0) + weights[i]!));
        const mean = weights.reduce((sum, weight) => sum + weight, 0) / classes.length;
        expect(mean).toBeCloseTo(1, 5);
        for (const total of totals.values()) {
          expect(total).toBeCloseTo(classes.length / totals.size, 4);
        }
      },
    );
    fc.assert(property, { seed: 1 });
  });

  const balanced = y.map((c) => 7 / (3 * [4, 2, 1][c]!));
  const twoBlue = y.map((c) => (c === 2 ? 2 : 1));
  it.each<[string, ClassWeights, number[]]>([
    ['balanced', 'balanced', balanced],
    ['a list', [1, 1, 2], twoBlue],
    ['names', { blue: 2 }, twoBlue],
  ])('are weights of their examples: %s', (_, classWeights, weights) => {
    const expected = trained({ sampleWeights: weights });
    expect(trained({}, { classWeights })).toBe(expected);
    const names = y.map((c) => spec.classes![c]!);
    expect(trained({ y: names }, { classWeights })).toBe(expected);
    const rows = y.map((c) => [0, 1, 2].map((j) => Number(j === c)));
    expect(trained({ y: rows }, { classWeights })).toBe(expected);
  });

  it('multiply the weights of the examples and leave validation alone', () => {
    const product = sampleWeights.map((weight, i) => weight * (y[i] === 2 ? 2 : 1));
    const both = trained({ sampleWeights }, { classWeights: [1, 1, 2] });
    expect(both).toBe(trained({ sampleWeights: product }));
    using net = new Network(spec);
    const validation = { x, y };
    const run = { ...options, epochs: 1, validation, classWeights: 'balanced' } as const;
    const { reports } = net.fitSync({ x, y }, run);
    expect(reports[0]!.validation).toEqual(net.evaluate(validation));
  });

  it('tell the two classes of a single output apart, by number where they have no names', () => {
    const binary: NetworkSpec = {
      input: 2,
      layers: [dense(1, 'sigmoid')],
      loss: 'binaryCrossEntropy',
      seed: 1,
    };
    const targets = y.map((c) => [Number(c === 0)]);
    const run = (more: Partial<FitOptions>, data = {}): string =>
      trained({ y: targets, ...data }, more, new Network(binary));
    const expected = run({}, { sampleWeights: targets.map(([t]) => (t === 1 ? 0.25 : 1)) });
    expect(run({ classWeights: [1, 0.25] })).toBe(expected);
    expect(run({ classWeights: { 1: 0.25 } })).toBe(expected);
  });
});

describe('weights that make no sense', () => {
  const cases: [string, object, object, RegExp][] = [
    ['negative', { sampleWeights: sampleWeights.with(3, -1) }, {}, /^sampleWeights\[3\].*got -1/],
    ['NaN', { sampleWeights: sampleWeights.with(0, NaN) }, {}, /^sampleWeights\[0\].*got NaN/],
    ['infinite', { sampleWeights: sampleWeights.with(6, Infinity) }, {}, /sampleWeights\[6\]/],
    ['text', { sampleWeights: sampleWeights.with(6, '1' as never) }, {}, /sampleWeights\[6\].*"1"/],
    ['too few', { sampleWeights: [1] }, {}, /one weight for each of the 7 rows of x, got 1/],
    ['no array', { sampleWeights: 2 }, {}, /^sampleWeights: expected an array/],
    ['null', { sampleWeights: null }, {}, /^sampleWeights: expected an array/],
    [
      'in validation',
      {},
      { validation: { x, y, sampleWeights: [-1] } },
      /^validation\.sampleWeights/,
    ],
    ['another word', {}, { classWeights: 'balance' }, /classWeights.*Did you mean 'balanced'/],
    ['too few classes', {}, { classWeights: [1, 2] }, /each of the 3 classes, got 2/],
    ['an unknown class', {}, { classWeights: { grean: 2 } }, /'grean'\. Did you mean 'green'/],
    ['a negative class', {}, { classWeights: { green: -2 } }, /classWeights\.green.*got -2/],
    ['an infinite class', {}, { classWeights: [1, 1, 1 / 0] }, /classWeights\[2\]/],
    ['a number', {}, { classWeights: 2 }, /classWeights: expected an object, got 2/],
    [
      'targets that are no classes',
      { y: y.map(() => [0.5, 0.5, 0]) },
      { classWeights: 'balanced' },
      /row 0 of y is \[0\.5, 0\.5, 0\]/,
    ],
  ];
  it.each(cases)('%s', (_, data, more, message) => {
    using net = new Network(spec);
    const before = net.hash();
    expect(() => net.fitSync({ x, y, ...data }, { ...options, ...more })).toThrow(message);
    expect(net.hash()).toBe(before);
  });

  it('in trainBatch and gradients', () => {
    using net = new Network(spec);
    expect(() => net.trainBatch(x, y, { sampleWeights: [-1] })).toThrow(/^sampleWeights/);
    expect(() => net.gradients(x, y, { sampleWeights: null as never })).toThrow(/^sampleWeights/);
  });
});
