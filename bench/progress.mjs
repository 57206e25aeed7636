import { adam, dense, Network, sgd } from 'chainrule';
import { randomExamples, xorExamples } from './data.mjs';
import { median } from './statistics.mjs';

/**
 * A small network, and as many epochs as take about a tenth of a second.
 *
 * @typedef {object} WatchedRun
 * @property {string} title
 * @property {import('chainrule').NetworkSpec} spec
 * @property {{ x: Float32Array, y: Float32Array | Uint8Array }} data
 * @property {import('chainrule').FitOptions} options
 */

/** The least rounds: a ratio near 1 needs more of them than a table of rates. */
const FEWEST_ROUNDS = 9;

/**
 * What callbacks and a loop over the reports add to training: medians of the ratios of their times to those of a run that nobody watches
 * in the same round, so that a slow phase of the machine hits all of them.
 *
 * @param {{ rounds: number, calibration: import('./calibration.mjs').Calibration }} options
 */
export async function benchProgress({ rounds, calibration }) {
  const results = [];
  for (const run of watchedRuns()) {
    const times = await takeTurns(run, Math.max(FEWEST_ROUNDS, rounds));
    const { epochs } = run.options;
    const plain = median(times.plain);
    const ratio = (/** @type {number[]} */ variant) =>
      median(variant.map((time, round) => time / times.plain[round]));
    const loop = ratio(times.loop);
    results.push({
      title: run.title,
      secondsPerEpoch: plain / epochs,
      onProgress: ratio(times.onProgress),
      onEpoch: ratio(times.onEpoch),
      loop,
      secondsPerReport: ((loop - 1) * plain) / epochs,
      peak: calibration.around(() => undefined).peak,
    });
  }
  return results;
}

/** @returns {WatchedRun[]} */
function watchedRuns() {
  const tiny = {
    input: 2,
    layers: [dense(8, 'tanh'), dense(1, 'sigmoid')],
    loss: /** @type {const} */ ('binaryCrossEntropy'),
    seed: 1,
  };
  const nielsen = {
    input: 784,
    layers: [dense(30, 'sigmoid'), dense(10, 'softmax')],
    loss: /** @type {const} */ ('crossEntropy'),
    seed: 1,
  };
  const thousand = randomExamples(1024, 2, 2);
  const common = { optimizer: adam({ learningRate: 1e-5 }), warnings: false };
  return [
    {
      title: '2-8-1, 4 examples: an epoch is one step',
      spec: tiny,
      data: xorExamples(),
      options: { ...common, epochs: 100_000, batchSize: 4 },
    },
    {
      title: '2-8-1, 1,024 examples, batch 32',
      spec: tiny,
      data: { x: thousand.x, y: Float32Array.from(thousand.y) },
      options: { ...common, epochs: 1500, batchSize: 32 },
    },
    {
      title: '784-30-10, 1,280 examples, batch 10',
      spec: nielsen,
      data: randomExamples(1280, 784, 10),
      options: { ...common, optimizer: sgd({ learningRate: 1e-3 }), epochs: 20, batchSize: 10 },
    },
  ];
}

/**
 * Seconds of processor time, in which nobody else has a part, round by round, of a run that nobody watches, with each callback, and looped over. The first round warms up.
 *
 * @param {WatchedRun} run
 * @param {number} rounds
 */
async function takeTurns({ spec, data, options }, rounds) {
  let sum = 0;
  /** @param {Partial<import('chainrule').FitOptions>} more */
  const fit = async (more) => {
    const network = new Network(spec);
    await network.fit(data, { ...options, ...more });
    network.dispose();
  };
  const variants = {
    plain: () => fit({}),
    onProgress: () => fit({ onProgress: ({ cost }) => (sum += cost) }),
    onEpoch: () => fit({ onEpoch: ({ cost }) => (sum += cost) }),
    loop: async () => {
      const network = new Network(spec);
      for await (const { cost } of network.fit(data, options)) sum += cost;
      network.dispose();
    },
  };
  const names = /** @type {(keyof typeof variants)[]} */ (Object.keys(variants));
  const times = Object.fromEntries(names.map((name) => [name, /** @type {number[]} */ ([])]));
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const started = process.cpuUsage();
      await variants[name]();
      const { user, system } = process.cpuUsage(started);
      if (round > 0) times[name].push((user + system) / 1e6);
    }
  }
  if (!Number.isFinite(sum)) throw new Error('progress: a cost is not finite');
  return /** @type {Record<keyof typeof variants, number[]>} */ (times);
}
