import { firstExamples, loadMnist } from '../examples/digits/data.mjs';

/** @typedef {import('../examples/digits/data.mjs').Examples} Examples */

/** Share of the pixels of an image that carry ink, as in MNIST. */
const INK = 0.19;

/**
 * Reproducible numbers in [0, 1): the Park–Miller generator. Good enough to fill matrices with.
 *
 * @param {number} seed - positive
 * @returns {() => number}
 */
export function uniform(seed) {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

/**
 * Random inputs with random labels.
 *
 * @param {number} count
 * @param {number} inputs
 * @param {number} classes
 * @param {number} density - share of the inputs that are not zero
 * @returns {Examples}
 */
export function randomExamples(count, inputs, classes, density = 1) {
  const random = uniform(1);
  return {
    x: Float32Array.from({ length: count * inputs }, () => (random() < density ? random() : 0)),
    y: Uint8Array.from({ length: count }, () => Math.floor(random() * classes)),
  };
}

/**
 * Images as MNIST has them: real ones from a directory, else random ones with as many zeros.
 *
 * @param {string | undefined} directory - holds the four IDX files of MNIST
 * @param {number} count
 */
export async function loadImages(directory, count) {
  return directory === undefined
    ? { title: 'random images, 19 % ink', ...randomExamples(count, 784, 10, INK) }
    : { title: 'MNIST', ...firstExamples((await loadMnist(directory)).train, count) };
}

/** The four cases of exclusive or. */
export function xorExamples() {
  return { x: Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1), y: Float32Array.of(0, 1, 1, 0) };
}

/**
 * @param {ArrayLike<number>} labels
 * @param {number} classes
 */
export function oneHot(labels, classes) {
  const rows = new Float32Array(labels.length * classes);
  for (let i = 0; i < labels.length; i++) rows[i * classes + labels[i]] = 1;
  return rows;
}
