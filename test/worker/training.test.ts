import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { adam, dense, type EpochReport, type FitOptions, Network, sgd } from '../../src/index.ts';
import { GOLDEN_CASES, goldenHash } from '../reference/golden.ts';
import { CORES } from '../reference/library.ts';
import { Workers } from './start.ts';

// Training in a worker is training: the same numbers, the same way to look at it and to stop it.

const golden = Object.assign(
  {},
  ...['golden', 'golden-recurrent'].map((name) =>
    JSON.parse(readFileSync(`test/fixtures/${name}.json`, 'utf8')),
  ),
);

const workers = new Workers();
const worker = { create: workers.create };
afterAll(() => workers.end());

const xor = { x: [[0, 0], [0, 1], [1, 0], [1, 1]], y: [[0], [1], [1], [0]] }; // prettier-ignore

function network(): Network {
  return new Network({
    input: 2,
    layers: [dense(8, 'tanh'), dense(1, 'sigmoid')],
    loss: 'binaryCrossEntropy',
    seed: 1,
  });
}

function options(more: Partial<FitOptions> = {}): FitOptions {
  return { epochs: 20, batchSize: 3, optimizer: adam({ learningRate: 0.05 }), ...more };
}

/** A report without what depends on the clock. */
function timeless(report: EpochReport): Partial<EpochReport> {
  const { seconds: _, remainingSeconds: __, examplesPerSecond: ___, ...rest } = report;
  return rest;
}

/** Resolves after so many milliseconds. */
function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

describe.each(CORES)('the golden digests in a worker, core %s', (core) => {
  it.each(GOLDEN_CASES)('$name', async (run) => {
    expect(await goldenHash(run, core, { worker })).toBe(golden[run.name]);
  });
});

