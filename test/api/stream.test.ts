import { describe, expect, it } from 'vitest';
import {
  adam,
  type Batches,
  Dataset,
  dense,
  dropout,
  momentum,
  Network,
  NetworkError,
  rnn,
} from '../../src/index.ts';
import type { TrainingData } from '../../src/index.ts';
import { csvBatches } from '../../src/csv/index.ts';
import { CORES } from '../reference/library.ts';
import { randomSource } from '../reference/random.ts';

const ROWS = 23;
const INPUTS = 6;
const random = randomSource(8);
/** Mostly zeros, so that data in memory become lists of nonzeros. */
const x = Float32Array.from({ length: ROWS * INPUTS }, () => (random() < 0.2 ? random() - 0.4 : 0));
const y = Uint8Array.from({ length: ROWS }, (_, row) => row % 3);

const spec = {
  input: INPUTS,
  layers: [dense(8, 'tanh'), dropout(0.25), dense(3, 'softmax')],
  loss: 'crossEntropy',
  seed: 6,
} as const;

/** The data in batches of `size`. */
function batchesOf(size: number): TrainingData[] {
  const batches: TrainingData[] = [];
  for (let row = 0; row < ROWS; row += size) {
    batches.push({
      x: x.subarray(row * INPUTS, (row + size) * INPUTS),
      y: y.subarray(row, row + size),
    });
  }
  return batches;
}

