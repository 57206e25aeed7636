/** At most so many neurons are shown. */
const MOST_NEURONS = 60;

/** Width of the picture of one neuron, in pixels of the page where there is room. */
const TILE = 84;

/** A colour of the style sheet as [red, green, blue]. @param {string} name */
function colour(name) {
  const text = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  return [1, 3, 5].map((at) => Number.parseInt(text.slice(at, at + 2), 16));
}

/** Writes one pixel: `share` of the way from one colour to another. */
function paint(pixels, at, from, to, share) {
  for (let channel = 0; channel < 3; channel++) {
    pixels[4 * at + channel] = from[channel] + (to[channel] - from[channel]) * share;
  }
  pixels[4 * at + 3] = 255;
}

/**
 * Draws an image of a digit.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {ArrayLike<number> | undefined} image
 * @param {{ side: number, maximum: number }} digits
 */
export function drawDigit(canvas, image, { side, maximum }) {
  canvas.width = side;
  canvas.height = side;
  const context = canvas.getContext('2d');
  const picture = context.createImageData(side, side);
  const [paper, ink] = [colour('--paper'), colour('--ink')];
  for (let at = 0; at < side * side; at++) {
    paint(picture.data, at, paper, ink, (image?.[at] ?? 0) / maximum);
  }
  context.putImageData(picture, 0, 0);
}

/**
 * Draws the weights of each hidden neuron as a picture of the image: one colour for positive, another for negative weights.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {import('chainrule').Network} network
 * @param {number} side - of the images
 */
export function drawWeights(canvas, network, side) {
  const [{ shape, get }] = network.parameters;
  const weights = get();
  const neurons = Math.min(shape[0], MOST_NEURONS);
  const columns = Math.min(neurons, Math.ceil(Math.sqrt(neurons * 3)));
  const rows = Math.ceil(neurons / columns);
  const cell = side + 1;
  canvas.width = columns * cell - 1;
  canvas.height = rows * cell - 1;
  canvas.style.width = `${columns * TILE}px`;
  const context = canvas.getContext('2d');
  const tile = context.createImageData(side, side);
  const [none, positive, negative] = [colour('--paper'), colour('--for'), colour('--against')];
  for (let neuron = 0; neuron < neurons; neuron++) {
    const own = weights.subarray(neuron * side * side, (neuron + 1) * side * side);
    const largest = own.reduce((most, weight) => Math.max(most, Math.abs(weight)), 1e-9);
    for (const [at, weight] of own.entries()) {
      paint(tile.data, at, none, weight > 0 ? positive : negative, Math.abs(weight) / largest);
    }
    context.putImageData(tile, (neuron % columns) * cell, Math.floor(neuron / columns) * cell);
  }
}
