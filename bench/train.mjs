import { adam, dense, Network, sgd } from 'chainrule';
import { measure } from './measure.mjs';
import { uniform } from './numbers.mjs';

/** Share of the pixels of an image that carry ink, as in MNIST. */
const INK = 0.19;

const images = createImages(1000, 784, 10);
const xor = { x: Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1), y: Float32Array.of(0, 1, 1, 0) };

/**
 * Networks to train. The faster core trains for more epochs per timed call, so that copying the data in hardly counts.
 * The learning rates are low: a network that has learnt its few images by heart would compute with subnormal numbers,
 * which are slow.
 *
 * @typedef {object} Training
 * @property {string} name
 * @property {import('chainrule').NetworkSpec} spec
 * @property {{ x: Float32Array, y: Float32Array | Uint8Array }} data
 * @property {number} count - examples
 * @property {Omit<import('chainrule').FitOptions, 'epochs'>} options
 * @property {{ simd: number, js: number }} epochs - of one timed call
 */

/** @type {Training[]} */
const TRAININGS = [
  {
    name: '784-30-10 sigmoid, half squared error, sgd, batch 10',
    spec: {
      input: 784,
      layers: [dense(30, 'sigmoid'), dense(10, 'sigmoid')],
      loss: 'halfSquaredError',
      seed: 1,
    },
    data: { x: images.x, y: oneHot(images.y, 10) },
    count: 1000,
    options: { batchSize: 10, optimizer: sgd({ learningRate: 0.01 }) },
    epochs: { simd: 10, js: 1 },
  },
  ...[32, 128].map((batchSize) => ({
    name: `784-128-10 relu, softmax cross-entropy, adam, batch ${batchSize}`,
    spec: /** @type {import('chainrule').NetworkSpec} */ ({
      input: 784,
      layers: [dense(128, 'relu'), dense(10, 'softmax')],
      loss: 'crossEntropy',
      seed: 1,
    }),
    data: images,
    count: 1000,
    options: { batchSize, optimizer: adam({ learningRate: 1e-5 }) },
    epochs: { simd: 10, js: 1 },
  })),
  {
    name: '2-8-1 sigmoid, XOR, half squared error, sgd, batch 4',
    spec: {
      input: 2,
      layers: [dense(8, 'sigmoid'), dense(1, 'sigmoid')],
      loss: 'halfSquaredError',
      seed: 1,
    },
    data: xor,
    count: 4,
    options: { batchSize: 4, optimizer: sgd({ learningRate: 0.3 }) },
    epochs: { simd: 2000, js: 2000 },
  },
];

/** Times each training on both cores, after checking that they learn the same. */
export function benchTraining() {
  return TRAININGS.map(benchOne);
}

/** @param {Training} training */
function benchOne({ name, spec, data, count, options, epochs }) {
  const simd = new Network(spec, { core: 'simd' });
  const js = new Network(spec, { core: 'js' });
  for (const network of [simd, js]) network.fitSync(data, { ...options, epochs: 1 });
  if (simd.hash() !== js.hash()) throw new Error(`${name}: the cores differ`);
  const seconds = measure({
    simd: () => void simd.fitSync(data, { ...options, epochs: epochs.simd }),
    js: () => void js.fitSync(data, { ...options, epochs: epochs.js }),
  });
  simd.dispose();
  js.dispose();
  const rates = {
    simd: (count * epochs.simd) / seconds.simd,
    js: (count * epochs.js) / seconds.js,
  };
  const factor = Number((rates.simd / rates.js).toFixed(1));
  return { name, simd: Math.round(rates.simd), js: Math.round(rates.js), factor };
}

/**
 * Random images with random labels.
 *
 * @param {number} count
 * @param {number} pixels
 * @param {number} classes
 */
function createImages(count, pixels, classes) {
  const random = uniform(1);
  return {
    x: Float32Array.from({ length: count * pixels }, () => (random() < INK ? random() : 0)),
    y: Uint8Array.from({ length: count }, () => Math.floor(random() * classes)),
  };
}

/**
 * @param {Uint8Array} labels
 * @param {number} classes
 */
function oneHot(labels, classes) {
  const rows = new Float32Array(labels.length * classes);
  labels.forEach((label, index) => (rows[index * classes + label] = 1));
  return rows;
}
