const SHADES = ' ░▒▓█';
const EIGHTHS = ' ▏▎▍▌▋▊▉';
const BAR_WIDTH = 24;

/**
 * A square image in characters. A character is twice as high as it is wide: each pixel of a small image becomes two
 * characters, two pixels of a large one, one above the other, share a character.
 *
 * @param {Float32Array} pixels - ink between 0 and 1, row-major
 * @param {number} side - pixels along an edge
 * @returns {string[]} the lines
 */
export function drawImage(pixels, side) {
  return side <= 16 ? drawDoubled(pixels, side) : drawHalved(pixels, side);
}

/**
 * One bar per class, the most probable one marked.
 *
 * @param {Float32Array} probabilities
 * @returns {string[]} the lines
 */
export function drawBars(probabilities) {
  const best = indexOfLargest(probabilities);
  return Array.from(probabilities, (probability, index) => {
    const percentage = `${(100 * probability).toFixed(1)} %`.padStart(7);
    return `${index} ${percentage} ${drawBar(probability)}${index === best ? ' ◀' : ''}`;
  });
}

/**
 * Two blocks of lines beside each other.
 *
 * @param {string[]} left
 * @param {string[]} right
 * @returns {string[]}
 */
export function beside(left, right) {
  const width = Math.max(...left.map((line) => line.length));
  return Array.from({ length: Math.max(left.length, right.length) }, (_, row) =>
    `${(left[row] ?? '').padEnd(width)}   ${right[row] ?? ''}`.trimEnd(),
  );
}

/**
 * The first index of the largest value: the predicted class.
 *
 * @param {ArrayLike<number>} values
 */
export function indexOfLargest(values) {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}

/**
 * @param {Float32Array} pixels
 * @param {number} side
 */
function drawDoubled(pixels, side) {
  return Array.from({ length: side }, (_, row) => {
    const line = pixels.subarray(row * side, (row + 1) * side);
    return Array.from(line, (ink) => shade(ink).repeat(2)).join('');
  });
}

/**
 * @param {Float32Array} pixels
 * @param {number} side - even
 */
function drawHalved(pixels, side) {
  return Array.from({ length: side / 2 }, (_, pair) => {
    const upper = pixels.subarray(2 * pair * side, (2 * pair + 1) * side);
    const lower = pixels.subarray((2 * pair + 1) * side, (2 * pair + 2) * side);
    return Array.from(upper, (ink, column) => shade((ink + lower[column]) / 2)).join('');
  });
}

/** @param {number} ink */
function shade(ink) {
  return SHADES[Math.round(ink * (SHADES.length - 1))];
}

/** @param {number} share - 0 to 1 of the whole width */
function drawBar(share) {
  const eighths = Math.round(share * BAR_WIDTH * 8);
  const rest = eighths % 8;
  return '█'.repeat((eighths - rest) / 8) + (rest > 0 ? EIGHTHS[rest] : '');
}
