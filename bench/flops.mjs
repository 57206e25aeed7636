/**
 * Floating-point operations of matrix products: one multiplication and one addition per weight and example. Zeros count as if they
 * were multiplied, so a network that skips them can come out above the peak.
 */

/**
 * Weights of each dense layer.
 *
 * @param {readonly number[]} sizes - inputs, then the units of each layer
 */
function weights(sizes) {
  return sizes.slice(1).map((units, layer) => sizes[layer] * units);
}

/** @param {readonly number[]} values */
function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}

/**
 * FLOP of predicting one example.
 *
 * @param {readonly number[]} sizes - inputs, then the units of each layer
 */
export function forwardFlop(sizes) {
  return 2 * sum(weights(sizes));
}

/**
 * FLOP of training on one example: forward, weight gradients, and backwards through every layer but the first.
 *
 * @param {readonly number[]} sizes - inputs, then the units of each layer
 */
export function trainingFlop(sizes) {
  const all = weights(sizes);
  return 2 * (2 * sum(all) + sum(all.slice(1)));
}

/**
 * FLOP of training on one sequence: in every step the products with the input weights and with the recurrent weights, each also as a
 * weight gradient and backwards, but for those back to the inputs of the network; then a dense layer on the last state.
 *
 * @param {{ features: number, units: readonly number[], gates: number, steps: number, outputs: number }} network
 */
export function recurrentFlop({ features, units, gates, steps, outputs }) {
  const below = [features, ...units];
  const layers = units.map((width, layer) => {
    const inputs = below[layer] * (layer === 0 ? 2 : 3);
    return gates * width * (inputs + 3 * width);
  });
  return 2 * (steps * sum(layers) + 3 * units[units.length - 1] * outputs);
}
