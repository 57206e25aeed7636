import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  adam,
  bidirectional,
  dense,
  dropout,
  type FitOptions,
  gru,
  lstm,
  Network,
  type NetworkSpec,
  readSafetensors,
  rnn,
  sgd,
  type TrainingData,
  writeSafetensors,
} from '../../src/index.ts';
import { CORES } from '../reference/library.ts';
import { randomMatrix, randomSource } from '../reference/random.ts';
import { LEARNING_LAYERS, RECURRENT_LAYERS } from './layers.ts';

// Batches that go on where those before them ended are windows of long sequences: the bits of `fit` on the whole ones, cut by `truncate`.

afterEach(() => vi.restoreAllMocks());

const random = randomSource(12);
const LENGTHS = [7, 4, 9, 2, 5];
const x = LENGTHS.map((length) => randomMatrix(random, length, 2));
const y = LENGTHS.map((length) => Array.from({ length }, () => Math.floor(random() * 3)));
const WINDOW = 3;
const ROWS = 2;

interface Batch extends TrainingData {
  readonly x: number[][][];
  readonly y: number[][];
  readonly lengths: number[];
}

/** The windows of two sequences at a time, in the order in which `fit` takes them; what has ended is padding of length 0. */
function windows(): Batch[] {
  const longest = Math.max(...LENGTHS);
  const batches: Batch[] = [];
  for (let first = 0; first < x.length; first += ROWS) {
    const examples = [...x.keys()].slice(first, first + ROWS);
    for (let from = 0; from < longest; from += WINDOW) {
      const part = <T>(rows: T[][], padding: T): T[][] =>
        examples.map((i) => {
          const own = rows[i]!.slice(from, from + WINDOW);
          return [...own, ...new Array<T>(WINDOW - own.length).fill(padding)];
        });
      batches.push({
        x: part(x, [NaN, NaN]),
        y: part(y, -1),
        lengths: examples.map((i) => Math.min(Math.max(LENGTHS[i]! - from, 0), WINDOW)),
        begins: from === 0,
      });
    }
  }
  return batches;
}

async function* asTheyCome(batches: readonly TrainingData[]): AsyncGenerator<TrainingData> {
  for (const batch of batches) {
    await Promise.resolve();
    yield batch;
  }
}

const spec = (layers: NetworkSpec['layers'], steps: 'mean' | 'sum' = 'mean'): NetworkSpec => ({
  input: { features: 2 },
  layers: [...layers, dense(3, 'softmax')],
  loss: { name: 'crossEntropy', steps },
  seed: 4,
});

const stacks = Object.entries({ ...RECURRENT_LAYERS, ...LEARNING_LAYERS }).map(
  ([name, layer], index): [string, NetworkSpec] => [
    name,
    spec([layer(5, 'all'), dropout(0.2), layer(3, 'all')], index % 2 === 0 ? 'mean' : 'sum'),
  ],
);

