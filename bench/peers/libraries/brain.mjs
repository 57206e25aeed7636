import { createRequire } from 'node:module';
import brain from 'brain.js';
import { serve } from '../serve.mjs';
import { CHECKED_STEPS, readBatches, readParameters } from '../task.mjs';

/** @typedef {import('../task.mjs').Task} Task */

const { version } = createRequire(import.meta.url)('brain.js/package.json');

await serve(async () => ({
  version,
  note: 'trainPattern with momentum 0, which train() refuses; numbers as f32, arithmetic in f64',
  prepare,
}));

/**
 * brain.js learns online, one example after the other, with sigmoid layers and half squared error.
 *
 * @param {Task} task
 */
function prepare(task) {
  if (task.kind === 'predict') return 'compared in training only';
  if (task.recurrent) return 'its recurrent networks have neither mini-batches nor Adam';
  if (task.formula !== 'quadratic') return 'has no softmax cross-entropy';
  if (task.batchSize !== 1) return 'has no mini-batches';
  const network = new brain.NeuralNetwork({ activation: 'sigmoid' });
  network.sizes = task.sizes;
  network.initialize();
  network.trainOpts = {
    ...network.trainOpts,
    learningRate: task.optimizer.learningRate,
    momentum: 0,
  };
  readParameters(task).forEach(({ weights, bias }, layer) => {
    for (let unit = 0; unit < weights.rows; unit++) {
      const row = weights.values.subarray(unit * weights.columns, (unit + 1) * weights.columns);
      network.weights[layer + 1][unit].set(row);
      network.biases[layer + 1][unit] = bias[unit];
    }
  });
  const patterns = readBatches(task).map(({ x, y }) => ({ input: x.values, output: y.values }));
  return {
    check: () =>
      Array.from({ length: CHECKED_STEPS }, (_, step) => {
        const { input, output } = patterns[step % patterns.length];
        const before = network.runInput(input);
        const cost = output.reduce((sum, y, unit) => sum + (before[unit] - y) ** 2 / 2, 0);
        network.trainPattern({ input, output });
        return cost;
      }),
    run: (/** @type {number} */ epochs) => {
      for (let epoch = 0; epoch < epochs; epoch++) {
        for (const pattern of patterns) network.trainPattern(pattern);
      }
    },
  };
}
