import { adam } from 'chainrule';
import { randomExamples } from './data.mjs';
import { trainingFlop } from './flops.mjs';
import { trainingRate } from './train.mjs';
import { softmax, train } from './workloads.mjs';

const INPUTS = 128;
const CLASSES = 10;

/**
 * What grows: from a network of two hidden layers of 128 units and batches of 64, one size at a time.
 *
 * @type {Record<string, { title: string, values: number[], sizes: (value: number) => number[], batchSize: (value: number) => number }>}
 */
const SWEEPS = {
  width: {
    title: 'units of the two hidden layers',
    values: [16, 32, 64, 128, 256, 512, 1024, 2048],
    sizes: (width) => [INPUTS, width, width, CLASSES],
    batchSize: () => 64,
  },
  depth: {
    title: 'hidden layers of 128 units',
    values: [1, 2, 4, 8, 16],
    sizes: (depth) => [INPUTS, ...Array(depth).fill(128), CLASSES],
    batchSize: () => 64,
  },
  batch: {
    title: 'examples per mini-batch',
    values: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024],
    sizes: () => [INPUTS, 128, 128, CLASSES],
    batchSize: (batch) => batch,
  },
};

/**
 * How the speed of training changes with the width, the depth and the batch.
 *
 * @param {{ rounds: number, calibration: import('./calibration.mjs').Calibration, progress: (text: string) => void }} options
 */
export function benchGrowth({ rounds, calibration, progress }) {
  const data = { title: 'dense random data', ...randomExamples(1024, INPUTS, CLASSES) };
  return Object.entries(SWEEPS).map(([name, { title, values, sizes, batchSize }]) => ({
    name,
    title,
    points: values.map((value) => {
      progress(`growth: ${name} ${value}`);
      const network = softmax(sizes(value), adam({ learningRate: 1e-5 }));
      const workload = train(network, data, batchSize(value));
      const { result, peak } = calibration.around(() => trainingRate(workload, rounds));
      return { value, rate: result, gflops: (result * trainingFlop(sizes(value))) / 1e9, peak };
    }),
  }));
}
