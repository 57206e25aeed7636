import { adam, dense, Network } from '../../build/index.js';

/** Examples in the data set, and passes over it in one measurement. */
const EXAMPLES = 8192;
const EPOCHS = 8;

/**
 * Examples per second of each way to train, and how long others had to wait meanwhile.
 *
 * @typedef {object} Rates
 * @property {number} fitSync
 * @property {number} fit
 * @property {number} worker
 * @property {number} waitFit - milliseconds without a turn of the event loop while `fit` trains, the longest of a run
 * @property {number} waitWorker - the same while a worker trains
 * @property {number} longTasks - tasks of more than 50 ms meanwhile, as a browser reports them
 */

/**
 * Trains 784-128-10 in three ways in turn: runs in Node and, as it is, in a page.
 *
 * @param {number} rounds
 * @returns {Promise<Rates>}
 */
export async function measureRates(rounds) {
  const data = randomDigits();
  const options = { epochs: EPOCHS, batchSize: 32, optimizer: adam() };
  const network = new Network({
    input: 784,
    layers: [dense(128, 'relu'), dense(10, 'softmax')],
    loss: 'crossEntropy',
    seed: 1,
  });
  const observer = observeLongTasks();
  /** @type {Record<string, number[]>} */
  const rates = { fitSync: [], fit: [], worker: [] };
  /** @type {Record<string, number[]>} */
  const waits = { fit: [], worker: [] };
  for (let round = 0; round <= rounds; round++) {
    const sync = performance.now();
    network.fitSync(data, options);
    rates.fitSync.push(rateSince(sync));
    await observer.forget();
    for (const [name, worker] of /** @type {const} */ ([
      ['fit', false],
      ['worker', true],
    ])) {
      const started = performance.now();
      waits[name].push(await longestWait(() => network.fit(data, { ...options, worker })));
      rates[name].push(rateSince(started));
    }
    await observer.count();
  }
  // The first round warms up.
  const middle = (/** @type {number[]} */ values) => median(values.slice(1));
  return {
    fitSync: middle(rates.fitSync),
    fit: middle(rates.fit),
    worker: middle(rates.worker),
    waitFit: middle(waits.fit),
    waitWorker: middle(waits.worker),
    longTasks: observer.longTasks,
  };
}

/** Examples per second. @param {number} started */
function rateSince(started) {
  return (1000 * EXAMPLES * EPOCHS) / (performance.now() - started);
}

/** Counts tasks of more than 50 ms, where a browser reports them; entries come with a delay. */
function observeLongTasks() {
  const delay = () => new Promise((resolve) => setTimeout(resolve, 100));
  let seen = 0;
  const observer = new PerformanceObserver((list) => (seen += list.getEntries().length));
  observer.observe({ type: 'longtask' });
  return {
    longTasks: 0,
    async forget() {
      await delay();
      seen = 0;
    },
    async count() {
      await delay();
      this.longTasks += seen;
      seen = 0;
    },
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
 * The longest time between two turns of a timer while something runs.
 *
 * @param {() => PromiseLike<unknown>} work
 */
async function longestWait(work) {
  let longest = 0;
  let last = performance.now();
  const tick = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  };
  const timer = setInterval(tick, 1);
  await work();
  clearInterval(timer);
  tick();
  return longest;
}

/** @param {number[]} values */
function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
