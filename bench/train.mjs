import { Network } from 'chainrule';
import { trainingFlop } from './flops.mjs';
import { interleave } from './measure.mjs';
import { profile } from './profile.mjs';
import { median } from './statistics.mjs';

/** @typedef {import('./workloads.mjs').Workload} Workload */

/** Seconds one call of `fitSync` should take; the slower core gets by with a single epoch. */
const CALL_SECONDS = { simd: 0.1, js: 0.02 };

/**
 * Times a workload on both cores, after checking that they learn the same to the last bit.
 *
 * @param {Workload} workload
 * @param {{ rounds: number, calibration: import('./calibration.mjs').Calibration }} options
 */
export function benchTraining(workload, { rounds, calibration }) {
  const simd = prepare(workload, 'simd');
  const js = prepare(workload, 'js');
  if (simd.hash !== js.hash) throw new Error(`${workload.title}: the cores differ`);
  const { result: rates, peak } = calibration.around(() =>
    interleave({ simd: simd.rate, js: js.rate }, rounds),
  );
  for (const { network } of [simd, js]) network.dispose();
  return {
    name: workload.name,
    title: workload.title,
    batchSize: workload.batchSize,
    ...rates,
    gflops: (rates.simd * trainingFlop(workload.sizes)) / 1e9,
    parts: profile(workload),
    peak,
  };
}

/**
 * Examples per second on the SIMD core alone.
 *
 * @param {Workload} workload
 * @param {number} rounds
 */
export function trainingRate(workload, rounds) {
  const { network, rate } = prepare(workload, 'simd');
  const { simd } = interleave({ simd: rate }, rounds);
  network.dispose();
  return simd;
}

/**
 * A network that has been trained for one epoch.
 *
 * @param {Workload} workload
 * @param {'simd' | 'js'} core
 */
function prepare({ spec, data, count, batchSize, optimizer }, core) {
  const network = new Network(spec, { core });
  const fit = (/** @type {number} */ epochs) =>
    network.fitSync(data, { epochs, batchSize, optimizer }).reports;
  const [first] = fit(1);
  const hash = network.hash();
  const epochs = Math.ceil((CALL_SECONDS[core] * first.examplesPerSecond) / count);
  const rate = () => median(fit(epochs).map(({ examplesPerSecond }) => examplesPerSecond));
  return { network, hash, rate };
}
