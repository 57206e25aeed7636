import { describe, expect, it } from 'vitest';
import { adam, dense, type EpochReport, Network, sgd } from '../../src/index.ts';
import type { NetworkSpec } from '../../src/index.ts';

const spec: NetworkSpec = {
  input: 2,
  layers: [dense(8, 'tanh'), dense(1, 'sigmoid')],
  loss: 'binaryCrossEntropy',
  seed: 3,
};
const xor = {
  x: [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ],
  y: [[0], [1], [1], [0]],
};
const options = { epochs: 20, batchSize: 3, optimizer: adam({ learningRate: 0.05 }) };

describe('fit', () => {
  it('gives the bits of fitSync, awaited, iterated or ignored', async () => {
    using blocking = new Network(spec);
    blocking.fitSync(xor, options);

    using awaited = new Network(spec);
    expect((await awaited.fit(xor, options)).stoppedBy).toBe('epochs');
    expect(awaited.hash()).toBe(blocking.hash());

    using iterated = new Network(spec);
    const epochs: number[] = [];
    for await (const report of iterated.fit(xor, options)) {
      iterated.evaluate(xor);
      iterated.predict([[0, 1]]);
      epochs.push(report.epoch);
    }
    expect(epochs).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    expect(iterated.hash()).toBe(blocking.hash());

    using ignored = new Network(spec);
    ignored.fit(xor, options);
    await expect.poll(() => ignored.hash()).toBe(blocking.hash());
  });

  it('reports what it did', async () => {
    using net = new Network(spec);
    const before = net.evaluate(xor);
    const { reports, seed, seconds } = await net.fit(xor, {
      ...options,
      batchSize: 'all',
      validation: xor,
    });
    expect(reports).toHaveLength(20);
    expect(seed).toBe(3);
    expect(reports[0]).toMatchObject({ epoch: 1, epochs: 20 });
    expect(reports[0]!.cost).toBeCloseTo(before.loss, 6);
    expect(reports[0]!.accuracy).toBe(before.accuracy);
    for (let epoch = 1; epoch < 20; epoch++) {
      const { cost, accuracy } = reports[epoch]!;
      expect(reports[epoch - 1]!.validation!.loss).toBeCloseTo(cost, 6);
      expect(reports[epoch - 1]!.validation!.accuracy).toBe(accuracy);
    }
    const last = reports.at(-1) as EpochReport;
    expect(last.remainingSeconds).toBe(0);
    expect(last.examplesPerSecond).toBeGreaterThan(0);
    expect(seconds).toBeGreaterThanOrEqual(last.seconds);
  });

  it('goes on with new orders when it is called again', () => {
    const epoch = { epochs: 1, batchSize: 1, optimizer: sgd({ learningRate: 0.1 }) };
    using once = new Network(spec);
    once.fitSync(xor, { ...epoch, epochs: 6 });
    using again = new Network(spec);
    for (let run = 0; run < 6; run++) again.fitSync(xor, epoch);
    expect(again.hash()).toBe(once.hash());
  });

  it('waits for the loop, so that its body sees the network of that epoch', async () => {
    using net = new Network(spec);
    for await (const { epoch } of net.fit(xor, options)) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      using twin = new Network(spec);
      twin.fitSync(xor, { ...options, epochs: epoch });
      expect(net.hash()).toBe(twin.hash());
      if (epoch === 3) break;
    }
  });

  it('stops when the loop is left', async () => {
    using net = new Network(spec);
    const run = net.fit(xor, { ...options, epochs: 100_000 });
    for await (const { epoch } of run) if (epoch === 2) break;
    const history = await run;
    expect(history.stoppedBy).toBe('break');
    expect(history.reports).toHaveLength(2);
    expect(net.trainBatch(xor.x, xor.y)).toBeGreaterThan(0);
  });

  it('stops by its signal, with a usable network', async () => {
    using net = new Network(spec);
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 10);
    const endless = { ...options, epochs: 1_000_000, signal: controller.signal };
    expect((await net.fit(xor, endless)).stoppedBy).toBe('abort');
    expect(net.predict(xor.x)).toHaveLength(4);
    expect(net.fitSync(xor, { ...options, signal: AbortSignal.abort() }).reports).toEqual([]);
  });

  it('tells awaiting and iterating callers of a failure', async () => {
    const wild: NetworkSpec = { input: 1, layers: [dense(1)], loss: 'squaredError', seed: 1 };
    const failure = expect.objectContaining({ code: 'DIVERGED' });
    const data = { x: [[3e20]], y: [[1]] };
    using net = new Network(wild);
    await expect(net.fit(data, { epochs: 9, optimizer: sgd() })).rejects.toEqual(failure);
    const loop = async (): Promise<void> => {
      for await (const _ of net.fit(data, { epochs: 9 }));
    };
    await expect(loop()).rejects.toEqual(failure);
    expect(net.fitSync({ x: [[1]], y: [[1]] }, { epochs: 1 }).stoppedBy).toBe('epochs');
  });

  it('disposed in the midst of training ends with an error', async () => {
    const net = new Network(spec);
    const run = net.fit(xor, { ...options, epochs: 1_000_000 });
    setTimeout(() => net.dispose(), 5);
    await expect(run).rejects.toEqual(expect.objectContaining({ code: 'DISPOSED' }));
  });

  it('leaves the data of the caller alone', () => {
    using net = new Network(spec);
    const x = new Float64Array(xor.x.flat());
    const y = Float32Array.from(xor.y.flat());
    const copies = [x.slice(), y.slice()];
    net.fitSync({ x, y }, options);
    expect([x, y]).toEqual(copies);
  });
});

