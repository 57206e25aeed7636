import { chooseWasmCore, type WasmCoreName } from '../choose-wasm-core.ts';
import { BaseNetwork } from '../base-network.ts';
import { checkKeys } from '../checks.ts';
import type { Inputs, TrainingData } from '../data/reader.ts';
import { Engine } from '../engine.ts';
import { loadNetwork } from '../io/save.ts';
import { type NetworkSpec, resolveSpec } from '../nn/spec.ts';
import type { Evaluation } from '../training/evaluate.ts';
import type { History } from '../training/history.ts';
import type { FitExtra, FitOptions } from '../training/options.ts';
import type { Run } from '../training/run.ts';
import { Session } from '../training/session.ts';

/** How a network runs. */
export interface NetworkOptions {
  /** The core, as for the `Network` of `chainrule`, but for `js`, which is left out here; `auto`, which is `simd`, when absent. */
  readonly core?: WasmCoreName;
}

/** How to train: the options of `chainrule` but for those that need code which is left out here. */
export type TrainingOptions = Omit<FitOptions, FitExtra | 'threads'>;

/** A training run in progress: await it for its history, or loop over its reports with `for await`. */
export type TrainingRun = Omit<Run, 'checkpoint' | 'warnings'>;

/**
 * A network of dense layers that trains, predicts, is saved and loaded, and does nothing else: the numbers of the `Network` of `chainrule`
 * to the last bit, in less than half the code.
 *
 * What is left out (layers for sequences, plain JavaScript where WebAssembly is forbidden, workers and threads, schedules, checkpoints,
 * batches as they come, what looks at data and into networks) is an error that says so. A file that one of them has saved, the other loads.
 *
 * @example
 * ```ts
 * const net = new Network({ input: 2, layers: [dense(8, 'tanh'), dense(2, 'softmax')], loss: 'crossEntropy' });
 * const xor = { x: [[0, 0], [0, 1], [1, 0], [1, 1]], y: [0, 1, 1, 0] };
 * await net.fit(xor, { epochs: 300, batchSize: 4, optimizer: adam({ learningRate: 0.05 }), onProgress: ({ cost }) => cost });
 * net.evaluate(xor).accuracy; // 1
 * Network.load(net.save()).hash() === net.hash(); // true
 * ```
 */
export class Network extends BaseNetwork {
  readonly #engine: Engine;
  readonly #session: Session;

  /**
   * Makes a network and draws its starting parameters from the seed.
   *
   * @param spec - what the network is
   * @param options - how it runs
   * @throws {TypeError | RangeError} for a spec that makes no sense or needs what is left out here, and where WebAssembly is forbidden
   * @throws {NetworkError} `OUT_OF_MEMORY` when the parameters do not fit
   */
  constructor(spec: NetworkSpec, options: NetworkOptions = {}) {
    checkKeys(options, ['core'], 'new Network: options');
    const resolved = resolveSpec(spec);
    const engine = new Engine(chooseWasmCore(options.core), resolved.model);
    const session = new Session(engine, resolved);
    super({ spec: resolved.spec, engine, session });
    this.#engine = engine;
    this.#session = session;
  }

  /**
   * Makes a network of what {@link Network.save} wrote, here or in `chainrule`, to the last bit.
   *
   * @param bytes - the whole file
   * @param options - how the network runs
   * @throws {TypeError} when `bytes` is no Uint8Array or ArrayBuffer
   * @throws {NetworkError} `BAD_FILE` for a damaged file, and for a network with what is left out here
   */
  static load(bytes: Uint8Array | ArrayBuffer, options: NetworkOptions = {}): Network {
    return loadNetwork(bytes, {
      make(spec) {
        const net = new Network(spec, options);
        return { net, engine: net.#engine };
      },
    });
  }

  /**
   * Trains, giving way to the event loop every few milliseconds.
   *
   * @param data - features [N, inputs] and targets [N, outputs], or N class labels; copied before the call returns
   * @param options - see {@link TrainingOptions}
   * @returns a {@link TrainingRun}
   * @throws {TypeError | RangeError} at once, for wrong data or options; the network stays as it was
   * @throws {NetworkError} `BUSY` at once while another run is training; `DIVERGED` from the run when the cost or a gradient is not finite
   */
  fit(data: TrainingData, options: TrainingOptions): TrainingRun {
    return this.#session.fit(data, options);
  }

  /**
   * Trains to the end before it returns: the numbers of {@link Network.fit} to the last bit, blocking.
   *
   * @throws {TypeError | RangeError | NetworkError} as `fit`
   */
  fitSync(data: TrainingData, options: TrainingOptions): History {
    return this.#session.fitSync(data, options);
  }

  /**
   * The outputs of the network.
   *
   * @param x - features [B, inputs]
   * @returns outputs [B, outputs], row-major
   * @throws {TypeError | RangeError} for data of another type or width, or numbers that are not finite
   */
  predict(x: Inputs): Float32Array {
    return this.#session.predict(x, {});
  }

  /**
   * The loss over examples, and for classification their accuracy.
   *
   * @param data - features and targets, as for `fit`
   * @throws {TypeError | RangeError} for wrong data
   */
  evaluate(data: TrainingData): Evaluation {
    return this.#session.evaluate(data, {});
  }
}
