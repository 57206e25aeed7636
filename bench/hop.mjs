import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { median } from './statistics.mjs';

/** Turns of a game: about a millisecond. */
const TURNS = 4000;
const GAMES = 5;

/** Nanoseconds below which two threads are on one core, as its hyperthreads, and from which on they have no cache in common. */
const ONE_CORE = 40;
const NO_COMMON_CACHE = 120;

/**
 * Starts a thread that measures together with this one how long a word takes from core to core. The host of a virtual machine moves its
 * cores about, within seconds, and what two threads can do depends on where they are: with 2 cores this tells, with more of them it is
 * a guess, since other threads may be on others.
 */
export async function startHop() {
  const word = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(new URL('hop-partner.mjs', import.meta.url), { workerData: word });
  await once(worker, 'message');
  return {
    /** Nanoseconds of a hop. */
    async measure() {
      const games = [];
      for (let game = 0; game < GAMES; game++) {
        const done = once(worker, 'message');
        worker.postMessage('play');
        const start = performance.now();
        play(word, 0);
        games.push(((performance.now() - start) * 1e6) / (2 * TURNS));
        await done;
      }
      return median(games);
    },
    end: () => worker.terminate(),
  };
}

/** Waits for its turn and gives it to the other, so often. @param {Int32Array} word @param {0 | 1} mine */
export function play(word, mine) {
  for (let turn = 0; turn < TURNS; turn++) {
    while (Atomics.load(word, 0) !== mine);
    Atomics.store(word, 0, 1 - mine);
  }
}

/** Whether the cores are two, with a cache in common. @param {number} nanoseconds */
export function hasCommonCache(nanoseconds) {
  return nanoseconds >= ONE_CORE && nanoseconds < NO_COMMON_CACHE;
}
