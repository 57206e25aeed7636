import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { adam, cosine, dense, dropout, Network, readSafetensors, sgd } from '../../src/index.ts';
import type { FitOptions, NetworkSpec, TrainingData } from '../../src/index.ts';
import { signed } from './format.ts';
import { type Scenario, scenarios, sequenceScenarios, timeless } from './runs.ts';

// A run that was stopped and goes on is, to the bit, a run that never stopped.

afterEach(() => void vi.restoreAllMocks());

/** A clock by which every call into the core takes long, so that a run stands between many steps, not only between epochs. */
function slowClock(milliseconds: number): void {
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => (now += milliseconds));
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Trains to the end without a stop. */
async function straight({ spec, data, options }: Scenario): Promise<unknown> {
  using net = new Network(spec);
  const history = await net.fit(data, options);
  return outcome(net, data, timeless(history));
}

/** What must not depend on stops: parameters, history, normaliser, and what the next run does. */
function outcome(net: Network, data: Scenario['data'], history: unknown): unknown {
  const { normalizer } = net;
  const hash = net.hash();
  net.fitSync(data, { epochs: 1, batchSize: 4 });
  return { hash, history, normalizer, next: net.hash() };
}

/** A checkpoint of a run after so many turns of the event loop, and the run's end thereafter. */
async function interrupted(
  { spec, data, options }: Scenario,
  turns: number,
  core: 'js' | 'simd',
  resume?: Uint8Array,
): Promise<Uint8Array | undefined> {
  using net = new Network(spec, { core });
  const stop = new AbortController();
  const run = net.fit(data, { ...options, signal: stop.signal, ...(resume && { resume }) });
  for (let count = 0; count < turns; count++) await turn();
  const bytes = await run.checkpoint().catch((error: { code: string }) => {
    expect(error.code).toBe('ENDED');
  });
  stop.abort();
  const { stoppedBy } = await run;
  if (bytes && stoppedBy === 'abort') {
    // What the run gives after its end is where it was stopped, which may be a call further on.
    const later = await run.checkpoint();
    return turns % 2 ? later : bytes;
  }
  return bytes || undefined;
}

describe('resumed = never stopped', () => {
  it.each([
    ['rows', scenarios, 80],
    ['sequences', sequenceScenarios, 50],
  ] as const)(
    'anywhere in a run over %s, stopped twice, on the one core and the other',
    async (_, all, numRuns) => {
      const property = fc.asyncProperty(
        all,
        fc.tuple(fc.nat(12), fc.nat(20)),
        fc.integer({ min: 1, max: 9 }),
        async (scenario, [first, second], milliseconds) => {
          const expected = await straight(scenario);
          slowClock(milliseconds);
          const one = await interrupted(scenario, first, 'simd');
          const two = (await interrupted(scenario, second, 'js', one)) ?? one;
          if (!two) return;
          for (const core of ['js', 'simd'] as const) {
            using net = new Network(scenario.spec, { core });
            const history = await net.fit(scenario.data, { ...scenario.options, resume: two });
            expect(outcome(net, scenario.data, timeless(history))).toEqual(expected);
          }
        },
      );
      await fc.assert(property, { numRuns });
    },
  );
});

const spec: NetworkSpec = {
  input: 2,
  layers: [dense(3, 'tanh'), dense(1)],
  loss: 'meanSquaredError',
  seed: 4,
};
const data = {
  x: Array.from({ length: 8 }, (_, row) => [row / 8, 1 - row / 4]),
  y: Array.from({ length: 8 }, (_, row) => [row % 3]),
};
const options: FitOptions = { epochs: 5, batchSize: 3, optimizer: adam({ learningRate: 0.1 }) };

/** What a checkpoint says of its run. */
function runOf(bytes: Uint8Array): { position: object } {
  return JSON.parse(readSafetensors(bytes).metadata['chainrule']!).run;
}

/** A checkpoint in the midst of the third epoch of that run. */
async function checkpoint(): Promise<Uint8Array> {
  slowClock(9);
  using net = new Network(spec);
  const run = net.fit(data, options);
  for (let count = 0; count < 8; count++) await turn();
  const bytes = await run.checkpoint();
  await run;
  const { position } = runOf(bytes);
  expect(position).toMatchObject({ epoch: 2, step: 2 });
  vi.restoreAllMocks();
  return bytes;
}

