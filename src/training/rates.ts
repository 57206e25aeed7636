import type { Engine } from '../engine.ts';
import { type Schedule, scheduleFactor, type ScheduleTime } from '../nn/schedules.ts';
import type { Tensor } from '../plan/tensor.ts';

/** At most so many steps can run in one call under a schedule. */
export const RING_STEPS = 4096;

/** Makes room for the rates of a run with a schedule. */
export function createRates(engine: Engine, schedule: Schedule, learningRate: number): RateRing {
  return new RateRing(engine, schedule, learningRate);
}

/** The learning rates of the coming steps, in memory, where the program finds the rate of step t at entry t mod {@link RING_STEPS}. */
export class RateRing {
  readonly tensor: Tensor;
  readonly #engine: Engine;
  readonly #schedule: Schedule;
  readonly #learningRate: number;

  /** @param learningRate - the rate of the optimizer, which the factors of the schedule scale */
  constructor(engine: Engine, schedule: Schedule, learningRate: number) {
    this.#engine = engine;
    this.#schedule = schedule;
    this.#learningRate = learningRate;
    this.tensor = engine.allocate('learning rates', 1, 2 * RING_STEPS);
  }

  /**
   * Writes the rates of `count` steps from `time.step` on.
   *
   * @param count - at most {@link RING_STEPS}
   */
  write(time: ScheduleTime, count: number): void {
    const rates = this.#view();
    for (let step = time.step; step < time.step + count; step++) {
      const factor = scheduleFactor(this.#schedule, { ...time, step });
      rates[step % RING_STEPS] = this.#learningRate * factor;
    }
  }

  /** The rate of a step among the last {@link RING_STEPS} written. */
  at(step: number): number {
    return this.#view()[step % RING_STEPS]!;
  }

  /** Gives the memory back. */
  free(): void {
    this.#engine.arena.free(this.tensor.address);
  }

  #view(): Float64Array {
    return new Float64Array(this.#engine.core.buffer, this.tensor.address, RING_STEPS);
  }
}
