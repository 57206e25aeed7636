import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as library from '../src/index.ts';
import {
  adagrad,
  adam,
  adamw,
  dense,
  dropout,
  momentum,
  nesterov,
  Network,
  NetworkError,
  type NetworkSpec,
  type Optimizer,
  rmsprop,
  sgd,
  type TrainingOptions,
} from '../src/train/index.ts';
import { randomMatrix, randomSource } from './reference/random.ts';

// The small entry that trains: the numbers of the library to the last bit, and a clear word where it leaves something out.

const random = randomSource(3);
const x = randomMatrix(random, 37, 4);
const y = x.map(() => Math.floor(random() * 3));
const validation = { x: x.slice(0, 9), y: y.slice(0, 9) };
const spec: NetworkSpec = {
  input: 4,
  normalize: 'standard',
  layers: [dense(6, 'relu'), dropout(0.3), dense(3, 'softmax')],
  loss: 'crossEntropy',
  classes: ['a', 'b', 'c'],
  seed: 9,
};

const optimizers: readonly Optimizer[] = [
  sgd(),
  momentum(),
  nesterov(),
  rmsprop(),
  adagrad(),
  adam(),
  adamw(),
].map((optimizer) => ({ ...optimizer, learningRate: 0.02 }));

describe('the small network', () => {
  it.each(optimizers.map((optimizer) => [optimizer.kind, optimizer] as const))(
    'trains with %s to the bits of the library',
    async (_, optimizer) => {
      const options: TrainingOptions = {
        epochs: 5,
        batchSize: 8,
        optimizer,
        l2: 1e-3,
        clipNorm: 2,
        validation,
        earlyStopping: { patience: 2 },
      };
      const small = new Network(spec);
      const large = new library.Network(spec, { core: 'simd' });
      const history = await small.fit({ x, y }, options);
      const expected = await large.fit({ x, y }, options);
      expect(small.hash()).toBe(large.hash());
      expect(history.reports.map(({ cost }) => cost)).toEqual(
        expected.reports.map(({ cost }) => cost),
      );
      expect(history.reports.at(-1)!.validation).toEqual(expected.reports.at(-1)!.validation);
      expect(small.predict(x)).toEqual(large.predict(x));
      expect(small.evaluate({ x, y })).toEqual(large.evaluate({ x, y }));
      expect(small.trainBatch(x, y, { optimizer })).toBe(large.trainBatch(x, y, { optimizer }));
      expect(small.hash()).toBe(large.hash());
    },
  );

  it('trains on bytes, of which it visits the nonzero ones, to the bits of the library', () => {
    const bytes = Uint8Array.from({ length: 200 }, (_, index) => (index % 7 === 0 ? index : 0));
    const labels = Uint8Array.from({ length: 20 }, (_, index) => index % 2);
    const hashes = [new Network(images), new library.Network(images)].map((network) => {
      network.fitSync({ x: bytes, y: labels }, { epochs: 4 });
      return network.hash();
    });
    expect(hashes[0]).toBe(hashes[1]);
  });

  it('loads what the library has saved, and the other way round', () => {
    const small = new Network(spec);
    small.fitSync({ x, y }, { epochs: 2 });
    const large = library.Network.load(small.save());
    const again = Network.load(large.save());
    expect(large.predict(x)).toEqual(small.predict(x));
    expect(again.save()).toEqual(small.save());
    // The random streams go on where they were.
    for (const network of [small, large, again]) network.fitSync({ x, y }, { epochs: 1 });
    expect([large.hash(), again.hash()]).toEqual([small.hash(), small.hash()]);
  });

  it('reports, stops and pauses as the library does', async () => {
    const net = new Network(spec);
    const progress = vi.fn();
    for await (const { epoch } of net.fit({ x, y }, { epochs: 10, onProgress: progress })) {
      if (epoch === 3) break;
    }
    expect(progress).toHaveBeenCalled();
    const run = net.fit({ x, y }, { epochs: 3 });
    run.pause();
    expect(run.paused).toBe(true);
    expect(() => net.fit({ x, y }, { epochs: 1 })).toThrow(/is being trained by fit/);
    run.resume();
    expect((await run).reports).toHaveLength(3);
    net.dispose();
    expect(() => net.predict(x)).toThrow(NetworkError);
  });

  it('says where training diverged and what helps, and keeps the parameters before', () => {
    const net = new Network({ input: 1, layers: [dense(1)], loss: 'squaredError', seed: 1 });
    const data = { x: [[1e3], [2e3]], y: [[1], [2]] };
    const train = (): unknown =>
      net.fitSync(data, { epochs: 100, batchSize: 1, optimizer: sgd({ learningRate: 1 }) });
    expect(train).toThrow(
      /^(a gradient|the cost) is no longer a finite number in epoch \d+, batch \d\. The parameters .* such as 0\.1, or clipNorm: 1\.$/,
    );
    expect(net.parameters.every(({ get }) => get().every(Number.isFinite))).toBe(true);
    expect(() => net.trainBatch([[1e30]], [[1]])).toThrow(/in this batch/);
  });
});

