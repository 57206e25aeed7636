import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { serve } from '../serve.mjs';
import { CHECKED_STEPS, readBatches, readParameters, stepByStep, transposed } from '../task.mjs';
import { recurrentLogits } from './tfjs-recurrent.mjs';

/** @typedef {import('../task.mjs').Task} Task */

const backend = process.argv[2] === 'cpu' ? 'cpu' : 'wasm';

/** Examples in a batch from which explicit transposes pay. */
const TRANSPOSED_FROM = 32;

const NOTES = {
  cpu: 'core API, optimizer.minimize; tensors made beforehand',
  wasm: 'as cpu, but from batches of 32 on the gradients of products transpose explicitly: several times faster',
};

await serve(async () => {
  if (backend === 'cpu') await import('@tensorflow/tfjs-backend-cpu');
  else {
    const { setWasmPaths, setThreadsCount } = await import('@tensorflow/tfjs-backend-wasm');
    const directory = new URL('.', import.meta.resolve('@tensorflow/tfjs-backend-wasm'));
    setWasmPaths(fileURLToPath(directory));
    setThreadsCount(1);
  }
  await tf.setBackend(backend);
  return {
    version: tf.version_core,
    note: NOTES[backend],
    prepare,
  };
});

/** @param {Task} task */
function prepare(task) {
  const { recurrent } = task;
  if (recurrent && backend === 'cpu') return 'takes minutes for sequences; as wasm otherwise';
  const batches = readBatches(task).map(({ x, y }) => ({
    x: tensor(recurrent ? stepByStep(x, recurrent.steps) : x),
    y: tensor(y),
  }));
  const isQuadratic = task.formula === 'quadratic';
  const logits = recurrent ? recurrentLogits({ ...task, recurrent }, product) : denseLogits(task);
  if (task.kind === 'predict') return predicting(batches[0].x, logits, isQuadratic);

  const loss = (/** @type {typeof batches[number]} */ { x, y }) => {
    const output = logits(x);
    return /** @type {tf.Scalar} */ (
      isQuadratic
        ? tf.mul(tf.mean(tf.sum(tf.squaredDifference(output, y), 1)), 0.5)
        : tf.losses.softmaxCrossEntropy(y, output)
    );
  };
  const optimizer = createOptimizer(task);
  return {
    check: () =>
      Array.from({ length: CHECKED_STEPS }, (_, step) => {
        const cost = optimizer.minimize(() => loss(batches[step % batches.length]), true);
        return cost?.dataSync()[0] ?? NaN;
      }),
    run: (/** @type {number} */ epochs) => {
      for (let epoch = 0; epoch < epochs; epoch++) {
        for (const batch of batches) optimizer.minimize(() => loss(batch));
      }
    },
  };
}

/**
 * A dense network as a function to the logits, or to the outputs where the formula is quadratic.
 *
 * @param {Task} task
 */
function denseLogits(task) {
  const layers = readParameters(task).map(({ weights, bias }) => ({
    weights: tf.variable(tensor(transposed(weights))),
    bias: tf.variable(tf.tensor1d(bias)),
  }));
  const last = layers.length - 1;
  const isQuadratic = task.formula === 'quadratic';
  return (/** @type {tf.Tensor2D} */ x) =>
    layers.reduce((a, { weights, bias }, layer) => {
      const z = /** @type {tf.Tensor2D} */ (tf.add(product(a, weights, layer === 0), bias));
      if (isQuadratic) return tf.sigmoid(z);
      return layer < last ? tf.relu(z) : z;
    }, x);
}

/**
 * a · weights. The fast kernel of the wasm back end takes no transposed operands, which the usual gradients of a product are; with
 * explicit transposes, training is several times faster once there is enough to do.
 *
 * @param {tf.Tensor2D} a
 * @param {tf.Tensor2D} weights
 * @param {boolean} isFirst - a is data, no gradient is needed
 */
function product(a, weights, isFirst) {
  if (backend === 'cpu' || a.shape[0] < TRANSPOSED_FROM) return tf.matMul(a, weights);
  if (isFirst) {
    const gradFunc = (/** @type {tf.Tensor2D} */ dy) => tf.matMul(tf.transpose(a), dy);
    return tf.customGrad((w) => ({ value: tf.matMul(a, w), gradFunc }))(weights);
  }
  return tf.customGrad((below, w, save) => {
    save([below, w]);
    return {
      value: tf.matMul(below, w),
      gradFunc: (/** @type {tf.Tensor2D} */ dy, /** @type {tf.Tensor2D[]} */ saved) => [
        tf.matMul(dy, tf.transpose(saved[1])),
        tf.matMul(tf.transpose(saved[0]), dy),
      ],
    };
  })(a, weights);
}

/**
 * @param {tf.Tensor2D} x
 * @param {(x: tf.Tensor2D) => tf.Tensor2D} logits
 * @param {boolean} isQuadratic
 */
function predicting(x, logits, isQuadratic) {
  const rows = x.arraySync();
  const flat = Float32Array.from(rows.flat());
  const predict = () =>
    tf.tidy(() => {
      const output = logits(tf.tensor2d(flat, x.shape));
      return (isQuadratic ? output : tf.softmax(output)).dataSync();
    });
  return {
    check: () => [...predict()],
    run: (/** @type {number} */ times) => {
      for (let call = 0; call < times; call++) predict();
    },
  };
}

/** @param {Task} task */
function createOptimizer({ optimizer: { kind, learningRate, ...options } }) {
  if (kind === 'sgd') return tf.train.sgd(learningRate);
  if (kind === 'momentum') return tf.train.momentum(learningRate, options.momentum ?? 0);
  return tf.train.adam(learningRate, options.beta1, options.beta2, options.epsilon);
}

/** @param {import('../task.mjs').Matrix} matrix */
function tensor({ rows, columns, values }) {
  return tf.tensor2d(values, [rows, columns]);
}
