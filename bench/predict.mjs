import { adam, Network } from 'chainrule';
import { randomExamples } from './data.mjs';
import { forwardFlop } from './flops.mjs';
import { interleave, secondsPerCall } from './measure.mjs';
import { softmax } from './workloads.mjs';

const SIZES = [784, 128, 10];
const MILLISECONDS = 40;

/** Calls per timed task, so that a task is long against the resolution of the clock. */
const CALLS = { 1: 50, 1024: 1 };

/**
 * Times `predict` of one sample, and of a batch, on both cores, after checking that they give the same bits.
 *
 * @param {{ rounds: number, calibration: import('./calibration.mjs').Calibration }} options
 */
export function benchPrediction(options) {
  return [predictRows(1, options), predictRows(1024, options)];
}

/**
 * @param {1 | 1024} rows
 * @param {{ rounds: number, calibration: import('./calibration.mjs').Calibration }} options
 */
function predictRows(rows, { rounds, calibration }) {
  const { x } = randomExamples(rows, SIZES[0], SIZES[2]);
  const networks = {
    simd: new Network(softmax(SIZES, adam()).spec, { core: 'simd' }),
    js: new Network(softmax(SIZES, adam()).spec, { core: 'js' }),
  };
  const bits = (/** @type {Network} */ network) => Buffer.from(network.predict(x).buffer);
  if (!bits(networks.simd).equals(bits(networks.js))) throw new Error('predict: the cores differ');
  const calls = CALLS[rows];
  const seconds = (/** @type {Network} */ network) => () =>
    secondsPerCall(() => {
      for (let call = 0; call < calls; call++) network.predict(x);
    }, MILLISECONDS) / calls;
  const { result, peak } = calibration.around(() =>
    interleave({ simd: seconds(networks.simd), js: seconds(networks.js) }, rounds),
  );
  for (const network of Object.values(networks)) network.dispose();
  const gflops = (rows * forwardFlop(SIZES)) / result.simd / 1e9;
  return {
    name: `predict 784-128-10, ${rows === 1 ? 'one sample' : `batch ${rows}`}`,
    rows,
    ...result,
    gflops,
    peak,
  };
}