describe('a run in a worker', () => {
  it('is told of gradients that vanish, once and on this side', async () => {
    const print = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const hidden = Array.from({ length: 8 }, () => dense(8, 'sigmoid'));
    const layers = [...hidden, dense(1, 'sigmoid')];
    const net = new Network({ input: 2, layers, loss: 'binaryCrossEntropy', seed: 1 });
    const run = net.fit(xor, options({ worker }));
    expect(run.warnings).toEqual([]);
    const { warnings } = await run;
    expect(warnings).toEqual([expect.objectContaining({ code: 'VANISHING_GRADIENT' })]);
    expect(run.warnings).toEqual(warnings);
    expect(print).toHaveBeenCalledTimes(1);
    print.mockRestore();
  });

  it('gives the parameters and the reports of a run here', async () => {
    const [here, there] = [network(), network()];
    const all = options({ validation: xor, metrics: ['accuracy'] });
    const expected = here.fitSync(xor, all);
    const history = await there.fit(xor, { ...all, worker });
    expect(there.hash()).toBe(here.hash());
    expect(history.reports.map(timeless)).toEqual(expected.reports.map(timeless));
    expect(history).toMatchObject({ stoppedBy: 'epochs', seed: 1 });
    expect(history.seconds).toBeGreaterThan(0);
  });

  it('stops early with the best parameters, like a run here', async () => {
    const [here, there] = [network(), network()];
    const all = options({
      epochs: 300,
      validation: xor,
      earlyStopping: { patience: 3, minDelta: 2e-2 },
    });
    const expected = here.fitSync(xor, all);
    const history = await there.fit(xor, { ...all, worker });
    expect(there.hash()).toBe(here.hash());
    const { stoppedBy, bestEpoch } = expected;
    expect(history).toMatchObject({ stoppedBy, bestEpoch });
    expect(stoppedBy).toBe('earlyStopping');
  });

  it('calls back on this side, and ends with what a callback throws', async () => {
    const seen: number[] = [];
    const last: number[] = [];
    const net = network();
    const onEpoch = ({ epoch }: EpochReport): unknown => seen.push(epoch);
    await net.fit(xor, {
      ...options({ worker, onEpoch, onProgress: ({ step }) => last.push(step) }),
    });
    expect(seen).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    expect(last.at(-1)).toBe(40);
    const failure = new Error('no room');
    const failing = (): never => {
      throw failure;
    };
    await expect(net.fit(xor, options({ worker, onEpoch: failing }))).rejects.toBe(failure);
    expect(net.fitSync(xor, options()).stoppedBy).toBe('epochs');
  });

  it('takes a network that has learnt something on from there', async () => {
    const [here, there] = [network(), network()];
    for (const net of [here, there]) net.fitSync(xor, options());
    here.fitSync(xor, options());
    await there.fit(xor, options({ worker }));
    expect(there.hash()).toBe(here.hash());
  });

  it('can be what a network does by itself, and then be left out', async () => {
    const before = workers.started.length + workers.last.replies;
    const net = new Network(network().spec, { worker });
    await net.fit(xor, options({ worker: false }));
    expect(workers.started.length + workers.last.replies).toBe(before);
    await net.fit(xor, options());
    expect(workers.started.length + workers.last.replies).toBeGreaterThan(before);
  });

  it('normalises features as a run here does, also afterwards', async () => {
    const spec = { ...network().spec, normalize: 'standard' } as const;
    const [here, there] = [new Network(spec), new Network(spec)];
    const data = { x: [[10, -3], [20, 5], [40, 1], [15, 0]], y: xor.y }; // prettier-ignore
    here.fitSync(data, options());
    await there.fit(data, options({ worker }));
    expect(there.predict(data.x)).toEqual(here.predict(data.x));
    await there.fit(data, options({ worker }));
    here.fitSync(data, options());
    expect(there.hash()).toBe(here.hash());
  });

  it('leaves the data alone, and does not notice when they change', async () => {
    const [here, there] = [network(), network()];
    // A part of a larger buffer: only that part may go over.
    const x = new Float32Array([9, 9, ...xor.x.flat()]).subarray(2);
    const data = { x, y: Float32Array.from(xor.y.flat()) };
    here.fitSync(data, options());
    const run = there.fit(data, options({ worker }));
    expect([...x]).toEqual(xor.x.flat());
    x.fill(7);
    await run;
    expect(there.hash()).toBe(here.hash());
    expect(x.buffer.byteLength).toBe(40);
  });

  it('shows a loop the network as it is after each epoch, and ends when the loop is left', async () => {
    const [here, there] = [network(), network()];
    const hashes: string[] = [];
    for await (const { epoch } of here.fit(xor, options())) {
      hashes.push(here.hash());
      if (epoch === 7) break;
    }
    const seen: string[] = [];
    for await (const { epoch } of there.fit(xor, options({ worker }))) {
      await delay(epoch);
      seen.push(there.hash());
      if (epoch === 7) break;
    }
    expect(seen).toEqual(hashes);
    expect(there.hash()).toBe(hashes.at(-1));
    await there.fit(xor, options({ worker }));
  });

  it('predicts meanwhile with what it has learnt so far, and refuses to be changed', async () => {
    const net = network();
    const untrained = net.predict(xor.x);
    const stop = new AbortController();
    const run = net.fit(xor, options({ epochs: 1e9, worker, signal: stop.signal }));
    expect(net.predict(xor.x)).toEqual(untrained);
    expect(() => net.trainBatch(xor.x, xor.y)).toThrow(expect.objectContaining({ code: 'BUSY' }));
    expect(() => net.fit(xor, options())).toThrow(expect.objectContaining({ code: 'BUSY' }));
    while (net.predict(xor.x).every((value, index) => value === untrained[index])) await delay(5);
    stop.abort();
    expect(await run).toMatchObject({ stoppedBy: 'abort' });
  });

  it('stops by its signal, before it begins, in the midst and while it is paused', async () => {
    const net = network();
    const before = net.hash();
    const history = await net.fit(xor, options({ worker, signal: AbortSignal.abort() }));
    expect(history).toMatchObject({ stoppedBy: 'abort', reports: [] });
    expect(net.hash()).toBe(before);

    for (const pausing of [false, true]) {
      const stop = new AbortController();
      const run = net.fit(xor, options({ epochs: 1e9, worker, signal: stop.signal }));
      await delay(150);
      if (pausing) run.pause();
      stop.abort();
      const { stoppedBy, reports } = await run;
      expect(stoppedBy).toBe('abort');
      expect(reports.length).toBeGreaterThan(0);
    }
    expect(net.evaluate(xor).accuracy).toBe(1);
    net.trainBatch(xor.x, xor.y);
  });

  it('stands still while it is paused, and goes on to the same numbers', async () => {
    const [here, there] = [network(), network()];
    const all = options({ epochs: 5000, optimizer: sgd({ learningRate: 0.01 }) });
    here.fitSync(xor, all);
    const run = there.fit(xor, { ...all, worker });
    run.pause();
    const hash = there.hash();
    await delay(100);
    expect(run.paused).toBe(true);
    expect(there.hash()).toBe(hash);
    run.resume();
    await run;
    expect(there.hash()).toBe(here.hash());
  });

  it('sends few messages, whatever the number of epochs', async () => {
    const net = network();
    await net.fit(xor, options({ worker }));
    const { last } = workers;
    const { replies } = last;
    const { seconds } = await net.fit(xor, options({ epochs: 30_000, worker }));
    // Besides the slices, of which only the last is short: beginning, end, and the slice asked for ahead.
    expect(last.replies - replies).toBeLessThanOrEqual(Math.ceil(seconds / 0.05) + 4);
  });

  it('uses one worker for one run after the other', async () => {
    const net = network();
    await net.fit(xor, options({ worker }));
    const count = workers.started.length;
    for (let run = 0; run < 100; run++) await net.fit(xor, options({ epochs: 1, worker }));
    expect(workers.started).toHaveLength(count);
  });

  it('does not disturb another network that is trained at the same time', async () => {
    const [here, one, two] = [network(), network(), network()];
    const all = options({ epochs: 3000 });
    here.fitSync(xor, all);
    await Promise.all([one.fit(xor, { ...all, worker }), two.fit(xor, { ...all, worker })]);
    expect([one.hash(), two.hash()]).toEqual([here.hash(), here.hash()]);
  });
});
