import { dense, Network, sgd } from 'chainrule';

/** @typedef {import('../digits/data.mjs').Examples} Examples */
/** @typedef {import('./recipes.mjs').Recipe} Recipe */

const BATCH_SIZE = 10;

/**
 * What came of a recipe.
 *
 * @typedef {object} Outcome
 * @property {number[]} accuracies - percent after each epoch, on the images the recipe is judged by
 * @property {number} cost - training cost with its penalty after the last epoch
 * @property {number} seconds - for training and judging
 */

/**
 * Trains a network by a recipe.
 *
 * @param {Recipe} recipe
 * @param {{ train: Examples, validation: Examples, test: Examples }} data
 * @param {{ seed: number, onEpoch?: (report: import('chainrule').EpochReport) => void }} options
 * @returns {Promise<Outcome>}
 */
export async function trainRecipe(recipe, data, { seed, onEpoch = () => {} }) {
  const { hidden, loss, init, eta, lambda, epochs, evaluatedOn } = recipe;
  const { train } = data;
  const network = new Network({
    input: train.x.length / train.y.length,
    layers: [dense(hidden, 'sigmoid', { init }), dense(10, 'sigmoid', { init })],
    loss,
    seed,
  });
  const l2 = lambda / train.y.length;
  const run = network.fit(train, {
    epochs,
    batchSize: BATCH_SIZE,
    optimizer: sgd({ learningRate: eta }),
    l2,
    validation: data[evaluatedOn],
  });
  for await (const report of run) onEpoch(report);
  const { reports, seconds } = await run;
  const accuracies = reports.map(({ validation }) => 100 * (validation?.accuracy ?? NaN));
  const cost = network.evaluate(train).loss + (l2 / 2) * squaredWeights(network);
  network.dispose();
  return { accuracies, cost, seconds };
}

/**
 * Σ w², without the biases.
 *
 * @param {Network} network
 */
function squaredWeights(network) {
  const weights = network.parameters.filter(({ name }) => name.endsWith('.W'));
  return weights.flatMap(({ get }) => [...get()]).reduce((sum, w) => sum + w * w, 0);
}

/**
 * A figure of an outcome.
 *
 * @param {Outcome} outcome
 * @param {import('./recipes.mjs').Figure['kind']} kind
 */
export function figureOf({ accuracies, cost }, kind) {
  switch (kind) {
    case 'best':
      return Math.max(...accuracies);
    case 'first':
      return accuracies[0];
    case 'last':
      return accuracies[accuracies.length - 1];
    default:
      return cost;
  }
}
