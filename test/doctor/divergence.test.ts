import { describe, expect, it } from 'vitest';
import {
  adam,
  dense,
  dropout,
  type FitOptions,
  Network,
  NetworkError,
  type NetworkSpec,
  rnn,
  sgd,
  type TrainingData,
} from '../../src/index.ts';

const x = [[1, 2], [2, 1], [0, 1], [0.5, -1], [1, -1]]; // prettier-ignore
const y = [[1], [0], [2], [1], [0]];
const data = { x, y };

/** The error of a run that diverges, and the network after it. */
function failureOf(
  net: Network,
  examples: TrainingData,
  options: Partial<FitOptions>,
): NetworkError {
  try {
    net.fitSync(examples, { epochs: 1000, warnings: false, ...options });
  } catch (error) {
    if (error instanceof NetworkError) return error;
    throw error;
  }
  return expect.fail('expected a run that diverges');
}

describe('a run that diverges', () => {
  it.each([0, 1, 2, 3])('names layers.%i, whose weights are huge', (layer) => {
    const sizes = [2, 4, 4, 4, 1];
    const layers = [0, 1, 2, 3].map((index) => {
      const count = sizes[index]! * sizes[index + 1]!;
      const huge = index === layer ? { init: { W: new Array<number>(count).fill(3e38) } } : {};
      return dense(sizes[index + 1]!, index < 3 ? 'softplus' : 'linear', huge);
    });
    using net = new Network({ input: 2, layers, loss: 'squaredError', seed: 1 });
    const before = net.hash();
    const { code, message } = failureOf(net, data, { batchSize: 2 });
    expect(code).toBe('DIVERGED');
    expect(message).toMatch(/^the cost is no longer a finite number in epoch 1, batch 1\./);
    expect(message).toContain(`out of bounds is in layers.${layer} (dense ${sizes[layer + 1]}`);
    expect(message).toContain(`layers.${layer}.W reaches 3e+38.`);
    expect(message).toMatch(
      /Likely cause: the parameters were too large from the start, up to 3e\+38/,
    );
    expect(message).toContain(`Choose smaller starting values for layers.${layer}`);
    expect(net.hash()).toBe(before);
  });

  const spec: NetworkSpec = {
    input: 2,
    layers: [dense(8, 'relu'), dense(1)],
    loss: 'squaredError',
    seed: 1,
  };

  it.each([
    ['sgd in place', { optimizer: sgd({ learningRate: 3 }) }],
    ['sgd with a penalty', { optimizer: sgd({ learningRate: 3 }), l2: 1e-4 }],
    ['adam', { optimizer: adam({ learningRate: 1e15 }) }],
  ])('is left with the last finite parameters, and told of its rate: %s', (_, more) => {
    for (const core of ['simd', 'js'] as const) {
      using net = new Network(spec, { core });
      const options = { ...more, batchSize: 2, shuffle: false };
      const { message } = failureOf(net, data, options);
      const [, epoch, batch] = /in epoch (\d+), batch (\d+)\./.exec(message)!;
      const steps = 3 * (Number(epoch) - 1) + Number(batch) - 1;
      expect(message).toMatch(
        /Likely cause: the learning rate .* is too large, the largest parameter went from/,
      );
      expect(message).toContain(`in ${steps} update`);
      expect(message).toMatch(/The largest activation is [\d.e+]+, of layers\.\d\./);
      expect(message).toMatch(/smaller learning rate/);

      // The same steps one by one give these parameters, and the next one cannot be made.
      using twin = new Network(spec, { core });
      const step = (index: number): number => {
        const first = 2 * (index % 3);
        return twin.trainBatch(x.slice(first, first + 2), y.slice(first, first + 2), more);
      };
      for (let index = 0; index < steps; index++) step(index);
      expect(net.hash()).toBe(twin.hash());
      expect(() => step(steps)).toThrow(expect.objectContaining({ code: 'DIVERGED' }));
      expect(net.hash()).toBe(twin.hash());
      for (const { get } of net.parameters) expect(get().every(Number.isFinite)).toBe(true);
      expect(net.predict(x)).toHaveLength(5);
    }
  });

  it('finds the batch again that a shuffle made', () => {
    using net = new Network(spec);
    const bad = { x: [...x, [3e19, 1]], y: [...y, [0]] };
    const { message } = failureOf(net, bad, {
      batchSize: 1,
      optimizer: sgd({ learningRate: 1e-6 }),
    });
    expect(message).toMatch(/Likely cause: the inputs are not scaled, they reach 3e\+19/);
    expect(message).toMatch(/Make the network with normalize: 'standard'/);
  });

  it('is told of targets that are not scaled', () => {
    using net = new Network(spec);
    const { message } = failureOf(net, { x, y: [[1e20], [0], [0], [0], [0]] }, {});
    expect(message).toMatch(/Likely cause: the targets are not scaled, they reach 1e\+20/);
  });

  it('is told of saturation', () => {
    using net = new Network({
      input: 2,
      layers: [dense(6, 'tanh', { init: { W: new Array<number>(12).fill(90) } }), dense(1)],
      loss: 'squaredError',
      seed: 1,
    });
    const positive = { x: x.slice(0, 3), y: y.slice(0, 3) };
    const { message } = failureOf(net, positive, { optimizer: sgd({ learningRate: 1e3 }) });
    expect(message).toContain('layers.0 (dense 6, tanh) is saturated.');
  });

  it('is told what is known where its batch cannot be had again', () => {
    const optimizer = sgd({ learningRate: 1e12 });
    using dropping = new Network({ ...spec, layers: [dense(8, 'relu'), dropout(0.5), dense(1)] });
    const rate =
      /^(the cost|a gradient) is no longer a finite number in epoch \d+, batch \d+\..*Likely cause: the learning rate/;
    expect(failureOf(dropping, data, { optimizer }).message).toMatch(rate);

    const recurrent: NetworkSpec = {
      input: { features: 1 },
      layers: [rnn(3, { returns: 'all' }), dense(1)],
      loss: 'squaredError',
      seed: 1,
    };
    const sequences = { x: [[[1], [2], [3], [4]]], y: [[[1], [2], [3], [4]]] };
    for (const more of [{}, { truncate: 2 }]) {
      using net = new Network(recurrent);
      expect(failureOf(net, sequences, { optimizer, ...more }).message).toMatch(rate);
    }
  });

  it('is told of batches that come in a stream', async () => {
    using net = new Network(spec);
    const batches = [data, { x: [[3e19, 1]], y: [[0]] }];
    const run = net.fit(() => batches, { epochs: 1, optimizer: sgd({ learningRate: 1e-3 }) });
    await expect(run).rejects.toThrow(
      /epoch 1, batch 2\..*inputs are not scaled, they reach 3e\+19/s,
    );
  });

  it('gives the memory of the diagnosis back', () => {
    using net = new Network(spec);
    const fail = (): NetworkError => failureOf(net, data, { optimizer: sgd({ learningRate: 3 }) });
    const first = fail().message;
    net.parameters.forEach(({ set, shape }) =>
      set(new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(0.1)),
    );
    for (let run = 0; run < 300; run++) fail();
    expect(first).toMatch(/learning rate/);
  });
});
