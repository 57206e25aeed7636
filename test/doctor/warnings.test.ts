import { afterEach, describe, expect, it, vi } from 'vitest';
import { outputRange, activationNames } from '../../src/nn/activations.ts';
import {
  dense,
  type FitOptions,
  Network,
  type NetworkSpec,
  rnn,
  type TrainingData,
  type TrainingWarning,
} from '../../src/index.ts';

// A corpus of the mistakes that most failures in the field come from, each with what is said about it.

afterEach(() => vi.restoreAllMocks());

const sensible = { x: [[0.1, 1], [0.5, -1], [0.9, 0.5]], y: [[0], [1], [0.5]] }; // prettier-ignore
const regression: NetworkSpec = {
  input: 2,
  layers: [dense(3, 'tanh'), dense(1)],
  loss: 'meanSquaredError',
};
const classifier: NetworkSpec = { input: 2, layers: [dense(3, 'softmax')], loss: 'crossEntropy' };

function warningsOf(
  spec: NetworkSpec,
  data: TrainingData,
  options: Partial<FitOptions> = {},
): readonly TrainingWarning[] {
  using net = new Network({ ...spec, seed: 1 });
  return net.fitSync(data, { epochs: 1, warnings: false, ...options }).warnings;
}

describe('the doctor', () => {
  const mistakes: [string, NetworkSpec, TrainingData, Partial<TrainingWarning>, RegExp][] = [
    [
      'a constant column',
      regression,
      { ...sensible, x: [[7, 1], [7, -1], [7, 0.5]] }, // prettier-ignore
      { code: 'CONSTANT_COLUMN', columns: [0] },
      /^x: column 0 is always 7, so nothing can be learned from it\. Leave it out/,
    ],
    [
      'constant columns with names',
      { ...regression, input: { features: ['age', 'height'] } },
      { x: [{ age: 0, height: 2 }, { age: 0, height: 2 }], y: [[1], [0]] }, // prettier-ignore
      { code: 'CONSTANT_COLUMN', columns: [0, 1] },
      /columns 0 \('age'\) and 1 \('height'\) never change/,
    ],
    [
      'pixels as they are in a file',
      regression,
      { ...sensible, x: Uint8Array.from([0, 255, 128, 3, 9, 200]) },
      { code: 'UNSCALED_INPUT', columns: [0, 1] },
      /columns 0 and 1 are not scaled: values 3 … 255\. Make the network with normalize: 'standard'/,
    ],
    [
      'a column of years',
      { ...regression, input: { features: ['year', 'share'] } },
      { x: [{ year: 1999, share: 0.5 }, { year: 2004, share: 0.1 }], y: [[1], [0]] }, // prettier-ignore
      { code: 'UNSCALED_INPUT', columns: [0] },
      /column 0 \('year'\) is not scaled: values 2000 … 2000/,
    ],
    [
      'columns of unequal scales',
      regression,
      { ...sensible, x: [[0.001, 50], [0.002, -40], [0.003, 10]] }, // prettier-ignore
      { code: 'UNEQUAL_SCALES', columns: [0, 1] },
      /column 0 \(values 0\.001 … 0\.003\) and column 1 \(values -40 … 50\) differ in scale by more than 1000/,
    ],
    [
      'targets beyond sigmoid outputs',
      { ...regression, layers: [dense(1, 'sigmoid')] },
      { ...sensible, y: [[0], [3], [1]] },
      { code: 'TARGET_OUT_OF_RANGE', columns: [0] },
      /^y: column 0 \(values 0 … 3\) cannot be reached: sigmoid outputs lie within 0 … 1.*'linear'/,
    ],
    [
      'negative targets of relu outputs',
      { ...regression, layers: [dense(1, 'relu')] },
      { ...sensible, y: [[0], [-3], [1]] },
      { code: 'TARGET_OUT_OF_RANGE', columns: [0] },
      /values -3 … 1\) cannot be reached: relu outputs lie within 0 … Infinity/,
    ],
    [
      'targets beyond tanh outputs',
      { ...regression, layers: [dense(1, 'tanh')] },
      { ...sensible, y: [[-10], [3], [1]] },
      { code: 'TARGET_OUT_OF_RANGE' },
      /tanh outputs lie within -1 … 1/,
    ],
    [
      'several classes at once for softmax',
      classifier,
      { ...sensible, y: [[1, 0, 0], [0, 1, 1], [0, 0, 1]] }, // prettier-ignore
      { code: 'TARGET_NOT_DISTRIBUTION' },
      /^y: row 1 sums to 2, but softmax outputs sum to 1.*binaryCrossEntropy/,
    ],
    [
      'a class without examples',
      { ...classifier, classes: ['cat', 'dog', 'cow'] },
      { ...sensible, y: ['cat', 'cow', 'cat'] },
      { code: 'MISSING_CLASS', columns: [1] },
      /^y: class 1 \('dog'\) has no training example, so the network cannot learn it/,
    ],
    [
      'classes without examples in one-hot rows',
      classifier,
      { ...sensible, y: [[0, 1, 0], [0, 1, 0], [0, 1, 0]] }, // prettier-ignore
      { code: 'MISSING_CLASS', columns: [0, 2] },
      /classes 0 and 2 have no training example/,
    ],
    [
      'a yes without a no',
      { ...regression, layers: [dense(1, 'sigmoid')], loss: 'binaryCrossEntropy' },
      { ...sensible, y: [[1], [1], [1]] },
      { code: 'MISSING_CLASS', columns: [0] },
      /class 0 has no training example/,
    ],
  ];
  it.each(mistakes)('notices %s', (_, spec, data, expected, message) => {
    const warnings = warningsOf(spec, data);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatchObject(expected);
    expect(warnings[0]!.message).toMatch(message);
  });

  it('says when the validation data are of a class that training never sees', () => {
    const options = { validation: { ...sensible, y: [2, 2, 0] } };
    const [warning] = warningsOf(classifier, { ...sensible, y: [0, 1, 1] }, options);
    expect(warning!.message).toMatch(/class 2 .*though 2 of the validation data are of it/);
  });

  it('abridges long lists', () => {
    const spec: NetworkSpec = { ...regression, input: 8 };
    const [warning] = warningsOf(spec, {
      x: Array.from({ length: 3 }, () => new Float32Array(8).fill(1)),
      y: sensible.y,
    });
    expect(warning!.message).toMatch(/^x: 8 columns \(0, 1, 2, 3, 4, …\) never change/);
    expect(warning!.columns).toHaveLength(8);
  });

  it('has nothing to say of sensible data', () => {
    expect(warningsOf(regression, sensible)).toEqual([]);
    expect(warningsOf(classifier, { ...sensible, y: [2, 0, 1] })).toEqual([]);
    // A margin of zeros without a name; one example alone; features that the network scales itself; a vocabulary not used up.
    expect(warningsOf(regression, { ...sensible, x: [[0, 1], [0, -1], [0, 0.5]] })).toEqual([]); // prettier-ignore
    expect(warningsOf(regression, { x: [[1, 1]], y: [[1]] })).toEqual([]);
    const normalized: NetworkSpec = { ...regression, normalize: 'standard' };
    expect(warningsOf(normalized, { ...sensible, x: [[1e5, 1], [2e5, -1], [3e5, 0.5]] })).toEqual([]); // prettier-ignore
    const letters: NetworkSpec = {
      input: { vocabulary: 5 },
      layers: [rnn(3, { returns: 'all' }), dense(5, 'softmax')],
      loss: 'crossEntropy',
    };
    expect(warningsOf(letters, { x: [[0, 1, 0]], y: [[1, 0, 1]] })).toEqual([]);
  });

  it('calls a column constant only when every row agrees, however many there are', () => {
    const rows = 300_000;
    const spec: NetworkSpec = { ...regression, input: 8 };
    const x = Float32Array.from({ length: 8 * rows }, (_, index) =>
      index % 8 < 2 ? 1 : (index % 5) / 5,
    );
    // The one row that differs is not among those of a sample.
    x[8 * 12_345 + 1] = 2;
    const data = { x, y: new Float32Array(rows) };
    const [warning, ...others] = warningsOf(spec, data, { batchSize: 'all' });
    expect(warning).toMatchObject({ code: 'CONSTANT_COLUMN', columns: [0] });
    expect(others).toEqual([]);
  });

  it('prints each thing once for a network, unless told not to', async () => {
    const print = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const data = { ...sensible, x: [[7, 1], [7, -1], [7, 0.5]] }; // prettier-ignore
    using net = new Network({ ...regression, seed: 1 });
    net.fitSync(data, { epochs: 1, warnings: false });
    expect(print).not.toHaveBeenCalled();
    const run = net.fit(data, { epochs: 1 });
    expect(run.warnings).toHaveLength(1);
    expect((await run).warnings).toEqual(run.warnings);
    net.fitSync(data, { epochs: 1 });
    expect(print).toHaveBeenCalledTimes(1);
    expect(print.mock.calls[0]![0]).toMatch(
      /^chainrule: x: column 0 is always 7.*\[CONSTANT_COLUMN;/,
    );
    expect(() => net.fitSync(data, { epochs: 1, warnings: 1 as never })).toThrow(/warnings/);
  });
});

it('knows where the values of every activation function lie', () => {
  const net = (activation: (typeof activationNames)[number]): Network =>
    new Network({
      input: 1,
      layers: [dense(2, activation, { init: { W: [1, -1] } })],
      loss: 'meanSquaredError',
      seed: 1,
    });
  const inputs = Array.from({ length: 4001 }, (_, index) => [(index - 2000) / 100]);
  for (const activation of activationNames) {
    using network = net(activation);
    const outputs = network.predict(inputs);
    const [low, high] = outputRange(activation);
    const [least, most] = [Math.min(...outputs), Math.max(...outputs)];
    expect(least, activation).toBeGreaterThanOrEqual(low);
    expect(most, activation).toBeLessThanOrEqual(high);
    // And the range is no wider than it has to be.
    if (low > -Infinity) expect(least - low, activation).toBeLessThan(1e-3);
    if (high < Infinity) expect(high - most, activation).toBeLessThan(1e-3);
  }
});
