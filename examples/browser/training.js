import { adam, dense, Network } from 'chainrule';

/** Accuracy on the test set whose time is taken. */
export const GOAL = 0.97;

/**
 * A network and its training, in a worker.
 *
 * Every report is shown before training goes on: the page is never busy, and an epoch of a few milliseconds can be watched.
 */
export class Recogniser {
  /** @type {import('chainrule').Network} */
  network;
  epoch = 0;
  /** Seconds of training so far. */
  seconds = 0;
  /** Seconds until the goal was reached. @type {number | undefined} */
  secondsToGoal;
  #digits;
  #run;
  #stop = new AbortController();

  /** @param {import('./data.js').Digits} digits @param {import('chainrule').Network} network */
  constructor(digits, network) {
    this.#digits = digits;
    this.network = network;
  }

  /** One that has learnt nothing yet. @param {import('./data.js').Digits} digits @param {number} hidden */
  static untrained(digits, hidden) {
    const { side, maximum } = digits;
    const spec = {
      input: side * side,
      normalize: { scale: 1 / maximum },
      layers: [dense(hidden, 'relu'), dense(10, 'softmax')],
      loss: 'crossEntropy',
      // Whoever opens the page sees the same network learn the same.
      seed: 1,
    };
    return new Recogniser(digits, new Network(spec, { worker: true }));
  }

  /** One from a file. @param {import('./data.js').Digits} digits @param {ArrayBuffer} bytes */
  static load(digits, bytes) {
    const network = Network.load(bytes, { worker: true });
    const [{ shape }] = network.parameters;
    if (shape[1] !== digits.side ** 2) {
      throw new Error(
        `This network takes ${shape[1]} pixels, but the images here have ${digits.side ** 2}.`,
      );
    }
    return new Recogniser(digits, network);
  }

  get isTraining() {
    return this.#run !== undefined;
  }

  get isPaused() {
    return this.#run?.paused ?? false;
  }

  /**
   * Trains, or trains on.
   *
   * @param {{ epochs: number, batchSize: number, learningRate: number, threads: number }} settings
   * @param {(report: import('chainrule').EpochReport) => Promise<void>} show - awaited before training goes on
   * @returns {Promise<string>} what ended it
   */
  async train({ epochs, batchSize, learningRate, threads }, show) {
    const { train, test } = this.#digits;
    const [epochsBefore, secondsBefore] = [this.epoch, this.seconds];
    this.#stop = new AbortController();
    const run = this.network.fit(train, {
      epochs,
      batchSize,
      optimizer: adam({ learningRate }),
      threads,
      validation: test,
      signal: this.#stop.signal,
    });
    this.#run = run;
    try {
      for await (const report of run) {
        this.epoch = epochsBefore + report.epoch;
        this.seconds = secondsBefore + report.seconds;
        if (report.validation.accuracy >= GOAL) this.secondsToGoal ??= this.seconds;
        await show(report);
      }
      return (await run).stoppedBy;
    } finally {
      this.#run = undefined;
    }
  }

  pause() {
    this.#run?.pause();
  }

  resume() {
    this.#run?.resume();
  }

  stop() {
    this.#stop.abort();
  }
}
