import { readFileSync } from 'node:fs';
import { adam, dense, gru, lstm, momentum, Network, rnn, sgd } from '../../build/index.js';
import { serve } from './serve.mjs';
import { CHECKED_STEPS, readBatches, readParameters, readRecurrentParameters } from './task.mjs';

/** @typedef {import('./task.mjs').Task} Task */

const core = process.argv[2] === 'js' ? 'js' : 'simd';

await serve(async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  return { version, note: 'public API; fitSync without shuffling', prepare };
});

/** @param {Task} task */
function prepare(task) {
  const batches = readBatches(task);
  const network = task.recurrent
    ? createRecurrentNetwork({ ...task, recurrent: task.recurrent })
    : createNetwork(task);
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

/** @param {import('./task.mjs').RecurrentTask} task */
function createRecurrentNetwork(task) {
  const { kind, steps } = task.recurrent;
  const [inputs, ...widths] = task.sizes;
  const layer = { rnn, lstm, gru }[kind];
  const [classes, last, ...below] = widths.reverse();
  const layers = [
    ...below.reverse().map((units) => layer(units, { returns: 'all' })),
    layer(last),
    dense(classes, 'softmax'),
  ];
  const input = { features: inputs / steps, steps };
  const network = new Network({ input, layers, loss: 'crossEntropy', seed: 1 }, { core });
  readRecurrentParameters(task).forEach(({ values }, i) => network.parameters[i].set(values));
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
