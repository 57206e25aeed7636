import { LOG_ENTRY_BYTES } from '../core/abi.ts';
import type { Examples } from '../data/reader.ts';
import { largestParameter } from '../doctor/divergence.ts';
import type { TrainedOn } from '../doctor/flow.ts';
import type { Engine, Placed } from '../engine.ts';
import type { NetworkError } from '../errors.ts';
import { momentCount } from '../nn/optimizers.ts';
import type { Schedule } from '../nn/schedules.ts';
import type { EpochProgram } from '../plan/epoch.ts';
import type { Section } from '../plan/program.ts';
import type { Crew } from '../threads/team.ts';
import { ResidentData } from './data.ts';
import { type FailedRun, placeOf, plainDivergence } from './divergence.ts';
import { CALL_MILLISECONDS, Pace } from './pace.ts';
import { type createRates, type RateRing, RING_STEPS } from './rates.ts';
import type { captureMemory, createBackup, Memory, Position, restoreMemory } from './state.ts';
import { type ResolvedStep, startStep, stepPlan } from './step.ts';
import { epochSteps, type inWindows, trainingShape } from './windows.ts';

/** What a training run works on. */
export interface TrainingRun extends Examples {
  /** Epochs in the whole run. */
  readonly epochs: number;
  readonly batchSize: number;
  /** Steps after which the gradient is cut and the state carried on; undefined for whole sequences. */
  readonly truncate?: number | undefined;
  readonly step: ResolvedStep;
  /** Undefined for a constant rate. */
  readonly schedule: Schedule | undefined;
  /** Seed of the shuffle; undefined leaves the examples in their order. */
  readonly shuffleSeed: number | undefined;
  /** Threads to train on; 1 when absent. */
  readonly threads?: number;
}

/** What a trainer needs for more than whole examples at a constant rate. */
export interface TrainerExtras {
  /** For runs with `truncate`. */
  readonly inWindows: typeof inWindows;
  /** For runs with a schedule. */
  readonly createRates: typeof createRates;
  /** For runs on several threads. */
  readonly createBackup: typeof createBackup;
  /** For runs that are kept, or take place in a worker. */
  readonly captureMemory: typeof captureMemory;
  readonly restoreMemory: typeof restoreMemory;
  /** The error of a run whose numbers are no longer finite; one that examines nothing without. */
  diverged(failed: FailedRun): NetworkError;
}

/** What epochs that ended in one call came to. */
export interface EpochLog {
  readonly count: number;
  /** Sum of the costs of the examples and number of examples predicted right, epoch after epoch. */
  readonly entries: Float64Array;
  /** Time spent in the core for all of them, pauses between calls not counted. */
  readonly milliseconds: number;
}

/** What the sums over an epoch are divided by for their means. */
export type Totals = Pick<Examples, 'costs' | 'predictions'> & { readonly examples: number };

/** What makes the steps of a run, call by call: on data in memory, or on batches as they come. */
export interface Training {
  /** Steps in an epoch, a shorter last batch included; NaN while it is not known. */
  readonly stepsPerEpoch: number;
  /** Steps made so far. */
  readonly steps: number;
  /** Of an epoch. */
  readonly totals: Totals;
  /** What it trains on: all of the data, or of batches as they come the last one. */
  readonly data: TrainedOn | undefined;
  /** The product of the factors of the schedule's reductions so far. */
  plateauFactor: number;
  /** Where the run is. */
  readonly position: Position;
  /** Mean cost so far of the examples of the epoch at hand. */
  readonly cost: number;
  /** The learning rate of a step among those of the last call. */
  rateAt(step: number): number;
  /** Copies what the run has in the memory of the network. */
  capture(): Memory;
  /** Goes on from a captured position. */
  restore(position: Position, memory: Memory): void;
  /** Resolves when {@link Training.advance} has something to work on, where that takes time. */
  ready?(): Promise<void>;
  /** Makes one call into the core; returns the epochs that ended in it. */
  advance(limit: number): EpochLog | undefined;
  /** Gives memory back. */
  free(): void;
}

/** Milliseconds of copying examples after which others get their turn. */
const LOAD_MILLISECONDS = 8;

/** At most so many epochs in one call, which is as many as the log has room for. */
const LOG_ENTRIES = 4096;

