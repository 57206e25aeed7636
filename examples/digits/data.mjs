import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readIdxFile } from './idx.mjs';

/**
 * Images with their labels.
 *
 * @typedef {object} Examples
 * @property {Float32Array} x - [count × pixels], ink between 0 and 1
 * @property {Uint8Array} y - one label per image
 */

/**
 * A training set and a test set of square images.
 *
 * @typedef {object} Digits
 * @property {string} title - what the scans are
 * @property {number} side - pixels along an edge of one image
 * @property {Examples} train
 * @property {Examples} test
 */

const SCANS = { file: new URL('digits.csv', import.meta.url), side: 8, maximum: 16 };
const TEST_SHARE = 5;

/**
 * Reads the 1,797 scans beside this file. Every fifth scan of each digit is held out, so the test set has the same
 * share of every digit and, as the scans of one writer follow each other, nearly so of every writer.
 *
 * @returns {Digits}
 */
export function loadScans() {
  const lines = readFileSync(SCANS.file, 'utf8').trimEnd().split('\n').slice(1);
  const rows = lines.map((line) => line.split(',').map(Number));
  const seen = new Uint32Array(10);
  const isTest = rows.map((row) => ++seen[labelOf(row)] % TEST_SHARE === 0);
  return {
    title: `${rows.length} scans of handwritten digits`,
    side: SCANS.side,
    train: toExamples(rows.filter((_, index) => !isTest[index])),
    test: toExamples(rows.filter((_, index) => isTest[index])),
  };
}

/**
 * Reads the four MNIST files of a directory.
 *
 * @param {string} directory - holds train-images-idx3-ubyte and its three companions, gzipped (.gz) or not
 * @returns {Promise<Digits>}
 */
export async function loadMnist(directory) {
  return {
    title: 'MNIST',
    side: 28,
    train: await readImages(directory, 'train'),
    test: await readImages(directory, 't10k'),
  };
}

/**
 * The first `count` examples, without copying them.
 *
 * @param {Examples} examples
 * @param {number} count
 * @returns {Examples}
 */
export function firstExamples({ x, y }, count) {
  const pixels = x.length / y.length;
  return { x: x.subarray(0, count * pixels), y: y.subarray(0, count) };
}

/** @param {number[]} row */
function labelOf(row) {
  return row[SCANS.side ** 2];
}

/** @param {number[][]} rows */
function toExamples(rows) {
  const pixels = rows.flatMap((row) => row.slice(0, -1));
  return { x: scaled(pixels, SCANS.maximum), y: Uint8Array.from(rows, labelOf) };
}

/**
 * @param {string} directory
 * @param {string} set - `train` or `t10k`
 */
async function readImages(directory, set) {
  const images = await readIdxFile(join(directory, `${set}-images-idx3-ubyte`), 3);
  const labels = await readIdxFile(join(directory, `${set}-labels-idx1-ubyte`), 1);
  if (images.shape[0] !== labels.shape[0]) {
    throw new Error(
      `${directory}: ${images.shape[0]} images but ${labels.shape[0]} labels in the ${set} files`,
    );
  }
  return { x: scaled(images.values, 255), y: labels.values };
}

/**
 * A loop, because Float32Array.from visits 47 million pixels through an iterator, which takes ten seconds.
 *
 * @param {ArrayLike<number>} values
 * @param {number} maximum - becomes 1
 */
function scaled(values, maximum) {
  const result = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) result[i] = values[i] / maximum;
  return result;
}