const images: NetworkSpec = {
  input: 10,
  normalize: { scale: 1 / 255 },
  layers: [dense(5, 'tanh'), dense(2, 'softmax')],
  loss: 'crossEntropy',
  seed: 2,
};

describe('what the small network leaves out', () => {
  const leftOut = (what: string): string =>
    `${what}: not part of this entry of the package, which is small. Import Network from 'chainrule'.`;
  const layers = [dense(2)];
  const loss = 'meanSquaredError';

  it.each<[string, NetworkSpec, object?]>([
    ["layers[0].kind: 'lstm'", { input: 1, layers: [library.lstm(2), dense(1)], loss }],
    ["layers[0].kind: 'embedding'", { input: 4, layers: [library.embedding(4, 2)], loss }],
    ['input: sequences', { input: { features: 3, steps: 2 }, layers, loss }],
    ['input: sequences', { input: { vocabulary: 3 }, layers, loss }],
    ['input.features: names of columns', { input: { features: ['age', 'size'] }, layers, loss }],
    ["core: 'js'", { input: 1, layers, loss }, { core: 'js' }],
  ])('%s', (what, value, options) => {
    expect(() => new Network(value, options as never)).toThrow(new RangeError(leftOut(what)));
  });

  it.each<[string, object]>([
    ['fit: schedule', { schedule: library.cosine() }],
    ['fit: metrics', { metrics: ['accuracy'] }],
    ['fit: classWeights', { classWeights: 'balanced' }],
    ['fit: truncate', { truncate: 2 }],
    ['fit: stateful', { stateful: true }],
    ['fit: worker', { worker: true }],
    ['fit: warnings', { warnings: true }],
    ['fit: checkpoint', { checkpoint: { path: 'run' } }],
    ['fit: resume', { resume: new Uint8Array(8) }],
    ['threads: 2', { threads: 2 }],
  ])('%s', (what, option) => {
    const net = new Network(spec);
    const before = net.hash();
    const options = { epochs: 1, ...option } as never;
    expect(() => net.fit({ x, y }, options)).toThrow(new RangeError(leftOut(what)));
    expect(net.hash()).toBe(before);
    expect(() => net.fitSync({ x, y }, { epochs: 1 })).not.toThrow();
  });

  it('is no mistake where it is switched off', () => {
    const options = { epochs: 1, worker: false, warnings: false, threads: 1 } as never;
    expect(() => new Network(spec).fitSync({ x, y }, options)).not.toThrow();
  });

  it('batches as they come, and checkpoints', async () => {
    const net = new Network(spec);
    const batches = function* (): Generator { yield { x, y }; }; // prettier-ignore
    expect(() => net.fit(batches as never, { epochs: 1 })).toThrow(
      leftOut('data: batches as they come'),
    );
    expect(() => net.trainBatch(x, y, { stateful: true })).toThrow(leftOut('trainBatch: stateful'));
    const run = net.fit({ x, y }, { epochs: 50 }) as library.Run;
    await expect(run.checkpoint()).rejects.toThrow(leftOut('checkpoint'));
    await run;
  });

  it('is said of a file with it', () => {
    const file = new library.Network({ input: 1, layers: [library.gru(2)], loss }).save();
    expect(() => Network.load(file)).toThrow(
      expect.objectContaining({
        code: 'BAD_FILE',
        message: expect.stringContaining(leftOut("layers[0].kind: 'gru'")),
      }),
    );
  });

  it('does not hide other mistakes', () => {
    expect(() => new Network({ ...spec, layers: [{ kind: 'dens' } as never] })).toThrow(
      "Did you mean 'dense'?",
    );
    expect(() => new Network(spec, { cor: 'simd' } as never)).toThrow("Did you mean 'core'?");
    expect(() => new Network(spec).fitSync({ x, y }, { epoch: 1 } as never)).toThrow(
      "Did you mean 'epochs'?",
    );
  });
});

describe('where WebAssembly is forbidden', () => {
  beforeEach(() => vi.resetModules());
  afterEach(() => vi.unstubAllGlobals());

  it.each([
    ['there is none', undefined],
    ['a policy refuses it', forbidding(new WebAssembly.CompileError('violates the policy'))],
  ])('the small network says what to do, when %s', async (_, global) => {
    vi.stubGlobal('WebAssembly', global);
    const fresh = await import('../src/train/index.ts');
    const mend = "script-src needs 'wasm-unsafe-eval'; or import Network from 'chainrule'";
    expect(() => new fresh.Network(spec)).toThrow(RangeError);
    expect(() => new fresh.Network(spec)).toThrow(mend);
  });
});

/** A WebAssembly that compiles nothing. */
function forbidding(error: Error): object {
  function Module(): never {
    throw error;
  }
  return { ...WebAssembly, CompileError: WebAssembly.CompileError, Module };
}
