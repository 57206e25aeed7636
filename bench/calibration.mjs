import { createPeakLoop } from './peak.mjs';
import { median } from './statistics.mjs';

/** Below this share of the best calibration, the machine is in a slow phase. */
export const SLOW = 0.95;

const CALLS = 15;

/** A measurement that took longer than this is not repeated, milliseconds. */
const CHEAP = 5000;

/**
 * What a measurement gives: its result, and the GFLOP/s the yardstick reached around it.
 *
 * @template T
 * @typedef {{ result: T, peak: number }} Calibrated
 */

/**
 * Knows the peak of one core and whether the machine is at its usual speed just now: other programs, other guests of the host and
 * the processor's temperature all slow it down for seconds to minutes.
 */
export class Calibration {
  /** GFLOP/s of each calibration so far. */
  readings = /** @type {number[]} */ ([]);
  #loop;

  /** @param {() => number} loop - gives the GFLOP/s of one short call */
  constructor(loop) {
    this.#loop = loop;
    this.read();
  }

  static async create() {
    return new Calibration(await createPeakLoop());
  }

  /** The peak: the best reading so far. */
  get best() {
    return Math.max(...this.readings);
  }

  /** GFLOP/s of the yardstick now: the median of a few short calls. */
  read() {
    const now = median(Array.from({ length: CALLS }, this.#loop));
    this.readings.push(now);
    return now;
  }

  /** @param {number} peak - the lower of the readings around a measurement */
  isSlow(peak) {
    return peak < SLOW * this.best;
  }

  /**
   * Measures between two readings, and once more when the machine was slow and it is cheap; the one in the faster phase counts.
   *
   * @template T
   * @param {() => T} measure
   * @returns {Calibrated<T>}
   */
  around(measure) {
    const start = performance.now();
    const first = this.#once(measure);
    if (!this.isSlow(first.peak) || performance.now() - start > CHEAP) return first;
    const second = this.#once(measure);
    return second.peak > first.peak ? second : first;
  }

  /** The readings in short. */
  summary() {
    const { best, readings } = this;
    const lowest = Math.min(...readings);
    return { best, median: median(readings), lowest, readings: readings.length };
  }

  /**
   * @template T
   * @param {() => T} measure
   */
  #once(measure) {
    const before = this.read();
    const result = measure();
    return { result, peak: Math.min(before, this.read()) };
  }
}
