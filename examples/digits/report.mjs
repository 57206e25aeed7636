import { beside, drawBars, drawImage, indexOfLargest } from './draw.mjs';
import { endProgress, showProgress, styled } from './terminal.mjs';

/**
 * Says what is about to happen.
 *
 * @param {import('chainrule').Network} network
 * @param {import('./data.mjs').Digits} digits
 * @param {{ batchSize: number, phases: { epochs: number, learningRate: number }[] }} recipe
 */
export function announce(network, { title, train, test }, { batchSize, phases }) {
  const steps = phases.map(
    ({ epochs, learningRate }) => `${epochs} at learning rate ${learningRate}`,
  );
  console.log(styled('bold', `Training a digit recogniser on ${title}`));
  console.log(
    `${grouped(train.y.length)} images to learn from, ${grouped(test.y.length)} held out`,
  );
  console.log(`Adam, mini-batches of ${batchSize}, epochs: ${steps.join(', then ')}\n`);
  console.log(`${network.summary()}\n`);
}

/**
 * Trains with a line of progress per epoch.
 *
 * @param {import('chainrule').Network} network
 * @param {import('./data.mjs').Examples} data
 * @param {import('chainrule').FitOptions} options
 */
export async function train(network, data, options) {
  const run = network.fit(data, options);
  for await (const report of run) showProgress(describeEpoch(report));
  endProgress();
  const { seconds } = await run;
  console.log(`Trained in ${seconds.toFixed(2)} s`);
}

/**
 * The accuracy on images the network has never seen.
 *
 * @param {import('chainrule').Network} network
 * @param {import('./data.mjs').Examples} test
 */
export function showAccuracy(network, test) {
  const { accuracy = NaN } = network.evaluate(test);
  const text = `Test accuracy: ${percent(accuracy)} of ${grouped(test.y.length)} held-out images`;
  console.log(styled('bold', text));
}

/**
 * Three held-out images with their predicted probabilities, one of them a mistake if there is any.
 *
 * @param {import('chainrule').Network} network
 * @param {import('./data.mjs').Digits} digits
 */
export function showThree(network, { side, test }) {
  const probabilities = network.predict(test.x);
  const classes = probabilities.length / test.y.length;
  const rowOf = (/** @type {number} */ i) => probabilities.subarray(i * classes, (i + 1) * classes);
  for (const i of chooseThree(test.y, (index) => indexOfLargest(rowOf(index)))) {
    const image = drawImage(test.x.subarray(i * side ** 2, (i + 1) * side ** 2), side);
    console.log(`\n${verdict(test.y[i], indexOfLargest(rowOf(i)))}`);
    console.log(beside(image, drawBars(rowOf(i))).join('\n'));
  }
}

/**
 * How much faster the SIMD core was, and whether both cores learnt the same.
 *
 * @param {ReturnType<typeof import('./compare.mjs').compareCores>} comparison
 */
export function showComparison({ simd, js, examples, epochs, whole }) {
  const what = whole
    ? 'The same training'
    : `A part of this training (${grouped(examples)} images, epochs: ${epochs})`;
  console.log(`\n${what} on both cores:`);
  console.log(`  js    ${js.seconds.toFixed(2)} s (plain TypeScript)`);
  console.log(`  simd  ${simd.seconds.toFixed(2)} s (SIMD WebAssembly)`);
  console.log(styled('bold', `  ${(js.seconds / simd.seconds).toFixed(1)} times faster`));
  console.log(
    js.hash === simd.hash
      ? `  the same parameters, bit for bit: ${simd.hash}`
      : styled('red', `  DIFFERENT parameters: js ${js.hash}, simd ${simd.hash}`),
  );
}

/** @param {import('chainrule').EpochReport} report */
function describeEpoch({
  epoch,
  epochs,
  cost,
  accuracy = NaN,
  examplesPerSecond,
  remainingSeconds,
}) {
  return [
    `epoch ${String(epoch).padStart(String(epochs).length)}/${epochs}`,
    `cost ${cost.toFixed(4)}`,
    `accuracy ${(100 * accuracy).toFixed(1)} %`,
    `${grouped(Math.round(examplesPerSecond))} examples/s`,
    `${remainingSeconds.toFixed(1)} s left`,
  ].join(' · ');
}

/**
 * The first image that was misread and as many of the first that were not as make three.
 *
 * @param {Uint8Array} labels
 * @param {(index: number) => number} predict
 */
function chooseThree(labels, predict) {
  const isRight = (/** @type {number} */ index) => predict(index) === labels[index];
  const indices = [...labels.keys()];
  const mistakes = indices.filter((index) => !isRight(index)).slice(0, 1);
  return [...indices.filter(isRight).slice(0, 3 - mistakes.length), ...mistakes];
}

/**
 * @param {number} label
 * @param {number} predicted
 */
function verdict(label, predicted) {
  return predicted === label
    ? styled('green', `A ${label}, read as ${predicted}: right`)
    : styled('red', `A ${label}, read as ${predicted}: a mistake`);
}

/** @param {number} share - 0 to 1 */
function percent(share) {
  return `${(100 * share).toFixed(2)} %`;
}

/**
 * A whole number with thousands apart, as in the summary.
 *
 * @param {number} value
 */
function grouped(value) {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ' ');
}