async function* asTheyCome(batches: TrainingData[]): AsyncGenerator<TrainingData> {
  for (const [index, batch] of batches.entries()) {
    if (index % 2 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    yield batch;
  }
}

describe.each(CORES)('training on a stream, core %s', (core) => {
  it.each([1, 5, ROWS])('has the bits of the same batches of %d in memory', async (batchSize) => {
    const [streamed, whole] = [new Network(spec, { core }), new Network(spec, { core })];
    for (const optimizer of [adam({ learningRate: 0.01 }), momentum({ learningRate: 0.1 })]) {
      const options = { epochs: 3, optimizer, l2: 1e-3, validation: { x, y } };
      const history = await streamed.fit(() => asTheyCome(batchesOf(batchSize)), options);
      const expected = whole.fitSync({ x, y }, { ...options, batchSize, shuffle: false });
      expect(streamed.hash()).toBe(whole.hash());
      expect(history.stoppedBy).toBe('epochs');
      const told = ({ epoch, epochs, step, cost, accuracy, validation, learningRate }: (typeof history.reports)[number]) =>
        ({ epoch, epochs, step, cost, accuracy, validation, learningRate }); // prettier-ignore
      expect(history.reports.map(told)).toEqual(expected.reports.map(told));
      for (const { examplesPerSecond } of history.reports)
        expect(examplesPerSecond).toBeGreaterThan(0);
    }
  });
});

describe('a stream', () => {
  it('may be anything to loop over, once', async () => {
    const hashes = [];
    const sources: (() => Batches)[] = [
      () => batchesOf(5).values(),
      () => new Set(batchesOf(5)),
      () => asTheyCome(batchesOf(5)),
      () => new ReadableStream<TrainingData>({
          start(controller) {
            for (const batch of batchesOf(5)) controller.enqueue(batch);
            controller.close();
          },
        }) as unknown as AsyncIterable<TrainingData>,
    ]; // prettier-ignore
    for (const source of sources) {
      const net = new Network(spec);
      await net.fit(source(), { epochs: 1 });
      hashes.push(net.hash());
    }
    expect(new Set(hashes).size).toBe(1);
  });

  it('may have batches and epochs of different sizes, and data sets and records as batches', async () => {
    const data = Dataset.fromRecords(
      [
        { a: 1, b: 'p', y: 'no' },
        { a: 2, b: 'q', y: 'yes' },
        { a: 3, b: 'q', y: 'no' },
      ],
      { target: 'y' },
    );
    const spec = {
      input: data.input,
      classes: data.classes!,
      layers: [dense(2, 'softmax')],
      loss: 'crossEntropy',
      seed: 1,
    } as const;
    let epoch = 0;
    const opened = (): Batches =>
      ++epoch === 1
        ? [
            data.select([0]),
            {
              x: [
                { a: 2, b: 'q' },
                { a: 3, b: 'q' },
              ],
              y: ['yes', 'no'],
            },
          ].values()
        : csvBatches('a,b,y\n4,p,yes\n', { target: 'y', batchSize: 1 });
    const net = new Network(spec);
    const { reports } = await net.fit(opened, { epochs: 2 });
    expect(reports.map(({ step }) => step)).toEqual([2, 3]);
    const twin = new Network(spec);
    const optimizer = adam();
    twin.trainBatch([{ a: 1, b: 'p' }], ['no'], { optimizer });
    twin.trainBatch([{ a: 2, b: 'q' }, { a: 3, b: 'q' }], ['yes', 'no'], { optimizer }); // prettier-ignore
    twin.trainBatch([{ a: 4, b: 'p' }], ['yes'], { optimizer });
    expect(net.hash()).toBe(twin.hash());
  });

  it('may be of sequences', async () => {
    const spec = {
      input: { features: 1 },
      layers: [rnn(3, { returns: 'all' }), dense(1)],
      loss: 'meanSquaredError',
      seed: 1,
    } as const;
    const data = { x: [[[1], [2]], [[3]]], y: [[[1], [0]], [[1]]], lengths: [2, 1] };
    const [streamed, whole] = [new Network(spec), new Network(spec)];
    const { reports } = await streamed.fit(() => [data].values(), { epochs: 2 });
    const expected = whole.fitSync(data, { epochs: 2, shuffle: false });
    expect(streamed.hash()).toBe(whole.hash());
    expect(reports.map(({ cost }) => cost)).toEqual(expected.reports.map(({ cost }) => cost));
  });

  it('is read once an epoch, as fast as it is trained on, and closed when training ends early', async () => {
    const log: string[] = [];
    const opened = async function* (): AsyncGenerator<TrainingData> {
      log.push('open');
      try {
        for (const batch of batchesOf(5)) {
          log.push('batch');
          yield batch;
        }
      } finally {
        log.push('close');
      }
    };
    const net = new Network(spec);
    for await (const { epoch } of net.fit(opened, { epochs: 9 })) if (epoch === 2) break;
    const whole = ['open', ...Array<string>(5).fill('batch'), 'close'];
    expect(log.slice(0, 14)).toEqual([...whole, ...whole]);
    expect(log.filter((entry) => entry === 'open')).toHaveLength(
      log.filter((entry) => entry === 'close').length,
    );
  });

  it('can be aborted while it has nothing to give', async () => {
    const stop = new AbortController();
    const stuck = async function* (): AsyncGenerator<TrainingData> {
      yield* batchesOf(5);
      setTimeout(() => stop.abort(), 5);
      await new Promise(() => {});
    };
    const net = new Network(spec);
    const { stoppedBy } = await net.fit(stuck(), { epochs: 1, signal: stop.signal });
    expect(stoppedBy).toBe('abort');
    expect(net.predict(x)).toHaveLength(3 * ROWS);
    net.trainBatch(x, y);
    const again = await net.fit(stuck(), { epochs: 1, signal: stop.signal });
    expect(again.stoppedBy).toBe('abort');
  });
});

describe('errors of a stream', () => {
  const net = new Network(spec);
  const before = net.hash();
  const stream = (): Batches => batchesOf(5).values();

  it('are thrown at once where they can be known', () => {
    expect(() => net.fit(stream(), { epochs: 2 })).toThrow(
      'data: a stream can be read once, but epochs is 2. Pass a function that opens it anew',
    );
    const options = { batchSize: 3, schedule: () => 1, classWeights: 'balanced', truncate: 2, shuffle: true }; // prettier-ignore
    for (const [key, value] of Object.entries(options)) {
      expect(() => net.fit(stream, { epochs: 1, [key]: value })).toThrow(new RegExp(`^${key}: `));
    }
    expect(() => net.fitSync(stream as never, { epochs: 1 })).toThrow(/cannot wait for a stream/);
    const normalising = new Network({ ...spec, normalize: 'standard' });
    expect(() => normalising.fit(stream, { epochs: 1 })).toThrow(NetworkError);
    normalising.fitNormalizer(x);
    expect(() => normalising.fit(stream, { epochs: 0 })).toThrow(/^epochs/);
    expect(net.hash()).toBe(before);
  });

  it('reject the run, and leave an idle network', async () => {
    const fail = (data: unknown, epochs = 1): PromiseLike<unknown> =>
      net.fit(data as Batches, { epochs }).then(
        () => expect.fail('nothing was thrown'),
        (error: unknown) => error,
      );
    const broken = async function* (): AsyncGenerator<TrainingData> {
      yield* batchesOf(23);
      throw new Error('the disk is gone');
    };
    expect(String(await fail(broken()))).toBe('Error: the disk is gone');
    expect(String(await fail([{ x: [[1]], y: [0] }].values()))).toMatch(
      /^RangeError: epoch 1, batch 1\.x\[0\]: expected 6 numbers, got 1/,
    );
    expect(String(await fail([7].values()))).toMatch(
      /^TypeError: epoch 1, batch 1: expected an ob/,
    );
    expect(String(await fail([].values()))).toMatch(/^RangeError: data: epoch 1 has no batches/);
    const once = stream();
    expect(String(await fail(() => once, 2))).toMatch(/^RangeError: data: epoch 2 has no batches/);
    expect(String(await fail(() => 7))).toMatch(
      /^TypeError: data: expected the function to return/,
    );
    net.trainBatch(x, y);
  });
});

describe('errors of a stream', () => {
  const net = new Network(spec);
  const before = net.hash();
  const stream = (): Batches => batchesOf(5).values();

  it('are thrown at once where they can be known', () => {
    expect(() => net.fit(stream(), { epochs: 2 })).toThrow(
      'data: a stream can be read once, but epochs is 2. Pass a function that opens it anew',
    );
    const options = { batchSize: 3, schedule: () => 1, classWeights: 'balanced', truncate: 2, shuffle: true }; // prettier-ignore
    for (const [key, value] of Object.entries(options)) {
      expect(() => net.fit(stream, { epochs: 1, [key]: value })).toThrow(new RegExp(`^${key}: `));
    }
    expect(() => net.fitSync(stream as never, { epochs: 1 })).toThrow(/cannot wait for a stream/);
    const normalising = new Network({ ...spec, normalize: 'standard' });
    expect(() => normalising.fit(stream, { epochs: 1 })).toThrow(NetworkError);
    normalising.fitNormalizer(x);
    expect(() => normalising.fit(stream, { epochs: 0 })).toThrow(/^epochs/);
    expect(net.hash()).toBe(before);
  });

  it('reject the run, and leave an idle network', async () => {
    const fail = (data: unknown, epochs = 1): PromiseLike<unknown> =>
      net.fit(data as Batches, { epochs }).then(
        () => expect.fail('nothing was thrown'),
        (error: unknown) => error,
      );
    const broken = async function* (): AsyncGenerator<TrainingData> {
      yield* batchesOf(23);
      throw new Error('the disk is gone');
    };
    expect(String(await fail(broken()))).toBe('Error: the disk is gone');
    expect(String(await fail([{ x: [[1]], y: [0] }].values()))).toMatch(
      /^RangeError: epoch 1, batch 1\.x\[0\]: expected 6 numbers, got 1/,
    );
    expect(String(await fail([7].values()))).toMatch(
      /^TypeError: epoch 1, batch 1: expected an ob/,
    );
    expect(String(await fail([].values()))).toMatch(/^RangeError: data: epoch 1 has no batches/);
    const once = stream();
    expect(String(await fail(() => once, 2))).toMatch(/^RangeError: data: epoch 2 has no batches/);
    expect(String(await fail(() => 7))).toMatch(
      /^TypeError: data: expected the function to return/,
    );
    net.trainBatch(x, y);
  });

  it('name the batch whose cost is not finite', async () => {
    const net = new Network(spec);
    const batches = [...batchesOf(5), { x: x.map(() => 3e38), y }];
    const run = net.fit(batches.values(), { epochs: 1, optimizer: adam({ learningRate: 1 }) });
    const error: NetworkError = await run.then(
      () => expect.fail('nothing was thrown'),
      (reason) => reason,
    );
    expect(error.code).toBe('DIVERGED');
    expect(error.message).toContain('epoch 1, batch 6');
  });
});
