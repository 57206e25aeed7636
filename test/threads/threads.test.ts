import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import {
  adam,
  dense,
  dropout,
  type FitOptions,
  gru,
  lstm,
  momentum,
  Network,
  NetworkError,
  type NetworkSpec,
  rnn,
  sgd,
  type TrainingData,
} from '../../src/index.ts';
import { helpers } from '../../src/threads/pool.ts';
import { GOLDEN_RUNS, OPTIMIZER_CREATORS, runData, runNetwork } from '../reference/determinism.ts';
import { randomMatrix, randomSource } from '../reference/random.ts';
import { Workers } from '../worker/start.ts';
import { data, examples, options, spec, wideHashes } from './wide.ts';

// The number of threads changes no bit, and threads come, help, die and go without disturbing anything else.

const THREADS = [1, 2, 3, 8];

afterAll(() => helpers.forEach((helper) => helper.terminate()));

/** Trains until helpers have come, so that what follows does not end before they are there. */
async function summonHelpers(count: number): Promise<void> {
  const network = new Network(spec);
  const deadline = performance.now() + 20_000;
  const isThere = (): boolean =>
    [...helpers].filter(({ ready, ending }) => ready && !ending).length >= count;
  while (!isThere() && performance.now() < deadline) {
    await network.fit(data, { ...options, threads: count + 1 });
  }
  network.dispose();
  expect(isThere()).toBe(true);
}

function trained(network: NetworkSpec, value: FitOptions, on: TrainingData = data): string {
  using net = new Network(network);
  net.fitSync(on, value);
  return net.hash();
}