describe.each(CORES)('core %s', (core) => {
  it.each(stacks)('a stateful stream has the bits of truncate: %s', async (_, layers) => {
    for (const optimizer of [adam({ learningRate: 0.02 }), sgd({ learningRate: 0.2 })]) {
      const options = { epochs: 3, optimizer, clipNorm: 1 };
      using streamed = new Network(layers, { core });
      using whole = new Network(layers, { core });
      using byHand = new Network(layers, { core });
      const { reports } = await streamed.fit(() => asTheyCome(windows()), {
        ...options,
        stateful: true,
      });
      const expected = whole.fitSync({ x, y }, { ...options, batchSize: ROWS, truncate: WINDOW });
      expect(streamed.hash()).toBe(whole.hash());
      expect(reports.map(({ cost }) => cost)).toEqual(expected.reports.map(({ cost }) => cost));
      expect(reports.map(({ accuracy }) => accuracy)).toEqual(
        expected.reports.map(({ accuracy }) => accuracy),
      );

      for (let epoch = 0; epoch < 3; epoch++) {
        for (const { x: rows, y: targets, ...time } of windows()) {
          const step = { optimizer, clipNorm: 1, stateful: true };
          byHand.trainBatch({ x: rows, ...time }, targets, step);
        }
      }
      expect(byHand.hash()).toBe(whole.hash());
    }
  });

  const long = spec([lstm(4, { returns: 'all' }), gru(3, { returns: 'all' })]);
  /** One long stream of two rows, in windows that differ in length, without a word on where it begins. */
  const stream = [[0, 3], [3, 4], [4, 8], [8, 9]].map(([from, to]): TrainingData => ({
    x: [x[2]!, [...x[0]!, ...x[3]!]].map((rows) => rows.slice(from, to)),
    y: [y[2]!, [...y[0]!, ...y[3]!]].map((rows) => rows.slice(from, to)),
  })); // prettier-ignore

  it('begins anew with each epoch, and goes on in between', async () => {
    using net = new Network(long, { core });
    using twin = new Network(long, { core });
    using forgetful = new Network(long, { core });
    await net.fit(() => stream, { epochs: 2, stateful: true });
    await forgetful.fit(() => stream, { epochs: 2 });
    for (const begins of [false, true]) {
      for (const [index, { x: rows, y: targets }] of stream.entries()) {
        const inputs = { x: rows as number[][][], begins: begins && index === 0 };
        twin.trainBatch(inputs, targets, { stateful: true });
      }
    }
    expect(net.hash()).toBe(twin.hash());
    expect(net.hash()).not.toBe(forgetful.hash());
  });

  it('goes on whatever the network is asked for meanwhile, on any number of threads', async () => {
    using net = new Network(long, { core });
    using busy = new Network(long, { core });
    await net.fit(() => stream, { epochs: 2, stateful: true });
    // More programs than are kept.
    const ask = async function* (): AsyncGenerator<TrainingData> {
      for (const batch of stream) {
        yield batch;
        for (let steps = 1; steps < 12; steps++) busy.predict([x[2]!.slice(0, steps)]);
      }
    };
    const validation = { x, y };
    await busy.fit(ask, { epochs: 2, stateful: true, validation, threads: 2 });
    expect(busy.hash()).toBe(net.hash());
  });

  it('goes on from a checkpoint in the midst of it', async () => {
    const options: FitOptions = { epochs: 2, stateful: true, optimizer: adam() };
    using net = new Network(long, { core });
    await net.fit(() => stream, options);
    for (const stop of [1, 2, 3, 5, 6]) {
      using first = new Network(long, { core });
      const controller = new AbortController();
      let batches = 0;
      const interrupted = async function* (): AsyncGenerator<TrainingData> {
        for (const batch of stream) {
          if (batches++ === stop) controller.abort();
          yield batch;
        }
      };
      const run = first.fit(interrupted, { ...options, signal: controller.signal });
      expect((await run).stoppedBy).toBe('abort');
      const checkpoint = await run.checkpoint();
      // The states of two rows of an lstm of 4 and a gru of 3 units.
      const { tensors, metadata } = readSafetensors(checkpoint);
      const names = ['run.state1', 'run.state2', 'run.state3'];
      expect(names.map((name) => tensors[name]!.values.length)).toEqual([8, 8, 6]);
      const short = { shape: [4], values: new Float32Array(4) };
      const foreign = writeSafetensors({ ...tensors, 'run.state3': short }, metadata);
      using spoiled = new Network(long, { core });
      await expect(async () =>
        spoiled.fit(() => stream, { ...options, resume: foreign }),
      ).rejects.toThrow(expect.objectContaining({ code: 'BAD_FILE' }));
      using second = Network.load(checkpoint, { core });
      await second.fit(() => stream, { ...options, resume: checkpoint });
      expect(second.hash(), `stopped at batch ${stop}`).toBe(net.hash());
      await expect(async () =>
        second.fit(() => stream, { ...options, stateful: false, resume: checkpoint }),
      ).rejects.toThrow(/stateful/);
    }
  });

  it('may learn from a target per window', () => {
    using net = new Network({ ...spec([rnn(4)]), loss: 'crossEntropy' }, { core });
    using whole = new Network({ ...spec([rnn(4)]), loss: 'crossEntropy' }, { core });
    const rate = { optimizer: sgd({ learningRate: 1e-30 }), stateful: true };
    net.trainBatch([x[2]!.slice(0, 4)], [1], rate);
    const cost = net.trainBatch([x[2]!.slice(4)], [2], rate);
    expect(cost).toBe(whole.gradients([x[2]!], [2]).cost);
  });
});

