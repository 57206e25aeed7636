import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  adam,
  dense,
  type EpochReport,
  Network,
  type NetworkSpec,
  type ProgressReport,
} from '../../src/index.ts';

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
const endless = { ...options, epochs: 1_000_000 };
const moment = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

describe('pause and resume', () => {
  it('stand still in between, and give the bits of a run without a pause', async () => {
    const long = { ...options, epochs: 20_000 };
    using whole = new Network(spec);
    whole.fitSync(xor, long);
    using net = new Network(spec);
    let pauses = 0;
    const look = async (): Promise<void> => {
      const hash = net.hash();
      await moment(10);
      expect(run.paused).toBe(true);
      expect(net.hash()).toBe(hash);
      expect(() => net.trainBatch(xor.x, xor.y)).toThrow(expect.objectContaining({ code: 'BUSY' }));
      pauses++;
      run.resume();
      expect(run.paused).toBe(false);
    };
    const onEpoch = ({ epoch }: EpochReport): void => {
      if (epoch !== 1 && epoch !== 100) return;
      run.pause();
      setTimeout(() => void look(), 0);
    };
    const run = net.fit(xor, { ...long, onEpoch });
    const { stoppedBy } = await run;
    expect(stoppedBy).toBe('epochs');
    expect(pauses).toBeGreaterThanOrEqual(2);
    expect(net.hash()).toBe(whole.hash());
  });

  it('hold a loop over the reports as well', async () => {
    using whole = new Network(spec);
    whole.fitSync(xor, options);
    using net = new Network(spec);
    const run = net.fit(xor, options);
    for await (const { epoch } of run) {
      if (epoch !== 5) continue;
      run.pause();
      setTimeout(() => run.resume(), 10);
    }
    expect(net.hash()).toBe(whole.hash());
  });

  it('an abort ends a pause', async () => {
    using net = new Network(spec);
    const stop = new AbortController();
    const run = net.fit(xor, { ...endless, signal: stop.signal });
    run.pause();
    setTimeout(() => stop.abort(), 5);
    expect((await run).stoppedBy).toBe('abort');
    expect(net.trainBatch(xor.x, xor.y)).toBeGreaterThan(0);
  });

  it('do not count as time', async () => {
    using net = new Network(spec);
    const run = net.fit(xor, { ...endless, maxSeconds: 0.15 });
    run.pause();
    await moment(200);
    run.resume();
    const { seconds, stoppedBy, reports } = await run;
    expect(stoppedBy).toBe('time');
    expect(reports.length).toBeGreaterThan(0);
    expect(seconds).toBeGreaterThanOrEqual(0.15);
  });
});

describe('maxSeconds', () => {
  it('stops a run that takes longer, with a usable network', () => {
    using net = new Network(spec);
    const { stoppedBy, seconds } = net.fitSync(xor, { ...endless, maxSeconds: 0.02 });
    expect(stoppedBy).toBe('time');
    expect(seconds).toBeGreaterThanOrEqual(0.02);
    expect(net.predict(xor.x)).toHaveLength(4);
  });

  it('leaves a shorter run alone', () => {
    using net = new Network(spec);
    expect(net.fitSync(xor, { ...options, maxSeconds: 1000 }).stoppedBy).toBe('epochs');
    expect(() => net.fitSync(xor, { ...options, maxSeconds: 0 })).toThrow(/maxSeconds.*> 0/);
  });
});

describe('a validation that takes long', () => {
  const large = {
    x: Float32Array.from({ length: 2 * 5000 }, (_, index) => (index % 7) / 7),
    y: Float32Array.from({ length: 5000 }, (_, index) => index % 2),
  };
  const metrics = ['accuracy', 'f1'] as const;
  const validated = { ...options, epochs: 2, validation: large, metrics };

  /** A clock by which every look at it takes 3 ms, so that a slice of a few milliseconds is over soon. */
  function slowClock(): void {
    let now = performance.now();
    vi.spyOn(performance, 'now').mockImplementation(() => (now += 3));
  }
  afterEach(() => void vi.restoreAllMocks());

  it('gives way to the event loop, and measures to the bit what evaluate measures', async () => {
    using net = new Network(spec);
    slowClock();
    const run = net.fit(xor, { ...validated, epochs: 1 });
    let ended = false;
    void run.then(() => (ended = true));
    let turns = 0;
    while (!ended) {
      await new Promise((resolve) => setImmediate(resolve));
      turns++;
      // Neither disturbs the sums of the validation.
      if (turns === 5) net.evaluate(xor);
      if (turns === 9) net.predict(xor.x);
    }
    expect(turns).toBeGreaterThan(15);
    const { reports } = await run;
    expect(reports[0]!.validation).toEqual(net.evaluate(large, { metrics }));
    using twin = new Network(spec);
    expect(twin.fitSync(xor, { ...validated, epochs: 1 }).reports[0]!.validation).toEqual(
      reports[0]!.validation,
    );
    expect(net.hash()).toBe(twin.hash());
  });

  it('reports every epoch once to a loop', async () => {
    using net = new Network(spec);
    slowClock();
    const epochs: number[] = [];
    for await (const { epoch, validation } of net.fit(xor, validated)) {
      epochs.push(epoch);
      expect(validation).toEqual(net.evaluate(large, { metrics }));
    }
    expect(epochs).toEqual([1, 2]);
  });

  it('ends with the signal and with maxSeconds', async () => {
    using net = new Network(spec);
    slowClock();
    const stop = new AbortController();
    const run = net.fit(xor, { ...validated, epochs: 1, signal: stop.signal });
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    expect((await run).stoppedBy).toBe('abort');
    using twin = new Network(spec);
    twin.fitSync(xor, { ...options, epochs: 1 });
    expect(net.hash()).toBe(twin.hash());
    const late = { ...validated, epochs: 1, maxSeconds: 0.05 };
    expect((await net.fit(xor, late)).stoppedBy).toBe('time');
    expect(net.fitSync(xor, late).stoppedBy).toBe('time');
  });

  it('is in a checkpoint that is taken meanwhile, with its report', async () => {
    using net = new Network(spec);
    slowClock();
    const run = net.fit(xor, validated);
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    const checkpoint = await run.checkpoint();
    const { reports } = await run;
    using twin = new Network(spec);
    const resumed = await twin.fit(xor, { ...validated, resume: checkpoint });
    expect(resumed.reports.map(({ validation }) => validation)).toEqual(
      reports.map(({ validation }) => validation),
    );
    expect(reports).toHaveLength(2);
    expect(twin.hash()).toBe(net.hash());
  });

  it('does not read on in a stream', async () => {
    using net = new Network(spec);
    slowClock();
    let opened = 0;
    const open = (): (typeof xor)[] => {
      opened++;
      return [xor];
    };
    const { epochs, validation } = validated;
    const { reports } = await net.fit(open, { epochs, validation, metrics });
    expect(reports).toHaveLength(2);
    expect(opened).toBe(2);
  });
});