describe('the same bits on any number of threads', () => {
  it('for every optimizer, with penalties, clipping, dropout and weights', async () => {
    await summonHelpers(2);
    const layers = [dense(160, 'gelu'), dropout(0.2), dense(130, 'relu'), dense(10, 'softmax')];
    const extras: Partial<FitOptions>[] = [{ l2: 0.01, clipNorm: 1 }, { clipValue: 0.01 }];
    const optimizers = Object.values(OPTIMIZER_CREATORS).map((create) => ({ optimizer: create() }));
    for (const extra of [...extras, ...optimizers]) {
      const [one, ...others] = THREADS.map((threads) =>
        trained({ ...spec, layers }, { ...options, ...extra, threads }),
      );
      expect(new Set([one, ...others]).size, JSON.stringify(extra)).toBe(1);
    }
  });

  it('for weight gradients with many rows of parts, where several are taken at once', async () => {
    await summonHelpers(2);
    const tall: NetworkSpec = {
      ...spec,
      input: 640,
      layers: [dense(320, 'tanh'), dense(10, 'softmax')],
    };
    const on = examples(256, 640);
    const run: FitOptions = { ...options, epochs: 10, batchSize: 64 };
    const hashes = THREADS.map((threads) => trained(tall, { ...run, threads }, on));
    expect(new Set(hashes).size).toBe(1);
  });

  it.each([
    ['rnn', rnn(48)],
    ['lstm', lstm(40)],
    ['gru', gru(40)],
    ['gru, reset before', gru(40, { reset: 'before' })],
  ])('for %s', async (_, layer) => {
    await summonHelpers(2);
    const random = randomSource(5);
    const x = Array.from({ length: 70 }, () => randomMatrix(random, 6, 9));
    const sequences = { x, y: x.map((_, i) => i % 4) } as TrainingData;
    const recurrent: NetworkSpec = {
      input: { features: 9, steps: 6 },
      layers: [layer, dense(4, 'softmax')],
      loss: 'crossEntropy',
      seed: 1,
    };
    const hashes = THREADS.map((threads) =>
      trained(recurrent, { epochs: 3, batchSize: 64, threads }, sequences),
    );
    expect(new Set(hashes).size).toBe(1);
  });

  it('for networks drawn at random', async () => {
    await summonHelpers(2);
    const units = fc.integer({ min: 1, max: 200 });
    const property = fc.property(
      fc.array(units, { minLength: 1, maxLength: 3 }),
      fc.integer({ min: 1, max: 150 }),
      fc.constantFrom(2, 3, 8),
      fc.boolean(),
      (hidden, batchSize, threads, online) => {
        const layers = [...hidden.map((count) => dense(count, 'sigmoid')), dense(10, 'softmax')];
        const optimizer = online ? sgd() : momentum();
        const run = { epochs: 2, batchSize, optimizer };
        const drawn = { ...spec, layers };
        expect(trained(drawn, { ...run, threads })).toBe(trained(drawn, run));
      },
    );
    fc.assert(property, { seed: 1, numRuns: 12 });
  });

  it('for the golden runs, small as they are, and for lists of nonzeros and bytes', () => {
    for (const run of GOLDEN_RUNS) {
      const hashes = [1, 3].map((threads) => {
        using net = runNetwork(run, 'simd');
        const { batchSize } = run;
        net.fitSync(runData(run), { epochs: 3, batchSize, optimizer: run.optimizer(), threads });
        return net.hash();
      });
      expect(hashes[1], run.name).toBe(hashes[0]);
    }
    const bytes = new Uint8Array(300 * 96).map((_, i) => (i % 7 === 0 ? i % 256 : 0));
    const full = bytes.map((_, i) => i % 251);
    for (const x of [bytes, full]) {
      const on = { x, y: data.y } as TrainingData;
      const scaled = { ...options, optimizer: adam({ learningRate: 1e-4 }) };
      expect(trained(spec, { ...scaled, threads: 2 }, on)).toBe(trained(spec, scaled, on));
    }
  });

  it('when a run goes on from its state on other threads', async () => {
    await summonHelpers(1);
    using begun = new Network(spec);
    const run = begun.fit(data, { ...options, threads: 2 });
    const resume = await run.checkpoint();
    await run;
    using net = new Network(spec);
    net.fitSync(data, { ...options, resume, threads: 3 });
    expect(net.hash()).toBe(trained(spec, options));
  });

  it('when a gradient is too large to be applied, whichever thread sees that', async () => {
    await summonHelpers(1);
    const [inputs, units] = [300, 600];
    const layers = [dense(units, 'linear'), dense(1, 'linear')];
    const x = Array.from({ length: 128 }, () => Array.from({ length: inputs }, () => 1));
    const fine = { x, y: x.map(() => [1]) };
    const steep = { ...fine, x: x.map((row) => row.with(-1, 1e30)) };
    const hashes = await Promise.all(
      [1, 2].map(async (threads) => {
        using net = new Network({ input: inputs, layers, loss: 'meanAbsoluteError', seed: 1 });
        // δ of the lower layer is 1e10: the derivatives of the last column are 1e40, and no others are out of bounds.
        net.parameters[0]!.set(new Float32Array(units * inputs));
        net.parameters[2]!.set(new Float32Array(units).fill(1e10));
        const before = net.hash();
        const run = { batchSize: 128, optimizer: momentum(), threads };
        await expect(net.fit(steep, { ...run, epochs: 20 })).rejects.toThrow(/^a gradient is no/);
        expect(net.hash()).toBe(before);
        await net.fit(fine, { ...run, epochs: 3 });
        return net.hash();
      }),
    );
    expect(hashes[1]).toBe(hashes[0]);
  });

  it('for predictions and evaluations', async () => {
    await summonHelpers(1);
    using net = new Network(spec);
    expect(net.predict(data.x, { threads: 2 })).toEqual(net.predict(data.x));
    expect(net.evaluate(data, { threads: 3 })).toEqual(net.evaluate(data));
  });

  it('in a worker', async () => {
    const expected = await wideHashes(1);
    const workers = new Workers();
    expect(await wideHashes(2, { create: workers.create })).toEqual(expected);
    expect(workers.started).not.toEqual([]);
    await workers.end();
    expect(await wideHashes(3)).toEqual(expected);
  });

  it('on the js core, which has one thread', () => {
    using net = new Network(spec, { core: 'js' });
    net.fitSync(data, { ...options, epochs: 1, threads: 4 });
    expect(net.hash()).toBe(trained(spec, { ...options, epochs: 1 }));
  });
});

