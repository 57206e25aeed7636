import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it, vi } from 'vitest';
import * as abi from '../../src/core/abi.ts';
import type * as embedded from '../../src/core/embedded.ts';
import { adam, type FitOptions, Network, NetworkError } from '../../src/index.ts';
import { helpers } from '../../src/threads/pool.ts';
import type { PortEvents } from '../../src/worker/port.ts';
import { data, spec } from './wide.ts';

// Threads that take a part of a step, and then lose their core for a while or for ever.

/** Takes parts from the fiftieth shared instruction on; `unsteady` says what happens before each is executed. */
const source = (unsteady: string): string => `
  const { parentPort } = require('node:worker_threads');
  parentPort.onmessage = ({ data: { module, memory, team, slot } }) => {
    const core = new WebAssembly.Instance(module, { env: { memory } }).exports;
    const left = new BigInt64Array(memory.buffer, team + ${abi.TEAM_LEFT}, 1);
    const words = new Int32Array(memory.buffer);
    const word = (address) => (team + address) / 4;
    for (;;) {
      const offer = Atomics.load(left, 0);
      const first = offer & 0xffffn;
      const end = (offer >> 16n) & 0xffffn;
      if (Atomics.load(words, word(${abi.TEAM_GENERATION})) < 50 || first >= end) continue;
      if (Atomics.compareExchange(left, 0, offer, offer - 0x10000n) !== offer) continue;
      ${unsteady}
      const state = words[word(${abi.TEAM_STATE})];
      const record = words[word(${abi.TEAM_RECORD})];
      const parts = words[word(${abi.TEAM_PARTS})];
      const half = parts >> 1;
      const part = end > half ? half + parts - Number(end) : Number(end) - 1;
      core.executeParts(state, record, part, 1, slot + ${abi.SLOT_RECORD}, slot + ${abi.SLOT_SCRATCH});
      Atomics.sub(words, word(${abi.TEAM_PENDING}), 1);
      Atomics.notify(words, word(${abi.TEAM_PENDING}));
    }
  };
  parentPort.postMessage('ready');`;

/** Longer than a leader's nap. */
const PAUSE = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 25);';

let script: string;

/** The core as asc wrote it, which exports `executeParts`. */
vi.mock('../../src/core/embedded.ts', async (original) => ({
  ...(await original<typeof embedded>()),
  simdBytes: () => new Uint8Array(readFileSync('build/core.simd.wasm')),
}));

vi.mock('../../src/threads/start.ts', () => ({
  startThread({ message, ended }: PortEvents) {
    const worker = new Worker(script, { eval: true });
    worker.on('message', message);
    worker.on('exit', ended);
    worker.unref();
    return { post: (job: unknown) => worker.postMessage(job), terminate: () => worker.terminate() };
  },
}));

afterEach(() => {
  helpers.forEach((helper) => helper.terminate());
  helpers.clear();
});

const options = { batchSize: 'all', optimizer: adam(), shuffle: false } as const;

/** Digests behind every step of a run on one thread. */
async function finishedSteps(run: FitOptions): Promise<string[]> {
  using net = new Network(spec);
  const hashes = [net.hash()];
  for await (const _ of net.fit(data, run)) hashes.push(net.hash());
  return hashes;
}

describe('a thread that loses its core in the midst of a part', () => {
  it('is waited for', async () => {
    script = source(PAUSE);
    using net = new Network(spec);
    await net.fit(data, { ...options, epochs: 100, threads: 2 });
    expect(net.hash()).toBe((await finishedSteps({ ...options, epochs: 100 })).at(-1));
  });

  it('and dies, ends the run, the network being at a finished step', async () => {
    script = source('process.exit();');
    using net = new Network(spec);
    const error = await net.fit(data, { ...options, epochs: 1_000_000, threads: 2 }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(NetworkError);
    expect(error).toMatchObject({ code: 'WORKER_LOST' });
    expect((error as Error).message).toContain('a finished step');
    expect(await finishedSteps({ ...options, epochs: 200 })).toContain(net.hash());
    await net.fit(data, { ...options, epochs: 1 });
  });
});
