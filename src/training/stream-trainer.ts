import type { DataReader, Examples } from '../data/reader.ts';
import { diverged, largestParameter } from '../doctor/divergence.ts';
import type { Engine } from '../engine.ts';
import type { NetworkError } from '../errors.ts';
import { momentCount } from '../nn/optimizers.ts';
import type { Crew } from '../threads/team.ts';
import { CarriedStates } from './carried.ts';
import { captureMemory, type Memory, MemoryBackup, type Position, restoreMemory } from './state.ts';
import { type ResolvedStep, startStep } from './step.ts';
import { BatchReader, type BatchStream } from './stream.ts';
import { type EpochLog, type Totals, type Training } from './trainer.ts';
import { writeStep } from './write-step.ts';

/** What a training run on a stream works on. */
export interface StreamRun {
  readonly reader: DataReader;
  readonly stream: BatchStream;
  readonly step: ResolvedStep;
  /** Sequences go on with those of the batch before. */
  readonly stateful?: boolean;
  /** Ends waiting for a batch. */
  readonly signal: AbortSignal | undefined;
  /** Threads to train on; 1 when absent. */
  readonly threads?: number;
}

const NOTHING: Totals = { examples: 0, costs: 0, predictions: 0 };

/**
 * Trains on batches as they come, one call into the core each, with the bits of the same batches in memory. How many steps an epoch has
 * is known behind the first one.
 */
export class StreamTrainer implements Training {
  /** Steps of the epoch that ended last; NaN during the first. */
  stepsPerEpoch: number = NaN;
  /** Of the epoch that ended last. */
  totals: Totals = NOTHING;
  data: Examples | undefined;
  /** Schedules need to know how many steps there will be, so a stream has none. */
  plateauFactor: number = 1;
  readonly #engine: Engine;
  readonly #run: StreamRun;
  readonly #crew: Crew | undefined;
  readonly #batches: BatchReader;
  readonly #carried: CarriedStates | undefined;
  /** The largest parameter, in size, at the start. */
  readonly #startingSize: number;
  #epoch = 0;
  #step = 0;
  /** Batches that come once more after the run went on from a captured position. */
  #known = 0;
  #milliseconds = 0;
  /** Of the epoch at hand. */
  #sums: Totals = NOTHING;

  constructor(engine: Engine, run: StreamRun) {
    this.#engine = engine;
    this.#run = run;
    this.#batches = new BatchReader(run.reader, run.stream, run.stateful);
    this.#carried = run.stateful ? new CarriedStates(engine) : undefined;
    run.signal?.addEventListener('abort', this.#batches.interrupt);
    startStep(engine, run.step);
    this.#startingSize = largestParameter(engine);
    const backup = new MemoryBackup(engine, momentCount(run.step.optimizer.kind));
    this.#crew = engine.engage(run.threads ?? 1, backup);
  }

  get position(): Position {
    return { epoch: this.#epoch, step: this.#step, milliseconds: this.#milliseconds };
  }

  get steps(): number {
    return this.#engine.get('step');
  }

  get cost(): number {
    return this.#engine.get('cost') / this.#engine.get('examples');
  }

  rateAt(): number {
    return this.#run.step.optimizer.learningRate;
  }

  capture(): Memory {
    const memory = captureMemory(this.#engine, momentCount(this.#run.step.optimizer.kind));
    return this.#carried ? { ...memory, states: this.#carried.values } : memory;
  }

  /** Goes on from a captured position; the stream is opened anew, and the batches of its epoch that were trained on are left out. */
  restore({ epoch, step, milliseconds }: Position, memory: Memory): void {
    this.#epoch = epoch;
    this.#step = step;
    this.#milliseconds = milliseconds;
    this.#known = step;
    this.#batches.skipTo(epoch);
    if (this.#carried) this.#carried.values = memory.states;
    restoreMemory(this.#engine, memory);
  }

  /** Resolves when the next batch has come, or the run is to stop. */
  ready(): Promise<void> {
    return this.#run.signal?.aborted ? Promise.resolve() : this.#batches.ready();
  }

  /**
   * Trains on the batch that has come, if one has.
   *
   * @returns the epoch, when it ended
   * @throws {NetworkError} `DIVERGED` when the cost or a gradient is not finite; the parameters are those before that batch
   * @throws whatever the stream threw, and {TypeError | RangeError} for batches that do not fit the network
   */
  advance(): EpochLog | undefined {
    const batch = this.#batches.take();
    if (batch === undefined) return undefined;
    if (batch === 'end') return this.#endEpoch();
    if (this.#step === 0) this.#beginEpoch();
    this.#count(batch);
    if (this.#known > 0) this.#known--;
    else this.#train(batch);
    return undefined;
  }

  /** Lets go of the stream; the programs are kept for other calls. */
  free(): void {
    this.#crew?.free();
    this.#run.signal?.removeEventListener('abort', this.#batches.interrupt);
    this.#batches.close();
  }

  #train(batch: Examples): void {
    const started = performance.now();
    const engine = this.#engine;
    if (batch.predictions > 0) this.data = batch;
    const where = `epoch ${this.#epoch + 1}, batch ${this.#step + 1}`;
    const program = writeStep(engine, batch, this.#run.step, this.#carried, where);
    if (engine.run({ ...program, crew: this.#crew }) === 0) throw this.#diverged(batch, where);
    this.#carried?.read(program);
    this.#step++;
    this.#milliseconds += performance.now() - started;
  }

  #diverged(batch: Examples, where: string): NetworkError {
    const engine = this.#engine;
    return diverged({
      engine,
      where,
      // One that goes on with states cannot be had again.
      batch: this.#carried ? undefined : batch,
      learningRate: engine.get('learningRate'),
      steps: this.steps,
      startingSize: this.#startingSize,
    });
  }

  #beginEpoch(): void {
    const epoch = this.#engine.get('epoch') + 1;
    this.#engine.set({ epoch, cursor: 0, cost: 0, examples: 0, correct: 0 });
    this.#carried?.forget();
    this.#sums = NOTHING;
  }

  #endEpoch(): EpochLog {
    const milliseconds = this.#milliseconds;
    this.totals = this.#sums;
    this.stepsPerEpoch = this.#step;
    this.#epoch++;
    this.#step = 0;
    this.#milliseconds = 0;
    const entries = Float64Array.of(this.#engine.get('cost'), this.#engine.get('correct'));
    return { count: 1, entries, milliseconds };
  }

  #count(batch: Examples): void {
    const { x, predictions } = batch;
    const sums = this.#sums;
    const costs = this.#carried ? this.#costsOfWindows(batch) : batch.costs;
    this.#sums = {
      examples: sums.examples + x.examples,
      costs: sums.costs + costs,
      predictions: sums.predictions + predictions,
    };
  }

  /** Where the cost of a sequence is a sum over its steps, it counts once, in the batch that it begins with. */
  #costsOfWindows({ x, costs }: Examples): number {
    const { sequence } = this.#engine.model;
    if (!sequence?.perStep || sequence.reduction === 'mean') return costs;
    if (this.#sums === NOTHING) return x.examples;
    return x.sequence?.begins?.reduce((sum, flag) => sum + flag, 0) ?? 0;
  }
}
