import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { MAXIMUM_PAGES, PAGE_BYTES } from '../../src/core/instance.ts';
import { compileModule } from '../core/probe.ts';

// A helper comes to a memory that grows while it arrives.

const [HERE, END, DONE] = [16, 32, 48] as const;
const BYTES = 4;

/** Stands in for the core: says that it is here, then fills the end of memory as soon as it is told where that is. Filling checks bounds. */
const source = `
  export function help(team: usize, slot: usize): void {
    atomic.store<i32>(${HERE}, 1);
    while (!atomic.load<i32>(${END})) {}
    fill(<usize>atomic.load<i32>(${END}), slot);
    atomic.store<i32>(${DONE}, 1);
    atomic.notify(${DONE});
  }
  function fill(end: usize, bytes: usize): void {
    memory.fill(end - bytes, 1, bytes);
  }`;

it('a helper reaches all of a memory, however often it grew on the helper’s way', async () => {
  const flags = `--enable threads --importMemory --sharedMemory --maximumMemory ${MAXIMUM_PAGES}`;
  const module = await compileModule('help.ts', flags, (name) =>
    name === 'help.ts' ? source : null,
  );
  const worker = new Worker(new URL('../../src/threads/thread.js', import.meta.url));
  await once(worker, 'message');
  for (let arrival = 0; arrival < 3000; arrival++) {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: MAXIMUM_PAGES, shared: true });
    const words = new Int32Array(memory.buffer);
    worker.postMessage({ module, memory, team: 0, slot: BYTES });
    let pages = 1;
    while (!Atomics.load(words, HERE / 4) && pages < 4096) {
      memory.grow(1);
      pages++;
    }
    Atomics.store(words, END / 4, pages * PAGE_BYTES);
    expect(Atomics.wait(words, DONE / 4, 0, 5000), `arrival ${arrival}`).not.toBe('timed-out');
    expect(new Int32Array(memory.buffer).at(-1)).toBe(0x01010101);
  }
  await worker.terminate();
});
