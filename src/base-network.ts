import type { CoreName } from './core/core.ts';
import type { Inputs, TrainingData } from './data/reader.ts';
import type { Engine } from './engine.ts';
import { initialise } from './initialise.ts';
import { Fnv1a } from './inspect/hash.ts';
import { saveNetwork } from './io/save.ts';
import type { ResolvedSpec } from './nn/spec.ts';
import { createParameters, type NetworkParameter } from './parameters.ts';
import type { TrainBatchOptions } from './training/options.ts';
import type { Session } from './training/session.ts';

/** What a network consists of. */
export interface NetworkParts {
  readonly spec: ResolvedSpec['spec'];
  readonly engine: Engine;
  readonly session: Session;
}

/** What the networks of all entries of the package have in common; what differs is how they are trained and asked. */
export abstract class BaseNetwork {
  /** The specification, with the seed that was chosen when none was given. */
  readonly spec: ResolvedSpec['spec'];
  /** The parameters, in the order of the layers: `layers.0.W`, `layers.0.b`, `layers.1.W`, … */
  readonly parameters: readonly NetworkParameter[];
  readonly #engine: Engine;
  readonly #session: Session;

  /** Draws the starting parameters from the seed. */
  protected constructor({ spec, engine, session }: NetworkParts) {
    this.spec = spec;
    this.#engine = engine;
    this.#session = session;
    this.parameters = createParameters(engine, () => session.checkIdle());
    initialise(engine, spec.seed);
  }

  /** The core in use. */
  get core(): CoreName {
    return this.#engine.core.name;
  }

  /**
   * Makes one update from one batch.
   *
   * @param x - features [B, inputs]
   * @param y - targets [B, outputs], or B class labels
   * @returns the mean cost of the batch before the update
   * @throws {TypeError | RangeError | NetworkError} as `fit`
   * @example
   * ```ts
   * net.trainBatch([[0, 1]], [[1]], { optimizer: momentum({ learningRate: 0.1 }) });
   * ```
   */
  trainBatch(x: Inputs, y: TrainingData['y'], options: TrainBatchOptions = {}): number {
    return this.#session.trainBatch(x, y, options);
  }

  /**
   * Learns the normalisation from a sample of the training features. `fit` does so by itself when it has all data; needed before
   * `trainBatch` and before training on a stream, and to replace what an earlier `fit` has learned.
   *
   * @param x - features [N, inputs]
   * @throws {TypeError | RangeError} for wrong data, and on a network without `normalize: 'standard'` or `'minmax'`
   * @throws {NetworkError} `BUSY` while `fit` is training
   * @example
   * ```ts
   * const ages = new Network({ input: 1, normalize: 'minmax', layers: [dense(1)], loss: 'meanSquaredError' });
   * ages.fitNormalizer([[20], [40]]);
   * ages.trainBatch([[25]], [[1]]);
   * ```
   */
  fitNormalizer(x: Inputs): void {
    this.#session.fitNormalizer(x);
  }

  /**
   * A digest of all parameters, equal exactly when their bits are: the handle of reproducibility.
   *
   * @returns 16 hexadecimal digits: FNV-1a (64 bits) over the little-endian values of the parameters in order
   */
  hash(): string {
    const digest = new Fnv1a();
    for (const parameter of this.parameters) {
      digest.update(new Uint8Array(parameter.get().buffer));
    }
    return digest.digest();
  }

  /**
   * The network as a file: spec, parameters, how features are normalised, and how far its random streams are. It is a safetensors file,
   * which Python's safetensors reads too, with the parameters under their names and in their shapes. What an optimizer remembers is not in
   * it: that belongs to a run, and `checkpoint` of a run has it.
   *
   * @returns the bytes of the file, for `Network.load`
   * @example
   * ```ts
   * const bytes = net.save(); // fs.writeFileSync('xor.safetensors', bytes) in Node
   * Network.load(bytes).evaluate({ x, y }).loss === net.evaluate({ x, y }).loss; // true
   * ```
   */
  save(): Uint8Array<ArrayBuffer> {
    return saveNetwork(this.spec, this.#engine);
  }

  /** Frees the network's memory. Any further use is a `NetworkError` with code `DISPOSED`. */
  dispose(): void {
    this.#engine.dispose();
  }

  /** The same as {@link BaseNetwork.dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}
