import { Network } from 'chainrule';
import { hasRelaxed } from './cores.mjs';
import { trainingFlop } from './flops.mjs';
import { interleave } from './measure.mjs';
import { profile } from './profile.mjs';
import { largestDifference } from './statistics.mjs';

/** @typedef {import('./workloads.mjs').Workload} Workload */
/** @typedef {import('./cores.mjs').CoreName} CoreName */

/** Seconds that one call of `fitSync` should take; the slower core gets by with a single epoch. */
const CALL_SECONDS = { simd: 0.1, relaxed: 0.1, js: 0.02 };

/** Relative difference of a cost that fused multiply-add may make. */
const RELAXED_TOLERANCE = 1e-4;

/**
 * Times a workload on every core, after checking that they learn the same: `simd` and `js` to the last bit.
 *
 * @param {Workload} workload
 * @param {{ rounds: number, calibration: import('./calibration.mjs').Calibration }} options
 */
export function benchTraining(workload, { rounds, calibration }) {
  const simd = prepare(workload, 'simd');
  const js = prepare(workload, 'js');
  const relaxed = hasRelaxed ? prepare(workload, 'relaxed') : undefined;
  if (simd.hash !== js.hash) throw new Error(`${workload.title}: the cores differ`);
  if (relaxed && largestDifference([relaxed.cost], [simd.cost]) > RELAXED_TOLERANCE) {
    throw new Error(`${workload.title}: the relaxed core learns something else`);
  }
  const variants = { simd: simd.rate, js: js.rate, ...(relaxed && { relaxed: relaxed.rate }) };
  const { result, peak } = calibration.around(() => ({
    rates: interleave(variants, rounds),
    parts: profile(workload),
  }));
  for (const prepared of [simd, js, relaxed]) prepared?.network.dispose();
  return {
    name: workload.name,
    title: workload.title,
    batchSize: workload.batchSize,
    ...result.rates,
    gflops: (result.rates.simd * (workload.flop ?? trainingFlop(workload.sizes))) / 1e9,
    parts: result.parts,
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
 * A network that has been trained for one epoch, and how to measure it.
 *
 * @param {Workload} workload
 * @param {CoreName} core
 */
function prepare({ spec, data, count, batchSize, optimizer }, core) {
  const network = new Network(spec, { core });
  const fit = (/** @type {number} */ epochs) =>
    network.fitSync(data, { epochs, batchSize, optimizer }).reports;
  let reports = fit(1);
  const { cost } = reports[0];
  const hash = network.hash();
  let epochs = 1;
  for (; secondsOf(reports) < CALL_SECONDS[core] / 2; reports = fit(epochs)) epochs *= 2;
  return { network, cost, hash, rate: () => epochRate(fit(epochs), count) };
}

/** @param {readonly import('chainrule').EpochReport[]} reports */
function secondsOf(reports) {
  return reports[reports.length - 1].seconds;
}

/**
 * Examples per second from the end of the first epoch on, everything between epochs included; of the first epoch when it is the
 * only one.
 *
 * @param {readonly import('chainrule').EpochReport[]} reports
 * @param {number} count - examples of an epoch
 */
function epochRate(reports, count) {
  const [first] = reports;
  if (reports.length === 1) return first.examplesPerSecond;
  return ((reports.length - 1) * count) / (secondsOf(reports) - first.seconds);
}
