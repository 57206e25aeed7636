import { adam, dense, Network } from '../../build/index.js';

/** Examples in the data set, and passes over it in one measurement. */
const EXAMPLES = 60_000;
const EPOCHS = 4;

/**
 * What training comes to, here or in a worker.
 *
 * @typedef {object} Figures
 * @property {number} rate - examples per second
 * @property {number} reading - milliseconds until `fit` returns, in which the data are checked
 * @property {number} wait - milliseconds without a turn of the event loop after that, the longest of a run
 * @property {number} longTasks - tasks of more than 50 ms after that, in all rounds, where a browser reports them
 */

/**
 * Trains 784-128-10 blocking, giving way, in a worker and on two threads, in turn: runs in Node and, as it is, in a page.
 *
 * @param {number} rounds
 * @returns {Promise<{ fitSync: number, here: Figures, worker: Figures, threads: Figures }>} medians; `fitSync` in examples per second
 */
export async function measureRates(rounds) {
  const data = randomDigits();
  const options = { epochs: EPOCHS, batchSize: 128, optimizer: adam() };
  const network = new Network({
    input: 784,
    layers: [dense(128, 'relu'), dense(10, 'softmax')],
    loss: 'crossEntropy',
    seed: 1,
  });
  const blocking = [];
  const giving = [];
  const away = [];
  const together = [];
  for (let round = 0; round <= rounds; round++) {
    const started = performance.now();
    network.fitSync(data, options);
    blocking.push(rateSince(started));
    giving.push(await watch(() => network.fit(data, options)));
    away.push(await watch(() => network.fit(data, { ...options, worker: true })));
    together.push(await watch(() => network.fit(data, { ...options, threads: 2 })));
  }
  return {
    fitSync: median(blocking.slice(1)),
    here: medians(giving),
    worker: medians(away),
    threads: medians(together),
  };
}

/** Images of which every fifth pixel has ink, with labels. */
function randomDigits() {
  let state = 1;
  const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
  const x = new Float32Array(EXAMPLES * 784);
  for (let at = 0; at < x.length; at++) if (random() < 0.2) x[at] = random();
  return { x, y: Uint8Array.from({ length: EXAMPLES }, () => Math.floor(random() * 10)) };
}

/**
 * Trains and looks how long others have to wait meanwhile.
 *
 * @param {() => PromiseLike<unknown>} fit
 * @returns {Promise<Figures>}
 */
async function watch(fit) {
  /** @type {PerformanceEntry[]} */
  const tasks = [];
  const observer = new PerformanceObserver((list) => tasks.push(...list.getEntries()));
  observer.observe({ type: 'longtask' });
  const started = performance.now();
  const run = fit();
  const begun = performance.now();
  let wait = 0;
  let last = begun;
  const tick = () => {
    const now = performance.now();
    wait = Math.max(wait, now - last);
    last = now;
  };
  const timer = setInterval(tick, 1);
  await run;
  tick();
  const rate = rateSince(started);
  clearInterval(timer);
  // The browser tells of tasks with a delay.
  await new Promise((resolve) => setTimeout(resolve, 100));
  observer.disconnect();
  const longTasks = tasks.filter(({ startTime }) => startTime >= begun).length;
  return { rate, reading: begun - started, wait, longTasks };
}

/** Examples per second. @param {number} started */
function rateSince(started) {
  return (1000 * EXAMPLES * EPOCHS) / (performance.now() - started);
}

/** Medians of all rounds but the first, which warms up; of the long tasks their sum. @param {Figures[]} rounds */
function medians([, ...rounds]) {
  return {
    rate: median(rounds.map(({ rate }) => rate)),
    reading: median(rounds.map(({ reading }) => reading)),
    wait: median(rounds.map(({ wait }) => wait)),
    longTasks: rounds.reduce((sum, { longTasks }) => sum + longTasks, 0),
  };
}

/** @param {number[]} values */
function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
