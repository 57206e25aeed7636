import * as tf from '@tensorflow/tfjs-core';
import { readRecurrentParameters, transposed } from '../task.mjs';

/** @typedef {(a: tf.Tensor2D, weights: tf.Tensor2D, isFirst: boolean) => tf.Tensor2D} Product */
/** @typedef {{ state: tf.Tensor2D, memory?: tf.Tensor2D }} State */

/**
 * A recurrent network as a function from the features step by step to the logits.
 *
 * @param {import('../task.mjs').RecurrentTask} task
 * @param {Product} product
 */
export function recurrentLogits(task, product) {
  const { kind, steps } = task.recurrent;
  const units = task.sizes.slice(1, -1);
  const parameters = readRecurrentParameters(task).map((matrix) => {
    if (matrix.rows === 1) return tf.variable(tf.tensor1d(matrix.values));
    const { rows, columns, values } = transposed(matrix);
    return tf.variable(tf.tensor2d(values, [rows, columns]));
  });
  const perLayer = (parameters.length - 2) / units.length;
  return (/** @type {tf.Tensor2D} */ x) => {
    let below = x;
    let last = x;
    units.forEach((width, layer) => {
      const start = layer * perLayer;
      const [Wx, Wh, b, bh] = parameters.slice(start, start + perLayer);
      const z = tf.add(product(below, /** @type {tf.Tensor2D} */ (Wx), layer === 0), b);
      const zeros = tf.zeros([x.shape[0] / steps, width]);
      /** @type {State} */
      let before = { state: zeros, memory: zeros };
      const states = tf.split(z, steps).map((zStep) => {
        const h = product(before.state, /** @type {tf.Tensor2D} */ (Wh), false);
        before = CELLS[kind](zStep, bh ? tf.add(h, bh) : h, before);
        return before.state;
      });
      last = states[steps - 1];
      if (layer < units.length - 1) below = tf.concat(states);
    });
    const [W, b] = parameters.slice(-2);
    return tf.add(product(last, /** @type {tf.Tensor2D} */ (W), false), b);
  };
}

/**
 * One step: z is the product with the inputs, h that with the state before, both with their biases.
 *
 * @type {Record<import('../task.mjs').Recurrent['kind'], (z: tf.Tensor2D, h: tf.Tensor2D, before: State) => State>}
 */
const CELLS = {
  rnn: (z, h) => ({ state: tf.tanh(tf.add(z, h)) }),
  lstm: (z, h, { memory }) => {
    const [i, f, g, o] = tf.split(tf.add(z, h), 4, 1);
    const next = tf.add(tf.mul(tf.sigmoid(f), memory), tf.mul(tf.sigmoid(i), tf.tanh(g)));
    return { state: tf.mul(tf.sigmoid(o), tf.tanh(next)), memory: next };
  },
  gru: (z, h, { state }) => {
    const [zr, zz, zn] = tf.split(z, 3, 1);
    const [hr, hz, hn] = tf.split(h, 3, 1);
    const reset = tf.sigmoid(tf.add(zr, hr));
    const update = tf.sigmoid(tf.add(zz, hz));
    const proposal = tf.tanh(tf.add(zn, tf.mul(reset, hn)));
    return { state: tf.add(proposal, tf.mul(update, tf.sub(state, proposal))) };
  },
};
