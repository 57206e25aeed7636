import { LOG_ENTRY_BYTES } from '../core/abi.ts';
import type { Examples } from '../data/reader.ts';
import type { Engine, Placed } from '../engine.ts';
import { NetworkError } from '../errors.ts';
import { momentCount, type Optimizer, updateRule } from '../nn/optimizers.ts';
import type { EpochProgram } from '../plan/epoch.ts';
import { ResidentData } from './data.ts';

/** What a training run works on. */
export interface TrainingRun extends Examples {
  readonly batchSize: number;
  readonly optimizer: Optimizer;
  /** Seed of the shuffle; undefined leaves the examples in their order. */
  readonly shuffleSeed: number | undefined;
}

/** What epochs came to. */
export interface EpochLog {
  /** Sum of the costs of the examples and number of examples predicted right, epoch after epoch. */
  readonly entries: Float64Array;
  /** Time spent in the core, pauses between calls not counted. */
  readonly milliseconds: number;
}

/**
 * The milliseconds a call into the core should take: long enough to amortise the call, short enough that the event loop, progress
 * and cancellation get their turn.
 */
const CALL_MILLISECONDS = 8;

/** At most so many epochs in one call, which is as many as the log has room for. */
const LOG_ENTRIES = 4096;

/**
 * Trains epoch after epoch on data it copies into linear memory once.
 *
 * An epoch of a large data set takes many calls into the core; many epochs of a tiny one fit into one call. Either way gives the
 * same bits.
 */
export class Trainer {
  readonly #engine: Engine;
  readonly #run: TrainingRun;
  readonly #data: ResidentData;
  readonly #program: Placed<EpochProgram>;
  readonly #steps = new Pace();
  readonly #epochs = new Pace();

  constructor(engine: Engine, run: TrainingRun) {
    this.#engine = engine;
    this.#run = run;
    const { batchSize, shuffleSeed, optimizer } = run;
    this.#data = new ResidentData(engine, run, LOG_ENTRIES);
    const { source, log } = this.#data;
    const update = updateRule(optimizer.kind);
    try {
      this.#program = engine.placeEpoch({ source, update, batchSize, shuffleSeed, log });
    } catch (error) {
      this.#data.free();
      throw error;
    }
    startOptimizer(engine, optimizer);
  }

  /**
   * Trains one epoch, call by call; yields between calls.
   *
   * @param epoch - its number for the error, from 1
   * @throws {NetworkError} `DIVERGED` when the cost of a batch is not finite; the parameters are those before that batch
   */
  *epoch(epoch: number): Generator<undefined, EpochLog> {
    const engine = this.#engine;
    const { begin, step, steps, rest, end } = this.#program;
    let started = performance.now();
    let milliseconds = 0;
    engine.set({ logged: 0 });
    engine.run(this.#program, 1, begin);
    for (let done = 0; done < steps;) {
      const count = Math.min(this.#steps.perCall, steps - done);
      const before = performance.now();
      if (engine.run(this.#program, count, step) < count) throw this.#diverged(epoch);
      this.#steps.observe(count, performance.now() - before);
      done += count;
      milliseconds += performance.now() - started;
      yield;
      started = performance.now();
    }
    if (engine.run(this.#program, 1, rest) === 0) throw this.#diverged(epoch);
    engine.run(this.#program, 1, end);
    milliseconds += performance.now() - started;
    this.#epochs.observe(1, milliseconds);
    return this.#logged(1, milliseconds);
  }

  /** How many epochs one call should run, judged by those before it: 1 at first, and as long as an epoch takes long. */
  get epochsPerCall(): number {
    return Math.min(this.#epochs.perCall, LOG_ENTRIES);
  }

  /**
   * Trains several epochs in one call.
   *
   * @param first - number of the first one for the error, from 1
   * @param count - at most `epochsPerCall`
   * @throws {NetworkError} `DIVERGED` as `epoch`
   */
  epochs(first: number, count: number): EpochLog {
    const engine = this.#engine;
    const started = performance.now();
    engine.set({ logged: 0 });
    const completed = engine.run(this.#program, count);
    if (completed < count) throw this.#diverged(first + completed);
    const milliseconds = performance.now() - started;
    this.#epochs.observe(count, milliseconds);
    return this.#logged(count, milliseconds);
  }

  /** Gives the memory of data and programs back. */
  free(): void {
    this.#program.free();
    this.#data.free();
  }

  #logged(count: number, milliseconds: number): EpochLog {
    const { buffer } = this.#engine.core;
    const entries = new Float64Array(buffer, this.#data.log.address, (count * LOG_ENTRY_BYTES) / 8);
    return { entries: entries.slice(), milliseconds };
  }

  #diverged(epoch: number): NetworkError {
    const batch = Math.floor(this.#engine.get('cursor') / this.#run.batchSize) + 1;
    return diverged(`epoch ${epoch}, batch ${batch}`, this.#run.optimizer);
  }
}

/** Learns how many repetitions of something take `CALL_MILLISECONDS`. */
class Pace {
  /** Repetitions for the next call: one at first, then at most four times as many as before. */
  perCall: number = 1;

  /** Adapts to a call that took so long. */
  observe(count: number, milliseconds: number): void {
    const ideal = milliseconds > 0 ? (count * CALL_MILLISECONDS) / milliseconds : Infinity;
    this.perCall = Math.max(1, Math.min(Math.floor(ideal), this.perCall * 4));
  }
}

/** The error of a cost that is not finite. */
export function diverged(where: string, optimizer: Optimizer): NetworkError {
  return new NetworkError(
    'DIVERGED',
    `the cost is no longer a finite number in ${where}. The parameters are those before that batch. ` +
      `Try a smaller learning rate than ${optimizer.learningRate}, and inputs scaled to about ±1.`,
  );
}

/** Begins an optimizer: moments at zero, t = 0. */
export function startOptimizer(engine: Engine, optimizer: Optimizer): void {
  for (const moment of engine.layout.moments.slice(0, momentCount(optimizer.kind))) {
    moment.view(engine.core.buffer).fill(0);
  }
  engine.set({ step: 0, beta1Power: 1, beta2Power: 1 });
  setHyperParameters(engine, optimizer);
}

/** Writes an optimizer's hyper-parameters to the registers. */
export function setHyperParameters(engine: Engine, { kind: _, ...values }: Optimizer): void {
  engine.set(values);
}
