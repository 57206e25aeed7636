import { readFileSync } from 'node:fs';

/**
 * What a peer is asked to do, as JSON. The numbers are in files of little-endian f32.
 *
 * @typedef {object} Task
 * @property {'train' | 'predict'} kind
 * @property {number[]} sizes - inputs, then the units of each layer
 * @property {'quadratic' | 'softmax'} formula - sigmoid layers and ½ Σ e², or ReLU layers and softmax cross-entropy; means over the batch
 * @property {{ kind: 'sgd' | 'momentum' | 'adam', learningRate: number, momentum?: number, beta1?: number, beta2?: number, epsilon?: number }} optimizer
 * @property {number} batchSize
 * @property {number} count - examples, a multiple of the batch size
 * @property {{ x: string, y: string, parameters: string }} files - y: rows of targets; parameters: W [units, inputs] and b of each layer
 */

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
