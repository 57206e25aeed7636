import { Dataset, readIdx } from 'chainrule';
import { readCsv } from 'chainrule/csv';
import scans from '../digits/digits.csv?url';

/**
 * Square images of digits, in two parts.
 *
 * @typedef {object} Digits
 * @property {string} title
 * @property {number} side - pixels along an edge
 * @property {number} margin - pixels around a digit of full height
 * @property {number} maximum - of a pixel
 * @property {{ x: ArrayLike<number>, y: ArrayLike<number>, length: number }} train
 * @property {{ x: ArrayLike<number>, y: ArrayLike<number>, length: number }} test
 */

/** The 1,797 scans of examples/digits. @returns {Promise<Digits>} */
export async function loadScans() {
  const response = await fetch(scans);
  const data = await readCsv(response.body, { target: 'label' });
  const { train, test } = data.split({ test: 0.2, by: 'stratified', seed: 1 });
  return {
    title: `${data.length.toLocaleString('en')} scans of 8 × 8 pixels`,
    side: 8,
    margin: 0,
    maximum: 16,
    train,
    test,
  };
}

/** MNIST, from files the user chose. @param {File[]} files @returns {Promise<Digits>} */
export async function readMnist(files) {
  const train = await readPart(files, 'train');
  if (!train) throw new Error('MNIST: choose train-images-idx3-ubyte and train-labels-idx1-ubyte');
  const test = await readPart(files, 't10k');
  const { side } = train;
  const parts = test
    ? { train: train.data, test: test.data }
    : train.data.split({ test: 1 / 6, by: 'stratified', seed: 1 });
  const title = `${train.data.length.toLocaleString('en')} images of MNIST, ${side} × ${side} pixels`;
  return { title, side, margin: Math.round(side / 7), maximum: 255, ...parts };
}

/** @param {File[]} files @param {string} name - `train` or `t10k` */
async function readPart(files, name) {
  const [images, labels] = ['images', 'labels'].map((kind) =>
    files.find((file) => file.name.startsWith(`${name}-${kind}`)),
  );
  if (!images || !labels) return undefined;
  const [{ shape, values: x }, { values: y }] = await Promise.all(
    [images, labels].map(async (file) => readIdx(new Uint8Array(await file.arrayBuffer()))),
  );
  return { side: shape[1], data: new Dataset({ x, y }, { width: x.length / shape[0] }) };
}