describe('onEpoch', () => {
  it('is told of every epoch in order, in fit and fitSync', async () => {
    for (const validation of [undefined, xor]) {
      using net = new Network(spec);
      const seen: EpochReport[] = [];
      const extra = validation ? { validation } : {};
      const run = {
        ...options,
        epochs: 300,
        ...extra,
        onEpoch: (report: EpochReport) => seen.push(report),
      };
      expect(net.fitSync(xor, run).reports).toEqual(seen);
      expect(seen.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 300 }, (_, i) => i + 1));
      seen.length = 0;
      expect((await net.fit(xor, run)).reports).toEqual(seen);
    }
  });

  it('ends the run with what it throws', async () => {
    const failure = new Error('full disk');
    const failing = {
      ...options,
      onEpoch: ({ epoch }: EpochReport) => {
        if (epoch === 3) throw failure;
      },
    };
    using net = new Network(spec);
    expect(() => net.fitSync(xor, failing)).toThrow(failure);
    await expect(net.fit(xor, failing)).rejects.toBe(failure);
    const loop = async (): Promise<void> => {
      for await (const _ of net.fit(xor, failing));
    };
    await expect(loop()).rejects.toBe(failure);
    expect(net.fitSync(xor, options).stoppedBy).toBe('epochs');
    for (const { get } of net.parameters) expect(get().every(Number.isFinite)).toBe(true);
  });
});

describe('onProgress', () => {
  const large = {
    x: Float32Array.from({ length: 2 * 40_000 }, (_, index) => (index % 7) / 7),
    y: Float32Array.from({ length: 40_000 }, (_, index) => index % 2),
  };

  it('is told within long epochs, and at the end', () => {
    using net = new Network(spec);
    const seen: ProgressReport[] = [];
    const onProgress = (progress: ProgressReport): unknown => seen.push(progress);
    // One example at a time, on the slow core: an epoch takes several tenths of a second.
    using slow = new Network(spec, { core: 'js' });
    slow.fitSync(large, { epochs: 1, batchSize: 1, validation: xor, onProgress });
    net.fitSync(xor, { ...options, onProgress });
    const last = seen.pop()!;
    expect(last).toMatchObject({ epoch: 20, epochs: 20, step: 40, steps: 40, remainingSeconds: 0 });
    expect(last.cost).toBeGreaterThan(0);
    expect(last.learningRate).toBe(0.05);
    expect(last.examplesPerSecond).toBeGreaterThan(0);
    expect(seen.at(-1)).toMatchObject({ epoch: 1, step: 40_000, steps: 40_000 });
    expect(seen.at(-1)!.validation!.loss).toBeGreaterThan(0);
    const within = seen.filter(({ step }) => step < 40_000);
    for (const { cost, remainingSeconds, epoch } of within) {
      expect(epoch).toBe(1);
      expect(cost).toBeGreaterThan(0);
      expect(remainingSeconds).toBeGreaterThan(0);
    }
    const steps = seen.map(({ step }) => step);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
  });

  it('ends the run with what it throws, and must be a function', async () => {
    const failure = new Error('no window');
    const onProgress = (): void => {
      throw failure;
    };
    using net = new Network(spec);
    expect(() => net.fitSync(xor, { ...options, onProgress })).toThrow(failure);
    await expect(net.fit(xor, { ...options, onProgress })).rejects.toBe(failure);
    expect(net.fitSync(xor, options).stoppedBy).toBe('epochs');
    const wrong = { ...options, onProgress: 'log' as never };
    expect(() => net.fitSync(xor, wrong)).toThrow(/onProgress: expected a function/);
  });
});

it('a loop over a hundred thousand reports ends', async () => {
  using net = new Network(spec);
  let count = 0;
  for await (const _ of net.fit(xor, { ...options, epochs: 100_000 })) count++;
  expect(count).toBe(100_000);
});

it('a loop gives way to the event loop', async () => {
  using net = new Network(spec);
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  for await (const { seconds } of net.fit(xor, endless)) if (seconds > 0.1) break;
  clearInterval(timer);
  expect(turns).toBeGreaterThan(1);
});
