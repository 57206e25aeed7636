/**
 * Michael Nielsen's published experiments on MNIST, each with his figure and ours for three seeds. He took the best of three runs in
 * chapter 1.
 *
 *   node examples/nielsen/main.mjs --mnist DIR     the four MNIST files in DIR, gzipped or not
 */
import { parseArgs } from 'node:util';
import { loadMnist } from '../digits/data.mjs';
import { endProgress, showProgress } from '../digits/terminal.mjs';
import { recipes } from './recipes.mjs';
import { figureOf, trainRecipe } from './train.mjs';

/** @typedef {import('../digits/data.mjs').Examples} Examples */
/** @typedef {import('./recipes.mjs').Recipe} Recipe */

const SEEDS = [1, 2, 3];
const TRAINING_IMAGES = 50_000;

const FIGURES = { best: 'best', first: 'epoch 1', last: 'last', cost: 'training cost' };
const HEADER = ['experiment', 'network', 'cost', 'weights', 'η', 'λ', 'epochs', 'judged by'];

const data = await prepareOrExit();
printRow([...HEADER, 'figure', 'published', `ours, seeds ${SEEDS.join(', ')}`, 'seconds a run']);
printRow(new Array(HEADER.length + 4).fill('---'));
for (const recipe of recipes) {
  const outcomes = [];
  for (const seed of SEEDS) {
    outcomes.push(await trainRecipe(recipe, data, { seed, onEpoch: reporter(recipe, seed) }));
  }
  endProgress();
  const seconds = outcomes.reduce((sum, outcome) => sum + outcome.seconds, 0) / SEEDS.length;
  for (const { kind, published } of recipe.figures) {
    const digits = kind === 'cost' ? 3 : 2;
    const ours = outcomes.map((outcome) => figureOf(outcome, kind).toFixed(digits));
    const figures = [published.toFixed(digits), ours.join(', '), seconds.toFixed(1)];
    printRow([...describe(recipe), FIGURES[kind], ...figures]);
  }
}

/**
 * A line of progress per epoch, where somebody watches.
 *
 * @param {Recipe} recipe
 * @param {number} seed
 * @returns {(report: import('chainrule').EpochReport) => void}
 */
function reporter({ title }, seed) {
  if (!process.stdout.isTTY) return () => {};
  return ({ epoch, epochs, cost }) =>
    showProgress(`${title}, seed ${seed}: epoch ${epoch}/${epochs}, cost ${cost.toFixed(4)}`);
}

/** @param {Recipe} recipe */
function describe({ title, hidden, loss, init, eta, lambda, epochs, evaluatedOn }) {
  return [
    title,
    `784-${hidden}-10`,
    loss === 'halfSquaredError' ? 'quadratic' : 'cross-entropy',
    init === 'nielsen' ? 'N(0, 1/n)' : 'N(0, 1)',
    String(eta),
    String(lambda),
    String(epochs),
    evaluatedOn,
  ];
}

/** @param {string[]} cells */
function printRow(cells) {
  console.log(`| ${cells.join(' | ')} |`);
}

/** What is wrong with the command line or the data is said in one line. */
async function prepareOrExit() {
  try {
    const { mnist } = parseArgs({ options: { mnist: { type: 'string' } } }).values;
    if (mnist === undefined) throw new Error('where is MNIST?');
    const { train, test } = await loadMnist(mnist);
    return {
      train: slice(train, 0, TRAINING_IMAGES),
      validation: slice(train, TRAINING_IMAGES, train.y.length),
      test,
    };
  } catch (error) {
    const [reason] = String(error instanceof Error ? error.message : error).split('\n');
    console.error(`nielsen: ${reason} Usage: node examples/nielsen/main.mjs --mnist DIR`);
    process.exit(1);
  }
}

/**
 * @param {Examples} examples
 * @param {number} from
 * @param {number} to
 * @returns {Examples}
 */
function slice({ x, y }, from, to) {
  const pixels = x.length / y.length;
  return { x: x.subarray(from * pixels, to * pixels), y: y.subarray(from, to) };
}
