// The state block of src/core/abi.ts: the registers that change from step to step.
import * as abi from '../src/core/abi';

/** Reads and writes registers, all f64, at `state` + one of abi.STATE_*. */
export class State {
  /** Address of the entry of `order` that belongs to the first example of the mini-batch. */
  static atCursor(state: usize, order: usize): usize {
    return order + ((<usize>load<f64>(state + abi.STATE_CURSOR)) << 2);
  }
  static read(state: usize, register: usize): f64 {
    return load<f64>(state + register);
  }
  static write(state: usize, register: usize, value: f64): void {
    store<f64>(state + register, value);
  }
  static add(state: usize, register: usize, value: f64): void {
    store<f64>(state + register, load<f64>(state + register) + value);
  }
  static multiply(state: usize, register: usize, factor: f64): void {
    store<f64>(state + register, load<f64>(state + register) * factor);
  }
}
