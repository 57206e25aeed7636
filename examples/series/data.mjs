import { readText } from '../command-line.mjs';
import { mackeyGlass } from './mackey-glass.mjs';

/** Share of a series that is learnt from; the rest, the latest, is held out. */
const LEARNT = 0.75;

/**
 * Numbers of a file, one per line; without a file those of Mackey and Glass's series.
 *
 * @param {string} [path]
 * @returns {Promise<Float32Array>}
 */
export async function readSeries(path) {
  if (path === undefined) return mackeyGlass(2400);
  const text = await readText(path);
  const lines = text.trimEnd().split(/\r?\n/);
  return Float32Array.from(lines, (line, index) => {
    const value = line.trim() === '' ? NaN : Math.fround(Number(line));
    if (Number.isFinite(value)) return value;
    const got = JSON.stringify(line.slice(0, 20));
    throw new Error(`${path}:${index + 1}: expected one number per line, got ${got}`);
  });
}

/**
 * Questions and answers of a series: `window` values in a row, and the value `ahead` steps after the last of them.
 *
 * @typedef {object} Windows
 * @property {Float32Array} x - [examples, window]
 * @property {Float32Array} y - [examples, 1]
 */

/**
 * A series ready to learn from. The values of all windows are (value − mean) / deviation, with mean and deviation of the part that is
 * learnt from: whoever forecasts does not know those of the future.
 *
 * @param {Float32Array} series
 * @param {{ window: number, ahead: number }} options
 * @returns {{ length: { learnt: number, heldOut: number }, train: Windows, test: Windows, mean: number, deviation: number }}
 */
export function prepare(series, { window, ahead }) {
  const cut = Math.floor(LEARNT * series.length);
  const span = window + ahead;
  if (series.length - cut < span) {
    const least = Math.ceil((span - 1) / (1 - LEARNT)) + 1;
    throw new Error(
      `${series.length} numbers are too few to look ${window} back and ${ahead} ahead, at least ${least} are needed`,
    );
  }
  const learnt = series.subarray(0, cut);
  const mean = average(learnt);
  const deviation = Math.sqrt(average(learnt.map((value) => (value - mean) ** 2)));
  if (!(deviation > 0)) throw new Error('the numbers to learn from are all the same');
  const scaled = series.map((value) => (value - mean) / deviation);
  const windows = (/** @type {Float32Array} */ part) => cutWindows(part, window, ahead);
  return {
    length: { learnt: cut, heldOut: series.length - cut },
    train: windows(scaled.subarray(0, cut)),
    test: windows(scaled.subarray(cut)),
    mean,
    deviation,
  };
}

/**
 * @param {Float32Array} values
 * @param {number} window
 * @param {number} ahead
 */
function cutWindows(values, window, ahead) {
  const examples = values.length - window - ahead + 1;
  const x = new Float32Array(examples * window);
  for (let first = 0; first < examples; first++) {
    x.set(values.subarray(first, first + window), first * window);
  }
  return { x, y: values.slice(window + ahead - 1) };
}

/** @param {Float32Array} values */
export function average(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
