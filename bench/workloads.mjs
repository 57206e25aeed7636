import { adam, dense, momentum, sgd } from 'chainrule';
import { firstExamples } from '../examples/digits/data.mjs';
import { loadImages, oneHot, randomExamples, xorExamples } from './data.mjs';

/**
 * A network to train, its data and how.
 *
 * The learning rates are low: a network that has learnt its few examples by heart computes with subnormal numbers, which are slow
 * on most processors and would spoil the figures of whoever learns fastest.
 *
 * @typedef {object} Workload
 * @property {string} name - short, for charts
 * @property {string} title - what is trained, how, on what
 * @property {number[]} sizes - inputs, then the units of each layer
 * @property {import('chainrule').NetworkSpec} spec
 * @property {{ x: Float32Array, y: Float32Array | Uint8Array }} data
 * @property {number} count - examples
 * @property {number} batchSize
 * @property {import('chainrule').Optimizer} optimizer
 * @property {number} [steps] - of sequences; `sizes` then begins with all the features of one
 * @property {number} [flop] - of training on one example, where `sizes` does not tell
 */

/** Whole batches of every size in the tables. */
const EXAMPLES = 1280;

/**
 * The workloads of the tables, from a textbook's network to one that is bounded by arithmetic alone.
 *
 * @param {string | undefined} mnist - directory of MNIST
 * @returns {Promise<Workload[]>}
 */
export async function createWorkloads(mnist) {
  const noise = { title: 'dense random data', ...randomExamples(EXAMPLES, 784, 10) };
  const fewer = { ...noise, ...firstExamples(noise, 512) };
  const noiseRows = { ...noise, y: oneHot(noise.y, 10) };
  const images = await loadImages(mnist, EXAMPLES);
  const xor = { title: 'XOR', ...xorExamples() };
  const nielsen = quadratic([784, 30, 10], 0.01);
  const classifier = softmax([784, 128, 10], adam({ learningRate: 1e-5 }));
  const wide = softmax([784, 512, 512, 10], momentum({ learningRate: 1e-4 }));
  const tiny = quadratic([2, 8, 1], 0.3);
  return [
    train(nielsen, noiseRows, 10),
    train(nielsen, noiseRows, 1),
    train(classifier, noise, 32),
    train(classifier, noise, 128),
    train(classifier, images, 32),
    train(classifier, images, 128),
    train(wide, fewer, 128),
    train(tiny, xor, 4),
    train(tiny, xor, 1),
  ];
}

/**
 * Sigmoid layers, half squared error, plain gradient descent: the network of Nielsen's book.
 *
 * @param {number[]} sizes
 * @param {number} learningRate
 */
function quadratic(sizes, learningRate) {
  return {
    method: 'sigmoid, half squared error, SGD',
    spec: createSpec(sizes, 'sigmoid', 'sigmoid', 'halfSquaredError'),
    sizes,
    optimizer: sgd({ learningRate }),
  };
}

/**
 * ReLU layers and softmax with cross-entropy.
 *
 * @param {number[]} sizes
 * @param {import('chainrule').Optimizer} optimizer
 */
export function softmax(sizes, optimizer) {
  return {
    method: `ReLU, softmax cross-entropy, ${optimizer.kind === 'adam' ? 'Adam' : optimizer.kind}`,
    spec: createSpec(sizes, 'relu', 'softmax', 'crossEntropy'),
    sizes,
    optimizer,
  };
}

/**
 * @param {number[]} sizes
 * @param {import('chainrule').ActivationName} hidden
 * @param {import('chainrule').ActivationName} last
 * @param {import('chainrule').LossName} loss
 * @returns {import('chainrule').NetworkSpec}
 */
function createSpec(sizes, hidden, last, loss) {
  const units = sizes.slice(1);
  const layers = units.map((count, index) =>
    dense(count, index < units.length - 1 ? hidden : last),
  );
  return { input: sizes[0], layers, loss, seed: 1 };
}

/**
 * @param {ReturnType<typeof softmax>} network
 * @param {{ title: string, x: Float32Array, y: Float32Array | Uint8Array }} data
 * @param {number} batchSize
 * @returns {Workload}
 */
export function train({ method, ...network }, { title, x, y }, batchSize) {
  const shape = network.sizes.join('-');
  return {
    ...network,
    name: `${shape}, batch ${batchSize}${title.includes('ink') || title === 'MNIST' ? ', images' : ''}`,
    title: `${shape} ${method}, batch ${batchSize}, ${title}`,
    data: { x, y },
    count: x.length / network.sizes[0],
    batchSize,
  };
}