describe('stateful batches', () => {
  const layers = spec([gru(3, { returns: 'all' })]);
  const pair = { x: [x[0]!, x[1]!.slice(0, 4)], y: [y[0]!, y[1]!] };
  const one = { x: [x[2]!], y: [y[2]!] };
  const on = { epochs: 1, stateful: true, warnings: false } as const;
  const fails = async (
    net: Network,
    batches: readonly object[],
    message: RegExp,
    options: FitOptions = on,
  ): Promise<void> => {
    const run = async (): Promise<unknown> => net.fit(() => batches as TrainingData[], options);
    await expect(run).rejects.toThrow(message);
  };

  it('have the same rows, unless all begin', async () => {
    using net = new Network(layers);
    await fails(
      net,
      [pair, one],
      /^epoch 1, batch 2: expected 2 sequences, which go on with those of the batch before, got 1\. Leave out.*begins: true/,
    );
    await net.fit(() => [pair, { ...one, begins: true }], on);
    await net.fit(() => [pair, { ...one, begins: [true] }], on);
    net.trainBatch(pair.x, pair.y, { stateful: true });
    const before = net.hash();
    expect(() => net.trainBatch(one.x, one.y, { stateful: true })).toThrow(
      /^x: expected 2 sequences/,
    );
    expect(net.hash()).toBe(before);
    // Another run ends what trainBatch went on with.
    net.fitSync(pair, { epochs: 1, warnings: false });
    net.trainBatch(one.x, one.y, { stateful: true });
  });

  it('begin where begins says', () => {
    using net = new Network(layers);
    using twin = new Network(layers);
    const rate = { optimizer: sgd({ learningRate: 1e-30 }), stateful: true };
    for (const network of [net, twin]) network.trainBatch(pair.x, pair.y, rate);
    const again = { x: pair.x, begins: [false, true] };
    const cost = net.trainBatch(again, pair.y, rate);
    using stepper = net.stepper();
    for (const row of pair.x[0]!) stepper.step(row);
    const { h } = stepper.state['layers.0']!;
    const states = { 'layers.0': { h: [[...h!], [0, 0, 0]] } };
    expect(cost).toBe(net.gradients({ x: pair.x, initialState: states }, pair.y).cost);
    expect(twin.trainBatch(pair.x, pair.y, rate)).not.toBe(cost);
  });

  it('are refused where they make no sense, with a way to mend it', async () => {
    using net = new Network(layers);
    await fails(net, [{ ...pair, begins: [true] }], /x: begins: expected one for each of the 2/);
    await fails(net, [{ ...pair, begins: [1, 0] }], /begins\[0\]: expected true or false, got/);
    await fails(net, [{ ...pair, begins: 'all' }], /begins: expected true, false or an array/);
    await fails(net, [{ ...pair, initialState: {} }], /initialState.*begins/);
    await fails(net, [{ ...pair, begins: true }], /begins.*initialState/, { epochs: 1 });
    await fails(net, [pair], /^truncate: the batches of a stream are windows.*stateful: true/, {
      epochs: 1,
      truncate: 2,
    });
    expect(() => net.fitSync(pair, on)).toThrow(/^stateful: .*truncate: k/);
    expect(() => net.trainBatch(pair.x, pair.y, { stateful: 1 as never })).toThrow(/^stateful/);
    using dense_ = new Network({ input: 2, layers: [dense(1)], loss: 'huber' });
    expect(() => dense_.trainBatch([[1, 2]], [[1]], { stateful: true })).toThrow(
      /^stateful: this network has no time axis/,
    );
    using both = new Network(spec([bidirectional(gru(3, { returns: 'all' }))]));
    await fails(both, [pair], /^stateful: layers\[0\] reads sequences from their end too/);
    // A sequence of no steps is one that has ended, which only a stateful batch may have.
    const ended = { ...pair, lengths: [3, 0] };
    await fails(net, [ended], /lengths\[1\]: expected a whole number from 1/, { epochs: 1 });
    await net.fit(() => [pair, ended], on);
    using last = new Network({ ...spec([gru(3)]), loss: 'crossEntropy' });
    await fails(last, [{ x: pair.x, y: [0, 1], lengths: [3, 0] }], /lengths\[1\].*from 1/);
  });

  it('may all have ended: nothing is learned', async () => {
    using net = new Network(layers);
    using twin = new Network(layers);
    const options = { ...on, optimizer: sgd({ learningRate: 0.1 }) };
    const { reports } = await net.fit(() => [pair, { ...pair, lengths: [0, 0] }], options);
    const expected = await twin.fit(() => [pair], options);
    expect(net.hash()).toBe(twin.hash());
    expect(reports[0]!.cost).toBe(expected.reports[0]!.cost);
  });
});
