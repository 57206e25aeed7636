import { availableParallelism } from 'node:os';
import { Network } from 'chainrule';
import { median } from './statistics.mjs';

/** @typedef {import('./workloads.mjs').Workload} Workload */

const THREADS = 2;

/** Seconds that one call of `fitSync` should take: its first steps compare the threads with one. */
const CALL_SECONDS = 0.3;

/** Pairs of calls for one round of the other measurements. */
const PAIRS = 6;

/**
 * Times workloads with a step long enough for it on one and on two threads in turn, after checking that they learn the same to the last
 * bit. Nothing where the machine has one core.
 *
 * @param {Workload[]} workloads
 * @param {{ rounds: number, progress: (text: string) => void }} options
 */
export async function benchThreads(workloads, { rounds, progress }) {
  const rows = [];
  for (const workload of availableParallelism() < THREADS ? [] : workloads) {
    if (workload.batchSize < 64) continue;
    progress(`${workload.title}, threads`);
    rows.push(await benchWorkload(workload, rounds));
  }
  return rows;
}

/**
 * @param {Workload} workload
 * @param {number} rounds
 */
async function benchWorkload(workload, rounds) {
  const [one, several] = [1, THREADS].map((threads) => prepare(workload, threads));
  // Threads come while the event loop runs, and code has to be compiled well.
  const { reports } = await one.network.fit(workload.data, one.options(4));
  await several.network.fit(workload.data, several.options(4));
  const rate = reports[reports.length - 1].examplesPerSecond;
  const epochs = Math.max(2, Math.round((CALL_SECONDS * rate) / workload.count));
  const pairs = Array.from({ length: PAIRS * rounds }, () => [
    one.rate(epochs),
    several.rate(epochs),
  ]);
  if (one.network.hash() !== several.network.hash()) {
    throw new Error(`${workload.title}: threads learn something else`);
  }
  for (const { network } of [one, several]) network.dispose();
  const ratios = pairs.map(([alone, together]) => together / alone);
  return {
    title: workload.title,
    alone: median(pairs.map(([alone]) => alone)),
    together: median(pairs.map(([, together]) => together)),
    ratio: median(ratios),
    best: Math.max(...ratios),
  };
}

/**
 * @param {Workload} workload
 * @param {number} threads
 */
function prepare({ spec, data, count, batchSize, optimizer }, threads) {
  const network = new Network(spec);
  const options = (/** @type {number} */ epochs) => ({ epochs, batchSize, optimizer, threads });
  return {
    network,
    options,
    /** Examples per second of a call. @param {number} epochs */
    rate(epochs) {
      const { reports } = network.fitSync(data, options(epochs));
      return (epochs * count) / reports[reports.length - 1].seconds;
    },
  };
}
