import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { dense, type FitOptions, Network, sgd } from '../../src/index.ts';
import { createHanging, Workers } from './start.ts';

// Whatever happens to a worker: an error that says so, or the same numbers from elsewhere; and a network that can be used.

const workers = new Workers();
const worker = { create: workers.create };
afterAll(() => workers.end());

const data = { x: [[0, 1], [1, 2], [2, 0], [1, 1]], y: [[1], [3], [2], [2]] }; // prettier-ignore

function network(): Network {
  return new Network({
    input: 2,
    layers: [dense(3, 'tanh'), dense(1)],
    loss: 'halfSquaredError',
    seed: 1,
  });
}

function options(more: Partial<FitOptions> = {}): FitOptions {
  return { epochs: 50, batchSize: 2, optimizer: sgd({ learningRate: 0.05 }), ...more };
}

/** Trains here and in a worker from the same start; the two must agree. */
async function expectTrains(net: Network): Promise<void> {
  const copy = Network.load(net.save());
  // In the order of the data: a copy begins with the first shuffle, a network goes on to the next.
  copy.fitSync(data, options({ shuffle: false }));
  await net.fit(data, options({ shuffle: false, worker }));
  expect(net.hash()).toBe(copy.hash());
}

describe('an error in a worker', () => {
  it('has the type, the code and the message it has here, and leaves the same parameters', async () => {
    const [here, there] = [network(), network()];
    const diverging = options({ epochs: 1000, optimizer: sgd({ learningRate: 1e6 }) });
    const expected = catchError(() => here.fitSync(data, diverging));
    expect(expected).toMatchObject({ code: 'DIVERGED' });
    const error = await there.fit(data, { ...diverging, worker }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(expected.constructor);
    expect(error).toMatchObject({ code: 'DIVERGED', message: expected.message });
    expect(there.hash()).toBe(here.hash());
    await expectTrains(network());
  });

  function catchError(work: () => unknown): Error {
    try {
      work();
    } catch (error) {
      return error as Error;
    }
    throw new Error('nothing was thrown');
  }
});

describe('a worker that is lost', () => {
  it('by being terminated ends the run at once; the network trains on in a new one', async () => {
    const net = network();
    const run = net.fit(data, options({ epochs: 1e9, worker }));
    await vi.waitFor(() => expect(net.hash()).not.toBe(network().hash()));
    await workers.last.worker.terminate();
    await expect(run).rejects.toMatchObject({
      name: 'NetworkError',
      code: 'WORKER_LOST',
      message: expect.stringContaining('exit code'),
    });
    await expectTrains(net);
  });

  it('by hanging ends the run after a while of silence', async () => {
    const net = network();
    const hanging = { create: createHanging, timeoutSeconds: 0.2 };
    const before = net.hash();
    await expect(net.fit(data, options({ worker: hanging }))).rejects.toMatchObject({
      code: 'WORKER_LOST',
      message: expect.stringContaining('said nothing for 0.2 seconds'),
    });
    expect(net.hash()).toBe(before);
    await expectTrains(net);
  });

  it('is no matter when nobody awaits the run', async () => {
    const net = network();
    for await (const { epoch } of net.fit(data, options({ epochs: 1e9, worker }))) {
      if (epoch === 3) break;
    }
    await workers.last.worker.terminate();
    await expectTrains(net);
  });

  it('with the network disposed is not waited for', async () => {
    const net = network();
    const run = net.fit(data, options({ epochs: 1e9, worker }));
    net.dispose();
    await expect(run).rejects.toMatchObject({ code: 'DISPOSED' });
    await expectTrains(network());
  });
});

describe('a worker that cannot be started', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('is done without after one warning, where the script of the package is not found', async () => {
    // The sources have no worker.js beside them, as an app whose bundler copied nothing.
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    for (let time = 0; time < 2; time++) {
      const [here, there] = [network(), network()];
      here.fitSync(data, options());
      await there.fit(data, options({ worker: true }));
      expect(there.hash()).toBe(here.hash());
    }
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0]![0]).toContain('chainrule/worker');
    const net = network();
    const diverging = options({
      epochs: 1000,
      optimizer: sgd({ learningRate: 1e6 }),
      worker: true,
    });
    await expect(net.fit(data, diverging)).rejects.toMatchObject({ code: 'DIVERGED' });
    await expectTrains(net);
  });

  it('is an error where the user starts it', async () => {
    const net = network();
    const create = (): never => {
      throw new Error('no such file');
    };
    await expect(net.fit(data, options({ worker: { create } }))).rejects.toMatchObject({
      code: 'WORKER_LOST',
      message: expect.stringContaining('no such file'),
    });
    await expectTrains(net);
  });
});

describe('options', () => {
  it.each([
    ['a text', { worker: 'yes' as never }, TypeError, 'worker: expected true, false'],
    ['an unknown option', { worker: { creat: 1 } as never }, TypeError, "Did you mean 'create'?"],
    ['a start that is none', { worker: { create: 1 as never } }, TypeError, 'worker.create'],
    ['no time at all', { worker: { timeoutSeconds: 0 } }, RangeError, 'worker.timeoutSeconds'],
    [
      'a function that a worker cannot receive',
      { worker, schedule: (step: number) => 1 / (1 + step) },
      TypeError,
      'fit.plan.options.schedule: a function cannot be sent to a worker',
    ],
  ])('%s is refused at once, and nothing is begun', (_, more, type, message) => {
    const net = network();
    const refused = (): unknown => net.fit(data, options(more));
    expect(refused).toThrow(type);
    expect(refused).toThrow(message);
    net.trainBatch(data.x, data.y);
  });

  it('fitSync trains here: it takes no worker, and does not mind a network that has one', () => {
    const net = new Network(network().spec, { worker });
    expect(() => net.fitSync(data, options({ worker: true }))).toThrow(RangeError);
    expect(net.fitSync(data, options()).stoppedBy).toBe('epochs');
  });
});

describe('a process', () => {
  /** Runs a program that uses the published module. */
  function run(body: string): { status: number | null; stdout: string; stderr: string } {
    const source = `
      import { dense, Network } from ${JSON.stringify(resolve('build/index.js'))};
      const net = new Network({ input: 1, layers: [dense(1)], loss: 'halfSquaredError', seed: 1 });
      const data = { x: [[1], [2]], y: [[2], [4]] };
      ${body}`;
    const program = ['--input-type=module', '--eval', source];
    return spawnSync(process.execPath, program, { encoding: 'utf8', timeout: 30_000 });
  }

  it('ends by itself after a run in a worker, and not before', () => {
    const { status, stdout, stderr } = run(`
      const { stoppedBy } = await net.fit(data, { epochs: 20_000, worker: true });
      console.log(stoppedBy);`);
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'epochs\n', stderr: '' });
  });

  it('that never uses a worker starts none', () => {
    const { stdout } = run(`
      const { Worker } = process.getBuiltinModule('node:worker_threads');
      let started = 0;
      process.on('worker', () => started++);
      await net.fit(data, { epochs: 20 });
      console.log(started);`);
    expect(stdout).toBe('0\n');
  });
});