/**
 * Trains call by call on data it copies into linear memory once, in the first calls if they are many.
 *
 * An epoch of a large data set takes many calls into the core; many epochs of a tiny one fit into one call. Either way gives the
 * same bits. Between calls the run stands between two steps, and its position and the memory of the network are all there is to know.
 */
export class Trainer implements Training {
  /** Steps in an epoch, a shorter last batch included. */
  readonly stepsPerEpoch: number;
  /** The product of the factors of the schedule's reductions so far. */
  plateauFactor: number = 1;
  readonly #engine: Engine;
  readonly #run: TrainingRun;
  readonly #extras: TrainerExtras | undefined;
  readonly #resident: ResidentData;
  readonly #rates: RateRing | undefined;
  readonly #crew: Crew | undefined;
  readonly #program: Placed<EpochProgram>;
  /** The largest parameter, in size, at the start. */
  readonly #startingSize: number;
  readonly #stepPace: Pace;
  readonly #epochPace: Pace;
  #epoch = 0;
  #step = 0;
  #milliseconds = 0;

  /**
   * Places everything in memory, begins with the optimizer's moments at zero, and copies what examples it can for a start.
   *
   * @param milliseconds - that a call into the core should take
   * @throws {NetworkError} `OUT_OF_MEMORY`; nothing stays allocated
   */
  constructor(
    engine: Engine,
    run: TrainingRun,
    extras?: TrainerExtras,
    milliseconds: number = CALL_MILLISECONDS,
  ) {
    this.#engine = engine;
    this.#stepPace = new Pace(milliseconds);
    this.#epochPace = new Pace(milliseconds);
    this.#run = run;
    this.#extras = extras;
    const { batchSize, shuffleSeed, step, schedule } = run;
    const whole = { examples: run, windows: 1 };
    const { examples, windows } = extras?.inWindows(run, run.truncate, batchSize) ?? whole;
    this.stepsPerEpoch = epochSteps(run.x, run.truncate, batchSize).all;
    const shape = trainingShape(examples, windows);
    const moments = momentCount(step.optimizer.kind);
    try {
      const backup = extras?.createBackup(engine, moments, () => this.#program.carried);
      // Before there are data: with them, more memory would have to be copied to where threads can share it.
      this.#crew = engine.engage(run.threads ?? 1, backup);
      this.#resident = new ResidentData(engine, examples, LOG_ENTRIES);
      const { source, log } = this.#resident;
      this.#rates = schedule && extras?.createRates(engine, schedule, step.optimizer.learningRate);
      const rates = this.#rates?.tensor;
      const program = engine.placeEpoch({
        source,
        step: stepPlan(step),
        batchSize,
        shape,
        windows,
        shuffleSeed,
        log,
        rates,
      });
      this.#program = { ...program, crew: this.#crew };
      engine.set({ logged: 0 });
      startStep(engine, step);
      this.#startingSize = largestParameter(engine);
      this.#load();
    } catch (error) {
      this.free();
      throw error;
    }
  }

  /** Where the run is. */
  get position(): Position {
    return { epoch: this.#epoch, step: this.#step, milliseconds: this.#milliseconds };
  }

  /** Steps made so far. */
  get steps(): number {
    return this.#epoch * this.stepsPerEpoch + this.#step;
  }

  get data(): TrainedOn {
    return this.#run;
  }

  get totals(): Totals {
    const { x, costs, predictions } = this.#run;
    return { examples: x.examples, costs, predictions };
  }

  /** Copies what the run has in the memory of the network. */
  capture(): Memory {
    this.#resident.load(Infinity);
    const moments = momentCount(this.#run.step.optimizer.kind);
    return this.#extras!.captureMemory(this.#engine, moments, this.#program.carried);
  }

  /** Goes on from a captured position; the order of the examples of its epoch is drawn again. */
  restore({ epoch, step, milliseconds }: Position, memory: Memory): void {
    this.#epoch = epoch;
    this.#step = step;
    this.#milliseconds = milliseconds;
    if (step > 0) {
      this.#engine.set({ epoch: memory.registers.epoch - 1 });
      this.#engine.run(this.#program, 1, this.#program.begin);
    }
    this.#extras!.restoreMemory(this.#engine, memory, this.#program.carried);
  }

  /**
   * Makes one call into the core.
   *
   * @param limit - it runs at most so many epochs, ≥ 1
   * @returns the epochs that ended in it; undefined when none did, or examples are still being copied
   * @throws {NetworkError} `DIVERGED` when the cost or a gradient of a batch is not finite; the parameters are those before that batch;
   *   `OUT_OF_MEMORY` when examples do not fit
   */
  advance(limit: number): EpochLog | undefined {
    if (!this.#load()) return undefined;
    const ring = this.#rates ? Math.floor(RING_STEPS / this.stepsPerEpoch) : LOG_ENTRIES;
    const count = Math.min(limit, this.#epochPace.perCall, LOG_ENTRIES, ring);
    const whole = this.#step === 0 && this.#epochPace.fits && count > 0;
    return whole ? this.#wholeEpochs(count) : this.#partOfEpoch();
  }

  /** The learning rate of a step among those of the last call. */
  rateAt(step: number): number {
    return this.#rates ? this.#rates.at(step) : this.#run.step.optimizer.learningRate;
  }

  /** Mean cost so far of the examples of the epoch at hand, or right behind an epoch of that. */
  get cost(): number {
    return this.#engine.get('cost') / this.#engine.get('examples');
  }

  /** Gives the memory of data and programs back: what there is of it, where not everything could be placed. */
  free(): void {
    this.#crew?.free();
    this.#program?.free();
    this.#rates?.free();
    this.#resident?.free();
  }

  /** Copies examples for a while; true when all are there. */
  #load(): boolean {
    return this.#resident.load(performance.now() + LOAD_MILLISECONDS);
  }

  #wholeEpochs(count: number): EpochLog {
    const started = performance.now();
    this.#writeRates(count * this.stepsPerEpoch);
    const completed = this.#engine.run(this.#program, count);
    this.#epoch += completed;
    if (completed < count) throw this.#diverged();
    const milliseconds = performance.now() - started;
    this.#epochPace.observe(count, milliseconds);
    return this.#logged(count, milliseconds);
  }

  #partOfEpoch(): EpochLog | undefined {
    const started = performance.now();
    const { begin, step, steps: whole, rest, end } = this.#program;
    if (this.#step === 0) this.#engine.run(this.#program, 1, begin);
    const [section, left] =
      this.#step < whole ? [step, whole - this.#step] : [rest, this.stepsPerEpoch - this.#step];
    const count = Math.min(this.#stepPace.perCall, left, RING_STEPS);
    this.#writeRates(count);
    this.#runSteps(section, count);
    this.#stepPace.observe(count, performance.now() - started);
    const ended = this.#step === this.stepsPerEpoch;
    if (ended) this.#engine.run(this.#program, 1, end);
    this.#milliseconds += performance.now() - started;
    return ended ? this.#endEpoch() : undefined;
  }

  #runSteps(section: Section, count: number): void {
    const completed = this.#engine.run(this.#program, count, section);
    this.#step += completed;
    if (completed < count) throw this.#diverged();
  }

  #endEpoch(): EpochLog {
    const milliseconds = this.#milliseconds;
    this.#epoch++;
    this.#step = 0;
    this.#milliseconds = 0;
    this.#epochPace.observe(1, milliseconds);
    return this.#logged(1, milliseconds);
  }

  #writeRates(count: number): void {
    const { stepsPerEpoch, steps: step, plateauFactor: plateau } = this;
    const steps = this.#run.epochs * stepsPerEpoch;
    this.#rates?.write({ step, steps, stepsPerEpoch, plateau }, Math.min(count, steps - step));
  }

  /** Reads the log and clears it. */
  #logged(count: number, milliseconds: number): EpochLog {
    this.#engine.set({ logged: 0 });
    const { buffer } = this.#engine.core;
    const { address } = this.#resident.log;
    const entries = new Float64Array(buffer, address, (count * LOG_ENTRY_BYTES) / 8);
    return { count, entries: entries.slice(), milliseconds };
  }

  #diverged(): NetworkError {
    const failed: FailedRun = {
      engine: this.#engine,
      run: this.#run,
      order: this.#resident.source.order,
      stepsPerEpoch: this.stepsPerEpoch,
      startingSize: this.#startingSize,
    };
    return this.#extras?.diverged(failed) ?? plainDivergence(this.#engine, placeOf(failed));
  }
}