describe('a checkpoint', () => {
  it('is a file of the network as well', async () => {
    using net = new Network(spec);
    const run = net.fit(data, { ...options, epochs: 1e6 });
    await turn();
    const bytes = await run.checkpoint();
    using loaded = Network.load(bytes, { core: 'js' });
    expect(loaded.hash()).toBe(net.hash());
    expect(loaded.spec).toEqual(net.spec);
    expect(Object.keys(readSafetensors(bytes).tensors)).toEqual(
      expect.arrayContaining(['layers.1.W', 'run.moment1.layers.1.W', 'run.moment2.layers.1.W']),
    );
    net.dispose();
    await expect(run).rejects.toThrow(expect.objectContaining({ code: 'DISPOSED' }));
  });

  it('may be asked for in a loop over the reports', async () => {
    using net = new Network(spec);
    const history = await net.fit(data, options);
    for await (const { epoch } of net.fit(data, options)) void epoch;
    using again = new Network(spec);
    const run = again.fit(data, options);
    let resumed = '';
    for await (const { epoch } of run) {
      if (epoch !== 3) continue;
      using third = new Network(spec);
      const rest = await third.fit(data, { ...options, resume: await run.checkpoint() });
      expect(timeless(rest)).toEqual(timeless(history));
      resumed = third.hash();
    }
    expect(again.hash()).toBe(resumed);
  });

  it('of an epoch behind which more are wanted goes on, where no schedule counts them', async () => {
    using long = new Network(spec);
    long.fitSync(data, { ...options, epochs: 9 });
    const resume = await checkpoint();
    using net = new Network(spec);
    net.fitSync(data, { ...options, epochs: 9, resume });
    expect(net.hash()).toBe(long.hash());
  });

  it('of a run that came to its end is refused', async () => {
    using net = new Network(spec);
    const run = net.fit(data, options);
    await run;
    await expect(run.checkpoint()).rejects.toThrow(expect.objectContaining({ code: 'ENDED' }));
  });
});

describe('resuming', () => {
  const other = (layers: NetworkSpec['layers']): NetworkSpec => ({ ...spec, layers });
  const cases: [string, NetworkSpec, typeof data, FitOptions, RegExp][] = [
    [
      'with another network',
      other([dense(4, 'tanh'), dense(1)]),
      data,
      options,
      /spec.layers.0.units is 4 here, and 3 in the checkpoint/,
    ],
    [
      'with another layer',
      other([dense(3, 'tanh'), dropout(0.5), dense(1)]),
      data,
      options,
      /spec.layers.1.kind is "dropout" here, and "dense" in/,
    ],
    ['with another seed', { ...spec, seed: 5 }, data, options, /spec.seed is 5 here, and 4 in/],
    [
      'with another rate',
      spec,
      data,
      { ...options, optimizer: adam({ learningRate: 0.2 }) },
      /optimizer.learningRate is 0.2 here, and 0.1 in the checkpoint/,
    ],
    [
      'with another optimizer',
      spec,
      data,
      { ...options, optimizer: sgd() },
      /optimizer.kind is "sgd" here, and "adam" in/,
    ],
    [
      'with fewer epochs than are done',
      spec,
      data,
      { ...options, epochs: 1 },
      /epochs is 1 here, and 2 are done in the checkpoint/,
    ],
    ['with another batch size', spec, data, { ...options, batchSize: 4 }, /batchSize is 4 here/],
    ['without a shuffle', spec, data, { ...options, shuffle: false }, /shuffle is false here/],
    ['with l2', spec, data, { ...options, l2: 0.1 }, /l2 is 0.1 here, and 0 in the checkpoint/],
    ['clipped', spec, data, { ...options, clipNorm: 1 }, /clipNorm is 1 here, and not given in/],
    [
      'with a schedule',
      spec,
      data,
      { ...options, schedule: cosine() },
      /schedule is \{.*\} here, and not given in/,
    ],
    [
      'with validation data',
      spec,
      data,
      { ...options, validation: data },
      /validation is \{.*\} here, and null in/,
    ],
    [
      'with fewer examples',
      spec,
      { x: data.x.slice(1), y: data.y.slice(1) },
      options,
      /data.examples is 7 here, and 8 in/,
    ],
    [
      'with another number',
      spec,
      { ...data, y: data.y.with(7, [9]) },
      options,
      /data.digest is ".*" here, and ".*" in the checkpoint. Resume with the options and data/,
    ],
  ];

  it.each(cases)('%s is refused', async (_, spec, data, options, message) => {
    const resume = await checkpoint();
    using net = new Network(spec);
    const before = net.hash();
    const run = (): unknown => net.fitSync(data, { ...options, resume });
    expect(run).toThrow(message);
    expect(run).toThrow(expect.objectContaining({ code: 'MISMATCH' }));
    expect(net.hash()).toBe(before);
  });

  it('takes the same numbers in another form', async () => {
    using straight = new Network(spec);
    straight.fitSync(data, options);
    using net = new Network(spec);
    const x = Float64Array.from(data.x.flat());
    net.fitSync(
      { x, y: Float32Array.from(data.y.flat()) },
      { ...options, resume: await checkpoint() },
    );
    expect(net.hash()).toBe(straight.hash());
  });

  it('from a saved network, a damaged file or no bytes is refused', async () => {
    using net = new Network(spec);
    const fit = (resume: unknown): (() => unknown) => {
      return () => net.fitSync(data, { ...options, resume: resume as Uint8Array });
    };
    expect(fit(net.save())).toThrow(/this file is of a network alone/);
    expect(fit(net.save())).toThrow(expect.objectContaining({ code: 'MISMATCH' }));
    expect(fit('checkpoint')).toThrow(TypeError);
    const bytes = await checkpoint();
    bytes[bytes.length - 9]! ^= 1;
    expect(fit(bytes)).toThrow(expect.objectContaining({ code: 'BAD_FILE' }));
  });

  it('from a hostile file is an error, and never reaches beyond the data', async () => {
    const bytes = await checkpoint();
    const { tensors, metadata } = readSafetensors(bytes);
    const document = JSON.parse(metadata['chainrule']!);
    const { registers } = document.run as { registers: string[] };
    const values = tensors['run.registers']!.values as Float64Array;
    for (const [name, value] of [
      ['cursor', 1e9],
      ['cursor', -3],
      ['cursor', 0.5],
      ['logged', 1e6],
      ['step', 1e9],
      ['epoch', NaN],
      ['epoch', 0],
      ['updates', -1],
    ] as const) {
      const changed = values.slice();
      changed[registers.indexOf(name)] = value;
      const file = signed(document, {
        ...tensors,
        'run.registers': { shape: [values.length], values: changed },
      });
      using net = new Network(spec);
      expect(() => net.fitSync(data, { ...options, resume: file }), name).toThrow(/do not fit the/);
    }
    const { position } = document.run as { position: { step: number } };
    const moved = (change: object): Uint8Array => {
      const run = { ...document.run, position: { ...position, ...change } };
      return signed({ ...document, run }, tensors);
    };
    using net = new Network(spec);
    for (const change of [
      { step: position.step + 1 },
      { step: 1e6 },
      { epoch: 3 },
      { epoch: -1 },
      { step: '1' },
    ]) {
      expect(() => net.fitSync(data, { ...options, resume: moved(change) })).toThrow(
        expect.objectContaining({ code: 'BAD_FILE' }),
      );
    }
    for (const name of Object.keys(tensors)) {
      const { [name]: _, ...rest } = tensors;
      expect(() => net.fitSync(data, { ...options, resume: signed(document, rest) })).toThrow(
        expect.objectContaining({ code: 'BAD_FILE' }),
      );
    }
  });

  it('any JSON in place of the state of a run is a bad file, or does not match', async () => {
    const { tensors, metadata } = readSafetensors(await checkpoint());
    const document = JSON.parse(metadata['chainrule']!);
    const keys = Object.keys(document.run);
    using net = new Network(spec);
    fc.assert(
      fc.property(fc.constantFrom(...keys), fc.jsonValue({ maxDepth: 3 }), (key, value) => {
        const file = signed({ ...document, run: { ...document.run, [key]: value } }, tensors);
        try {
          net.fitSync(data, { ...options, resume: file });
        } catch (error) {
          expect(['BAD_FILE', 'MISMATCH']).toContain((error as { code?: string }).code);
        }
      }),
    );
  });
});

