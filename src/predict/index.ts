/**
 * `chainrule/predict`: what a page needs that only uses a network which was trained elsewhere.
 */
import { checkKeys } from '../checks.ts';
import { chooseWasmCore, type WasmCoreName } from '../choose-wasm-core.ts';
import type { CoreName } from '../core/core.ts';
import { DataReader, type Inputs } from '../data/reader.ts';
import { readers } from '../data/readers.ts';
import { Engine } from '../engine.ts';
import type { MadeNetwork } from '../io/model.ts';
import { loadNetwork } from '../io/save.ts';
import { sequences } from '../nn/layers/sequences.ts';
import { type NetworkSpec, resolveSpec, type ResolvedSpec } from '../nn/spec.ts';
import { predict } from '../training/evaluate.ts';
import { slices } from '../training/slices.ts';

export type { WasmCoreName } from '../choose-wasm-core.ts';
export type { CoreName } from '../core/core.ts';
export type { Inputs } from '../data/reader.ts';
export { NetworkError, type NetworkErrorCode } from '../errors.ts';

/** How a network predicts. */
export interface PredictorOptions {
  /** The core, as for `Network`, but for `js`, which is left out here; `auto`, which is `simd`, when absent. */
  readonly core?: WasmCoreName;
}

/**
 * A trained network that predicts and does nothing else: the outputs of `Network` to the last bit, in less code.
 *
 * @example
 * ```ts
 * const predictor = Predictor.load(net.save());
 * predictor.predict([[0, 1]])[0] === net.predict([[0, 1]])[0]; // true
 * predictor.dispose();
 * ```
 */
export class Predictor {
  /** What the network is. */
  readonly spec: ResolvedSpec['spec'];
  readonly #engine: Engine;
  readonly #reader: DataReader;

  private constructor({ engine, resolved }: Restored) {
    this.spec = resolved.spec;
    this.#engine = engine;
    this.#reader = DataReader.of(resolved, readers);
  }

  /**
   * Reads what `Network.save` wrote, or a checkpoint.
   *
   * @param bytes - the whole file
   * @throws {TypeError | RangeError} for something else than bytes, for wrong options, and where WebAssembly is forbidden
   * @throws {NetworkError} `BAD_FILE` as `Network.load`
   * @example
   * ```ts
   * Predictor.load(net.save()).core; // 'simd'
   * ```
   */
  static load(bytes: Uint8Array | ArrayBuffer, options: PredictorOptions = {}): Predictor {
    checkKeys(options, ['core'], 'Predictor.load: options');
    const make = (spec: NetworkSpec): MadeNetwork<Restored> => restore(spec, options.core);
    return new Predictor(loadNetwork(bytes, { sequences, make }));
  }

  /** The core in use. */
  get core(): CoreName {
    return this.#engine.core.name;
  }

  /**
   * The outputs of the network.
   *
   * @param x - as for `Network.predict`
   * @returns outputs [B, outputs], row-major; [B, T, outputs] for networks with an output per step
   * @throws {TypeError | RangeError} for data of another type or width, or numbers that are not finite
   */
  predict(x: Inputs): Float32Array {
    this.#engine.checkAlive();
    return predict(this.#engine, this.#reader.features(x), 1, { slices });
  }

  /** Frees the memory. Any further use is a {@link NetworkError} with code `DISPOSED`. */
  dispose(): void {
    this.#engine.dispose();
  }

  /** The same as {@link Predictor.dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** What a file restores. */
interface Restored {
  readonly engine: Engine;
  readonly resolved: ResolvedSpec;
}

/** Makes a network of a specification from a file, without training. */
function restore(spec: NetworkSpec, core: PredictorOptions['core']): MadeNetwork<Restored> {
  const resolved = resolveSpec(spec, sequences);
  const engine = new Engine(chooseWasmCore(core), resolved.model);
  return { net: { engine, resolved }, engine };
}