describe('helpers', () => {
  it('are shared out among networks that train at the same time', async () => {
    await summonHelpers(1);
    const before = helpers.size;
    const [alone, other] = [1, 2].map((seed) => trained({ ...spec, seed }, options));
    const networks = [1, 2].map((seed) => new Network({ ...spec, seed }));
    await Promise.all(networks.map((net) => net.fit(data, { ...options, threads: 2 })));
    expect(networks.map((net) => net.hash())).toEqual([alone, other]);
    expect(helpers.size).toBeLessThanOrEqual(Math.max(before, 2));
    networks.forEach((net) => net.dispose());
  });

  it('stay the same for ten thousand runs, of one network and of many', async () => {
    await summonHelpers(1);
    const before = helpers.size;
    const small = examples(96, 64);
    const layers = [dense(10, 'softmax')];
    const run = { epochs: 1, batchSize: 96, threads: 2 } as const;
    const one = new Network({ ...spec, input: 64, layers: [dense(96, 'relu'), ...layers] });
    for (let round = 0; round < 9_900; round++) one.fitSync(small, run);
    one.dispose();
    for (let round = 0; round < 100; round++) {
      new Network({ ...spec, input: 64, layers }).fitSync(small, run);
    }
    expect(helpers.size).toBe(before);
  }, 60_000);

  it('that die end the run, the network being at its last finished step', async () => {
    await summonHelpers(1);
    const run = { epochs: 200, batchSize: 'all', optimizer: adam(), shuffle: false } as const;
    const expected = new Set<string>();
    using reference = new Network(spec);
    expected.add(reference.hash());
    for await (const { epoch } of reference.fit(data, run)) {
      expected.add(reference.hash());
      if (epoch === 150) break;
    }
    using net = new Network(spec);
    const training = net.fit(data, { ...run, epochs: 1_000_000, threads: 2 });
    setTimeout(() => helpers.forEach((helper) => helper.terminate()), 5);
    const error = await training.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(NetworkError);
    expect((error as NetworkError).code).toBe('WORKER_LOST');
    expect(expected).toContain(net.hash());

    await summonHelpers(1);
    await net.fit(data, { ...options, threads: 2 });
  });

  it('do not keep a process alive', () => {
    const script = `
      import { Network, dense } from './build/index.js';
      const net = new Network({ input: 96, layers: [dense(256, 'relu'), dense(10, 'softmax')], loss: 'crossEntropy', seed: 1 });
      const x = Float32Array.from({ length: 96 * 256 }, (_, i) => Math.sin(i));
      const y = Uint8Array.from({ length: 256 }, (_, i) => i % 10);
      await net.fit({ x, y }, { epochs: 300, batchSize: 128, threads: 2 });
      console.log('trained');`;
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    expect(child).toMatchObject({ status: 0, stdout: 'trained\n', stderr: '' });
  }, 70_000);
});

describe('the option threads', () => {
  it.each([0, 1.5, -1, 1000, NaN])('refuses %d', (threads) => {
    using net = new Network(spec);
    expect(() => net.fitSync(data, { ...options, threads })).toThrow(RangeError);
    expect(() => net.predict(data.x, { threads })).toThrow(RangeError);
    expect(() => net.evaluate(data, { threads })).toThrow(RangeError);
  });

  it('refuses what is not a number', () => {
    using net = new Network(spec);
    const wrong = { threads: 'two' } as unknown as { threads: number };
    expect(() => net.fitSync(data, { ...options, ...wrong })).toThrow(TypeError);
  });
});
