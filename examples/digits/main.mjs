/**
 * Trains a digit recogniser and shows what it learnt.
 *
 *   npm start                    1,797 scans of 8 × 8 pixels, kept in this folder
 *   npm start -- --mnist DIR     the four MNIST files in DIR, 28 × 28 pixels
 */
import { parseArgs } from 'node:util';
import { adam, dense, Network } from 'chainrule';
import { compareCores } from './compare.mjs';
import { loadMnist, loadScans } from './data.mjs';
import { announce, showAccuracy, showComparison, showThree, train } from './report.mjs';

const SEED = 1;

/**
 * How to train: one or more phases, and on how much of it the two cores are compared. For MNIST that is a part, so that
 * nobody waits for the slower one.
 */
const SCANS = {
  batchSize: 32,
  phases: [{ epochs: 20, learningRate: 4e-3 }],
  compared: { examples: Infinity, epochs: 20 },
};
const MNIST = {
  batchSize: 64,
  phases: [
    { epochs: 4, learningRate: 2e-3 },
    { epochs: 1, learningRate: 2e-4 },
  ],
  compared: { examples: 10_000, epochs: 1 },
};

const { digits, recipe } = await prepareOrExit();
/** @type {import('chainrule').NetworkSpec} */
const spec = {
  input: digits.side ** 2,
  layers: [dense(100, 'relu'), dense(10, 'softmax')],
  loss: 'crossEntropy',
  seed: SEED,
};
const schedule = recipe.phases.map(({ epochs, learningRate }) => ({
  epochs,
  batchSize: recipe.batchSize,
  optimizer: adam({ learningRate }),
}));

const network = new Network(spec);
announce(network, digits, recipe);
for (const options of schedule) await train(network, digits.train, options);
showAccuracy(network, digits.test);
showThree(network, digits);
showComparison(compareCores(spec, digits.train, schedule[0], recipe.compared));
network.dispose();

/** What is wrong with the command line or the data is said in one line. */
async function prepareOrExit() {
  try {
    const directory = readArguments();
    if (directory === undefined) return { digits: loadScans(), recipe: SCANS };
    return { digits: await loadMnist(directory), recipe: MNIST };
  } catch (error) {
    console.error(`digits: ${error instanceof Error ? error.message : error}`);
    process.exit(1);
  }
}

/** The directory of the MNIST files, if one is given. */
function readArguments() {
  try {
    return parseArgs({ options: { mnist: { type: 'string' } } }).values.mnist;
  } catch (error) {
    const [reason] = String(error instanceof Error ? error.message : error).split(/[.\n]/);
    throw new Error(`${reason}. Usage: npm start, or npm start -- --mnist DIR`, { cause: error });
  }
}
