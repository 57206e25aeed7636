import { Bench } from 'tinybench';

const ROUNDS = 5;
const ROUND = { time: 60, iterations: 3, warmupTime: 30, warmupIterations: 1 };

/**
 * Times the two cores in turn, several rounds, so that a slow phase of the machine hits both.
 *
 * @param {Record<CoreName, () => void>} tasks
 * @returns {Record<CoreName, number>} median over the rounds of the median time of one call, in seconds
 *
 * @typedef {'simd' | 'js'} CoreName
 */
export function measure(tasks) {
  const rounds = Array.from({ length: ROUNDS }, () => measureOnce(tasks));
  return {
    simd: median(rounds.map((times) => times.simd)),
    js: median(rounds.map((times) => times.js)),
  };
}

/** @param {Record<CoreName, () => void>} tasks */
function measureOnce(tasks) {
  const bench = new Bench({ ...ROUND, throws: true });
  bench.add('simd', tasks.simd, { async: false }).add('js', tasks.js, { async: false }).runSync();
  return { simd: medianSeconds(bench, 'simd'), js: medianSeconds(bench, 'js') };
}

/**
 * @param {Bench} bench
 * @param {CoreName} name
 */
function medianSeconds(bench, name) {
  const result = bench.getTask(name)?.result;
  if (result?.state !== 'completed') throw new Error(`the ${name} task ended as ${result?.state}`);
  return result.latency.p50 / 1000;
}

/** @param {number[]} values - an odd number of them */
function median(values) {
  return values.toSorted((a, b) => a - b)[(values.length - 1) / 2];
}
