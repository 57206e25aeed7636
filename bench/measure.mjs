import { Bench } from 'tinybench';
import { median } from './statistics.mjs';

/**
 * The median time of a call.
 *
 * @param {() => void} task
 * @param {number} milliseconds - how long to go on calling
 */
export function secondsPerCall(task, milliseconds) {
  const bench = new Bench({ time: milliseconds, iterations: 1, warmup: false, throws: true });
  bench.add('task', task, { async: false }).runSync();
  const result = bench.getTask('task')?.result;
  if (result?.state !== 'completed') throw new Error(`a timed task ended as ${result?.state}`);
  return result.latency.p50 / 1000;
}

/**
 * Measures variants in turn, several rounds, so that a slow phase of the machine hits all of them. The first round warms up and
 * does not count.
 *
 * @template {Record<string, () => number>} Variants
 * @param {Variants} variants - each measures itself and gives a figure
 * @param {number} rounds
 * @returns {{ [Name in keyof Variants]: number }} medians over the rounds
 */
export function interleave(variants, rounds) {
  const entries = Object.entries(variants);
  const figures = Array.from({ length: rounds + 1 }, () => entries.map(([, measure]) => measure()));
  const medianOf = (/** @type {number} */ index) =>
    median(figures.slice(1).map((round) => round[index]));
  const medians = entries.map(([name], index) => [name, medianOf(index)]);
  return /** @type {{ [Name in keyof Variants]: number }} */ (Object.fromEntries(medians));
}