describe('data in every form', () => {
  it('gives the same bits', () => {
    const named = xor.x.map(([a, b]) => ({ b, a }));
    const features = [
      xor.x,
      Float32Array.from(xor.x.flat()),
      Float64Array.from(xor.x.flat()),
      Uint8Array.from(xor.x.flat()),
      xor.x.flat(),
      xor.x.map((row) => Float32Array.from(row)),
      named,
    ];
    const hashes = features.map((x) => {
      using net = new Network({ ...spec, input: { features: ['a', 'b'] } });
      net.fitSync({ x, y: xor.y }, options);
      return net.hash();
    });
    expect(new Set(hashes).size).toBe(1);
  });

  it('takes labels as numbers, names and one-hot rows', () => {
    const classes = ['no', 'yes'];
    const softmax: NetworkSpec = {
      input: 2,
      layers: [dense(4, 'relu'), dense(2, 'softmax')],
      loss: 'crossEntropy',
      classes,
      seed: 1,
    };
    const labels = [0, 1, 1, 0];
    const targets = [
      labels,
      Uint8Array.from(labels),
      labels.map((label) => classes[label]!),
      labels.map((label) => [1 - label, label]),
    ];
    const hashes = targets.map((y) => {
      using net = new Network(softmax);
      net.fitSync({ x: xor.x, y }, options);
      return net.hash();
    });
    expect(new Set(hashes).size).toBe(1);
  });

  it('predicts a single example and thousands alike', () => {
    using net = new Network(spec);
    const many = Float32Array.from({ length: 2 * 1000 }, (_, index) => Math.fround(index / 1000));
    const all = net.predict(many);
    for (const row of [0, 255, 256, 999]) {
      expect(net.predict(many.subarray(2 * row, 2 * row + 2))[0]).toBe(all[row]);
    }
  });
});

describe('trainBatch', () => {
  it('continues the moments of the same optimizer and starts over with another', () => {
    using stepwise = new Network(spec);
    using whole = new Network(spec);
    const optimizer = adam({ learningRate: 0.05 });
    stepwise.trainBatch(xor.x, xor.y, { optimizer: sgd() });
    whole.trainBatch(xor.x, xor.y, { optimizer: sgd() });
    for (let step = 0; step < 5; step++) stepwise.trainBatch(xor.x, xor.y, { optimizer });
    whole.fitSync(xor, { epochs: 5, batchSize: 'all', shuffle: false, optimizer });
    expect(stepwise.hash()).toBe(whole.hash());
  });

  it('returns the cost before the step', () => {
    using net = new Network(spec);
    const { loss } = net.evaluate(xor);
    expect(net.trainBatch(xor.x, xor.y)).toBeCloseTo(loss, 6);
    expect(net.evaluate(xor).loss).toBeLessThan(loss);
  });
});
