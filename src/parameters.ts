import type { Engine } from './engine.ts';
import { finiteValues } from './nn/initializers.ts';
import { type Parameter, readParameter, writeParameter } from './plan/parameters.ts';

/** A parameter of a network as the user sees it. */
export interface NetworkParameter {
  /** `layers.i.W` or `layers.i.b`, i counting the entries of `layers` from 0. */
  readonly name: string;
  /** `[units, inputs]` for weights: w_jk, row-major, leads from neuron k to neuron j. `[units]` for a bias. */
  readonly shape: readonly number[];
  /** A copy of the values. */
  get(): Float32Array;
  /**
   * Replaces the values.
   *
   * @throws {TypeError | RangeError} for another number of values, or one that is not a finite 32-bit number
   * @throws {NetworkError} `BUSY` while `fit` is training the network
   */
  set(values: ArrayLike<number>): void;
}

/** The parameters of a network. `checkIdle` throws while they must not be changed. */
export function createParameters(engine: Engine, checkIdle: () => void): NetworkParameter[] {
  return engine.layout.parameters.map(({ name, shape, value }: Parameter) => ({
    name,
    shape,
    get: () => readParameter(engine.core.buffer, value),
    set(values) {
      checkIdle();
      const expected = value.rows * value.columns;
      if (values.length !== expected) {
        throw new RangeError(
          `${name}: expected ${expected} values of shape [${shape.join(', ')}], got ${values.length}.`,
        );
      }
      writeParameter(engine.core.buffer, value, finiteValues(values, name));
    },
  }));
}
