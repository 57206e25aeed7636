import { readFileSync } from 'node:fs';

/**
 * What a peer is asked to do, as JSON. The numbers are in files of little-endian f32.
 *
 * @typedef {object} Task
 * @property {'train' | 'predict'} kind
 * @property {number[]} sizes - inputs, then the units of each layer
 * @property {'quadratic' | 'softmax'} formula - sigmoid layers and ½ Σ e², or ReLU layers and softmax cross-entropy; means over the batch
 * @property {Recurrent} [recurrent] - where the layers but the last are recurrent instead
 * @property {{ kind: 'sgd' | 'momentum' | 'adam', learningRate: number, momentum?: number, beta1?: number, beta2?: number, epsilon?: number }} optimizer
 * @property {number} batchSize
 * @property {number} count - examples, a multiple of the batch size
 * @property {{ x: string, y: string, parameters: string }} files - y: rows of targets; parameters: W [units, inputs] and b of each layer
 */

/**
 * Recurrent layers over all the steps, the last state through a dense layer into softmax cross-entropy. The features of a step follow
 * those of the step before. Formulas, order of gates and shapes are PyTorch's, but only `gru` has a second bias.
 *
 * @typedef {object} Recurrent
 * @property {'rnn' | 'lstm' | 'gru'} kind
 * @property {number} steps
 * @property {number[][]} shapes - of the parameters: Wx [gates · units, inputs], Wh [gates · units, units], b, gru's b of Wh, …, W, b
 */

/** @typedef {Task & { recurrent: Recurrent }} RecurrentTask */

/** Steps whose losses are compared before anything is timed. */
export const CHECKED_STEPS = 20;

/**
 * Rows of a matrix, one after the other.
 *
 * @typedef {{ rows: number, columns: number, values: Float32Array }} Matrix
 */

/**
 * The data of a task as mini-batches in order.
 *
 * @param {Task} task
 * @returns {{ x: Matrix, y: Matrix }[]}
 */
export function readBatches({ sizes, batchSize, count, files }) {
  const [x, y] = [readFloats(files.x), readFloats(files.y)];
  const slice = (
    /** @type {Float32Array} */ values,
    /** @type {number} */ columns,
    /** @type {number} */ batch,
  ) => {
    const start = batch * batchSize * columns;
    return { rows: batchSize, columns, values: values.slice(start, start + batchSize * columns) };
  };
  return Array.from({ length: count / batchSize }, (_, batch) => ({
    x: slice(x, sizes[0], batch),
    y: slice(y, sizes[sizes.length - 1], batch),
  }));
}

/**
 * The starting values of each layer.
 *
 * @param {Task} task
 * @returns {{ weights: Matrix, bias: Float32Array }[]} weights: [units, inputs]
 */
export function readParameters({ sizes, files }) {
  const all = readFloats(files.parameters);
  let start = 0;
  const next = (/** @type {number} */ count) => all.slice(start, (start += count));
  return sizes.slice(1).map((rows, layer) => {
    const columns = sizes[layer];
    return { weights: { rows, columns, values: next(rows * columns) }, bias: next(rows) };
  });
}

/**
 * The starting values of a recurrent network, parameter by parameter; a bias is a matrix of one row.
 *
 * @param {RecurrentTask} task
 * @returns {Matrix[]}
 */
export function readRecurrentParameters({ recurrent, files }) {
  const all = readFloats(files.parameters);
  let start = 0;
  return recurrent.shapes.map((shape) => {
    const [rows, columns] = shape.length === 1 ? [1, shape[0]] : shape;
    return { rows, columns, values: all.slice(start, (start += rows * columns)) };
  });
}

/**
 * The features of mini-batches of sequences step by step: first step of every example, second step of every example, …
 *
 * @param {Matrix} x - [examples, steps · features]
 * @param {number} steps
 * @returns {Matrix} [steps · examples, features]
 */
export function stepByStep({ rows, columns, values }, steps) {
  const features = columns / steps;
  const result = new Float32Array(values.length);
  for (let example = 0; example < rows; example++) {
    for (let step = 0; step < steps; step++) {
      const from = example * columns + step * features;
      result.set(values.subarray(from, from + features), (step * rows + example) * features);
    }
  }
  return { rows: steps * rows, columns: features, values: result };
}

/**
 * A matrix with rows and columns exchanged: most peers keep weights as [inputs, units].
 *
 * @param {Matrix} matrix
 * @returns {Matrix}
 */
export function transposed({ rows, columns, values }) {
  const result = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      result[column * rows + row] = values[row * columns + column];
    }
  }
  return { rows: columns, columns: rows, values: result };
}

/** @param {string} file */
function readFloats(file) {
  const { buffer, byteOffset, length } = readFileSync(file);
  return new Float32Array(buffer.slice(byteOffset, byteOffset + length));
}
