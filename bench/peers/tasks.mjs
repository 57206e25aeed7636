import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { adam, Network } from '../../build/index.js';
import { oneHot, randomExamples } from '../data.mjs';
import { createSequenceWorkloads } from '../sequences.mjs';
import { createWorkloads, softmax, train } from '../workloads.mjs';

/** @typedef {import('./task.mjs').Task} Task */

/** Examples of a training task, at most: the slowest peers take a second for a hundred. */
const MOST_EXAMPLES = 640;

/**
 * The workloads of the bench as tasks for peers, sequences too, and prediction of one sample and of many.
 *
 * @param {string} directory - where the numbers go
 * @param {string | undefined} mnist - directory of MNIST
 * @returns {Promise<{ name: string, title: string, task: Task }[]>}
 */
export async function createTasks(directory, mnist) {
  const workloads = [...(await createWorkloads(mnist)), ...createSequenceWorkloads()];
  const training = workloads.map((workload, index) => ({
    name: workload.name,
    title: workload.title,
    task: createTask(workload, 'train', join(directory, `train-${index}`)),
  }));
  const network = softmax([784, 128, 10], adam());
  const predicting = [1, 1024].map((rows) => {
    const data = { title: 'dense random data', ...randomExamples(rows, 784, 10) };
    const name = `predict 784-128-10, ${rows === 1 ? 'one sample' : `batch ${rows}`}`;
    const task = createTask(
      train(network, data, rows),
      'predict',
      join(directory, `predict-${rows}`),
    );
    return { name, title: name, task };
  });
  return [...training, ...predicting];
}

/**
 * Writes data and starting values to files.
 *
 * @param {import('../workloads.mjs').Workload} workload
 * @param {Task['kind']} kind
 * @param {string} path - beginning of the names of the files
 * @returns {Task}
 */
function createTask({ spec, sizes, data, count: all, batchSize, optimizer, steps }, kind, path) {
  const count = Math.min(all, kind === 'train' ? MOST_EXAMPLES : all);
  const outputs = sizes[sizes.length - 1];
  const targets = data.y instanceof Uint8Array ? oneHot(data.y, outputs) : data.y;
  const network = new Network(spec);
  const parameters = Buffer.concat(
    network.parameters.map((parameter) => new Uint8Array(parameter.get().buffer)),
  );
  const recurrent = steps ? describeRecurrent(spec, network, steps) : undefined;
  network.dispose();
  const files = { x: `${path}.x`, y: `${path}.y`, parameters: `${path}.parameters` };
  writeFileSync(files.x, data.x.subarray(0, count * sizes[0]));
  writeFileSync(files.y, targets.subarray(0, count * outputs));
  writeFileSync(files.parameters, parameters);
  const formula = spec.loss === 'crossEntropy' ? 'softmax' : 'quadratic';
  const rule = /** @type {Task['optimizer']} */ (optimizer); // no workload uses Nesterov's
  /** @type {Task} */
  const task = { kind, sizes, formula, optimizer: rule, batchSize, count, files };
  return recurrent ? { ...task, recurrent } : task;
}

/**
 * @param {import('../../build/index.js').NetworkSpec} spec
 * @param {Network} network
 * @param {number} steps
 * @returns {import('./task.mjs').Recurrent}
 */
function describeRecurrent({ layers: [{ kind: name }] }, { parameters }, steps) {
  const kind = /** @type {'rnn' | 'lstm' | 'gru'} */ (name); // bench/sequences.mjs has no others
  return { kind, steps, shapes: parameters.map(({ shape }) => [...shape]) };
}
