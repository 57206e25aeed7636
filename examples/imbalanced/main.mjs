/**
 * Finding a rare class: one scan in a hundred is an 8. A network that calls nothing an 8 is right 99 times in 100, and that is what
 * training without weights tends to; with `classWeights: 'balanced'` the eights together count as much as all other digits.
 *
 *   node examples/imbalanced/main.mjs
 */
import { adam, dense, Network } from 'chainrule';
import { loadScans } from '../digits/data.mjs';

const RARE = 8;
/** One eight in so many stays among the training scans. */
const KEPT = 10;

const { train, test, side } = loadScans();
const rare = { train: thinned(train), test: asRare(test) };
const eights = rare.train.y.filter(([isRare]) => isRare).length;
console.log(`${rare.train.y.length} scans to learn from, ${eights} of them an ${RARE}`);

for (const [name, classWeights] of /** @type {const} */ ([
  ['without weights', undefined],
  ['balanced weights', 'balanced'],
])) {
  const network = new Network({
    input: side ** 2,
    layers: [dense(16, 'relu'), dense(1, 'sigmoid')],
    loss: 'binaryCrossEntropy',
    seed: 1,
  });
  network.fitSync(rare.train, {
    epochs: 15,
    optimizer: adam({ learningRate: 1e-3 }),
    ...(classWeights && { classWeights }),
  });
  report(name, network.predict(rare.test.x), rare.test.y);
  network.dispose();
}

/** @typedef {import('../digits/data.mjs').Examples} Examples */

/**
 * The scans with a single target: 1 for the rare digit and 0 for any other.
 *
 * @param {Examples} examples
 * @returns {{ x: Float32Array[], y: number[][] }}
 */
function asRare({ x, y }) {
  const pixels = x.length / y.length;
  return {
    x: Array.from(y, (_, row) => x.subarray(row * pixels, (row + 1) * pixels)),
    y: Array.from(y, (digit) => [Number(digit === RARE)]),
  };
}

/**
 * The same, with only one in `KEPT` of the rare digit.
 *
 * @param {Examples} examples
 */
function thinned(examples) {
  const { x, y } = asRare(examples);
  let seen = 0;
  const kept = y.map(([isRare]) => !isRare || seen++ % KEPT === 0);
  return { x: x.filter((_, row) => kept[row]), y: y.filter((_, row) => kept[row]) };
}

/**
 * Recall, the share of eights that are found, and precision, the share of finds that are eights.
 *
 * @param {string} name
 * @param {Float32Array} probabilities
 * @param {number[][]} targets
 */
function report(name, probabilities, targets) {
  const found = Array.from(probabilities, (probability) => probability >= 0.5);
  const count = (/** @type {(row: number) => boolean} */ test) =>
    targets.filter((_, row) => test(row)).length;
  const isRare = (/** @type {number} */ row) => targets[row][0] === 1;
  const hits = count((row) => isRare(row) && found[row]);
  const finds = count((row) => found[row]);
  const recall = hits / count(isRare);
  const right = count((row) => found[row] === isRare(row));
  console.log(
    `${name}: recall ${percent(recall)}, precision ${finds > 0 ? percent(hits / finds) : '–'}, ` +
      `accuracy ${percent(right / targets.length)}`,
  );
}

/** @param {number} share */
function percent(share) {
  return `${(100 * share).toFixed(1)} %`;
}
