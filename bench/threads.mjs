import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { Network } from 'chainrule';
import { hasCommonCache, startHop } from './hop.mjs';
import { median } from './statistics.mjs';

/** @typedef {import('./workloads.mjs').Workload} Workload */

const THREADS = 2;

/**
 * Seconds that a call of `fitSync` on one thread should take: long beside its first step, whose operands are in no cache, and short beside
 * the phases of a machine that others use too.
 */
const CALL_SECONDS = 0.15;

/** Calls of each kind for one round of the other measurements. */
const CALLS = 10;

/** Of the best of all calls, what those on one thread and of two networks apart reach while nobody else uses the cores. */
const UNDISTURBED = 0.95;

/**
 * Times workloads with a step long enough for it on one and on two threads in turn, after checking that they learn the same to the last
 * bit. Beside them, what the machine has: two networks that share nothing, trained at the same time by one thread each. Nothing where
 * the machine has one core.
 *
 * Round by round, each workload in each: where the cores are changes within minutes.
 *
 * @param {Workload[]} workloads
 * @param {{ rounds: number, progress: (text: string) => void }} options
 */
export async function benchThreads(workloads, { rounds, progress }) {
  if (availableParallelism() < THREADS) return [];
  const hop = await startHop();
  const runs = [];
  for (const workload of workloads.filter(({ batchSize }) => batchSize >= 64)) {
    runs.push(await prepareRun(workload));
  }
  for (let round = 1; round <= rounds; round++) {
    for (const run of runs) {
      progress(`${run.workload.title}, threads, round ${round} of ${rounds}`);
      await measure(run, hop);
    }
  }
  await hop.end();
  return Promise.all(runs.map(finish));
}

/**
 * @typedef {Awaited<ReturnType<typeof prepareRun>>} Run
 * @typedef {{ alone: number, together: number, apart: number, close: boolean }} Call examples per second, and whether the cores had a cache in common
 */

/** @param {Workload} workload */
async function prepareRun(workload) {
  const [one, several] = [1, THREADS].map((threads) => prepare(workload, threads));
  const apart = await prepareApart(workload);
  const { reports } = await one.network.fit(workload.data, one.options(4));
  await several.network.fit(workload.data, several.options(4));
  const rate = reports[reports.length - 1].examplesPerSecond;
  const epochs = Math.max(1, Math.round((CALL_SECONDS * rate) / workload.count));
  return { workload, one, several, apart, epochs, calls: /** @type {Call[]} */ ([]) };
}

/** @param {Run} run @param {Awaited<ReturnType<typeof startHop>>} hop */
async function measure({ workload, one, several, apart, epochs, calls }, hop) {
  // Threads come while the event loop runs, and code has to be compiled well.
  await several.network.fit(workload.data, several.options(4));
  one.rate(4);
  let before = await hop.measure();
  for (let call = 0; call < CALLS; call++) {
    const [alone, together] = [one.rate(epochs), several.rate(epochs)];
    const rates = { alone, together, apart: await apart.rate(epochs) };
    const after = await hop.measure();
    calls.push({ ...rates, close: hasCommonCache(before) && hasCommonCache(after) });
    before = after;
  }
}

/** @param {Run} run */
async function finish({ workload: { title }, one, several, apart, calls }) {
  if (one.network.hash() !== several.network.hash()) {
    throw new Error(`${title}: threads learn something else`);
  }
  for (const { network } of [one, several, apart]) network.dispose();
  await apart.end();
  const calm = undisturbed(calls);
  return {
    title,
    alone: median(calls.map(({ alone }) => alone)),
    together: median(calls.map(({ together }) => together)),
    all: ratios(calls),
    calm: calm.length > 0 ? { ...ratios(calm), calls: calm.length } : undefined,
    calls: calls.length,
  };
}

/**
 * The calls during which the cores were free and had a cache in common, as far as those before and behind the one on two threads tell: what
 * that one took does not count.
 *
 * @param {Call[]} calls
 */
function undisturbed(calls) {
  const [alone, apart] = /** @type {const} */ (['alone', 'apart']).map(
    (kind) => UNDISTURBED * Math.max(...calls.map((call) => call[kind])),
  );
  return calls.filter((call) => call.close && call.alone >= alone && call.apart >= apart);
}

/** @param {Call[]} calls */
function ratios(calls) {
  return {
    ratio: median(calls.map(({ alone, together }) => together / alone)),
    apart: median(calls.map(({ alone, apart }) => apart / alone)),
  };
}

/**
 * Two networks that share nothing, one of them in a worker.
 *
 * @param {Workload} workload
 */
async function prepareApart(workload) {
  const here = prepare(workload, 1);
  const worker = new Worker(new URL('apart.mjs', import.meta.url), { workerData: workload });
  await once(worker, 'message');
  here.rate(4);
  return {
    network: here.network,
    /** Examples per second of both, trained at the same time. @param {number} epochs */
    async rate(epochs) {
      const there = once(worker, 'message');
      worker.postMessage(epochs);
      const rate = here.rate(epochs);
      const [other] = await there;
      return rate + other;
    },
    end: () => worker.terminate(),
  };
}

/**
 * @param {Workload} workload
 * @param {number} threads
 */
export function prepare({ spec, data, count, batchSize, optimizer }, threads) {
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
