import { readFileSync } from 'node:fs';
import { adam, dense, momentum, Network, sgd } from '../../build/index.js';
import { serve } from './serve.mjs';
import { CHECKED_STEPS, readBatches, readParameters } from './task.mjs';

/** @typedef {import('./task.mjs').Task} Task */

const core = process.argv[2] === 'js' ? 'js' : 'simd';

await serve(async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  return { version, note: 'public API; fitSync without shuffling', prepare };
});

/** @param {Task} task */
function prepare(task) {
  const batches = readBatches(task);
  const network = createNetwork(task);
  if (task.kind === 'predict') {
    const x = batches[0].x.values;
    return {
      check: () => [...network.predict(x)],
      run: (/** @type {number} */ times) => {
        for (let call = 0; call < times; call++) network.predict(x);
      },
    };
  }
  const data = { x: join(batches.map(({ x }) => x)), y: join(batches.map(({ y }) => y)) };
  const optimizer = createOptimizer(task);
  const { batchSize } = task;
  return {
    check: () =>
      Array.from({ length: CHECKED_STEPS }, (_, step) => {
        const { x, y } = batches[step % batches.length];
        return network.trainBatch(x.values, y.values, { optimizer });
      }),
    run: (/** @type {number} */ epochs) =>
      void network.fitSync(data, { epochs, batchSize, optimizer, shuffle: false }),
  };
}

/** @param {Task} task */
function createNetwork(task) {
  const [hidden, last, loss] =
    task.formula === 'quadratic'
      ? /** @type {const} */ (['sigmoid', 'sigmoid', 'halfSquaredError'])
      : /** @type {const} */ (['relu', 'softmax', 'crossEntropy']);
  const units = task.sizes.slice(1);
  const layers = units.map((count, index) =>
    dense(count, index < units.length - 1 ? hidden : last),
  );
  const network = new Network({ input: task.sizes[0], layers, loss, seed: 1 }, { core });
  readParameters(task).forEach(({ weights, bias }, layer) => {
    network.parameters[2 * layer].set(weights.values);
    network.parameters[2 * layer + 1].set(bias);
  });
  return network;
}

/** @param {Task} task */
function createOptimizer({ optimizer: { kind, ...options } }) {
  return { sgd, momentum, adam }[kind](options);
}

/** @param {import('./task.mjs').Matrix[]} matrices */
function join(matrices) {
  const all = new Float32Array(matrices.reduce((sum, { values }) => sum + values.length, 0));
  let start = 0;
  for (const { values } of matrices) {
    all.set(values, start);
    start += values.length;
  }
  return all;
}