describe('on a stream', () => {
  const batches = async function* (): AsyncGenerator<TrainingData> {
    for (let first = 0; first < 8; first += 3) {
      yield { x: data.x.slice(first, first + 3), y: data.y.slice(first, first + 3) };
    }
  };
  const streamed = { epochs: 4, optimizer: adam({ learningRate: 0.1 }) };

  it('a run goes on in the midst of an epoch, whose batches come once more', async () => {
    using straight = new Network(spec);
    const history = await straight.fit(batches, streamed);
    for (const turns of [3, 9, 14]) {
      using net = new Network(spec);
      const stop = new AbortController();
      const run = net.fit(batches, { ...streamed, signal: stop.signal });
      for (let count = 0; count < turns; count++) await turn();
      stop.abort();
      if ((await run).stoppedBy !== 'abort') continue;
      using again = new Network(spec, { core: 'js' });
      const resume = await run.checkpoint();
      const rest = await again.fit(batches, { ...streamed, resume });
      expect(again.hash()).toBe(straight.hash());
      expect(timeless(rest)).toEqual(timeless(history));
      // Data in memory are another run.
      expect(() => net.fitSync(data, { ...streamed, batchSize: 3, resume })).toThrow(
        /MISMATCH|here/,
      );
    }
  });
});

describe('in a worker', () => {
  // The script of the built package; src has none that a worker could run.
  const create = (): Worker => new Worker(new URL('../../build/worker.js', import.meta.url));
  const worker = { create };

  it('a run is kept, stopped and gone on with as on this thread', async () => {
    const long = { ...options, epochs: 50 };
    using straight = new Network(spec);
    straight.fitSync(data, long);
    using net = new Network(spec);
    const run = net.fit(data, { ...long, worker });
    let bytes = new Uint8Array();
    for await (const { epoch } of run) {
      if (epoch < 5) continue;
      bytes = await run.checkpoint();
      break;
    }
    expect((await run).stoppedBy).toBe('break');
    expect((await run.checkpoint()).length).toBeGreaterThanOrEqual(bytes.length);

    using there = new Network(spec);
    await there.fit(data, { ...long, resume: bytes, worker });
    expect(there.hash()).toBe(straight.hash());
    using here = new Network(spec);
    await here.fit(data, { ...long, resume: bytes });
    expect(here.hash()).toBe(straight.hash());
    const ended = here.fit(data, { ...options, worker });
    await ended;
    await expect(ended.checkpoint()).rejects.toThrow(expect.objectContaining({ code: 'ENDED' }));
  });
});
