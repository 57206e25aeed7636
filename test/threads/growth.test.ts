import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import asc from 'assemblyscript/asc';
import { expect, it } from 'vitest';

// A helper comes to a memory that grows while it arrives.

const [HERE, END, DONE] = [16, 32, 48] as const;
const BYTES = 4;
const PAGE_BYTES = 65536;

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

async function compile(): Promise<WebAssembly.Module> {
  let binary: Uint8Array<ArrayBuffer> | undefined;
  const flags =
    '--runtime stub --enable threads --importMemory --sharedMemory --maximumMemory 65536';
  const { error, stderr } = await asc.main(['help.ts', ...flags.split(' '), '--outFile', 'out'], {
    readFile: (name) => (name === 'help.ts' ? source : null),
    writeFile: (_, contents) => {
      binary = new Uint8Array(contents as Uint8Array);
    },
    listFiles: () => [],
  });
  if (error !== null || binary === undefined) throw new Error(stderr.toString());
  return new WebAssembly.Module(binary);
}

it('a helper reaches all of a memory, however often it grew on the helper’s way', async () => {
  const module = await compile();
  const worker = new Worker(new URL('../../src/threads/thread.js', import.meta.url));
  await once(worker, 'message');
  for (let arrival = 0; arrival < 1000; arrival++) {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: PAGE_BYTES, shared: true });
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
