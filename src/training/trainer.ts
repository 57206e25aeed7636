import * as abi from '../core/abi.ts';
import type { Examples } from '../data/reader.ts';
import type { Engine, PlacedProgram } from '../engine.ts';
import { NetworkError } from '../errors.ts';
import { momentCount, type Optimizer, updateRule } from '../nn/optimizers.ts';
import type { BatchSource } from '../plan/compile.ts';
import { type Tensor, writeRows } from '../plan/tensor.ts';

/** What a training run works on. */
export interface TrainingRun extends Examples {
  readonly batchSize: number;
  readonly optimizer: Optimizer;
  readonly shuffle: boolean;
  readonly seed: number;
  /** Counts the epochs of a network over all its runs, from 1: with the seed it decides the order of the examples. */
  readonly nextShuffle: () => number;
}

/**
 * The milliseconds a call into the core should take: long enough to amortise the call, short enough that the event loop, progress
 * and cancellation get their turn.
 */
const CALL_MILLISECONDS = 8;

/** Steps of a run's very first call, before its speed is known. */
const FIRST_STEPS = 1;

/**
 * Trains epoch after epoch on data it copies into linear memory once.
 *
 * `epoch()` is a generator that yields between calls into the core; whoever drives it decides what happens in the pauses.
 */
export class Trainer {
  readonly #engine: Engine;
  readonly #run: TrainingRun;
  readonly #source: BatchSource;
  readonly #regions: Tensor[] = [];
  readonly #whole: PlacedProgram | undefined;
  readonly #rest: PlacedProgram | undefined;
  /** Steps per call into the core, adapted to its speed. */
  #stepsPerCall = FIRST_STEPS;

  constructor(engine: Engine, run: TrainingRun) {
    this.#engine = engine;
    this.#run = run;
    const rows = run.x.rows;
    try {
      this.#source = this.#load();
      this.#whole = rows >= run.batchSize ? this.#place(run.batchSize) : undefined;
      this.#rest = rows % run.batchSize > 0 ? this.#place(rows % run.batchSize) : undefined;
    } catch (error) {
      this.free();
      throw error;
    }
    startOptimizer(engine, run.optimizer);
  }

  /**
   * Trains one epoch.
   *
   * @param epoch - 1 for the first of this run
   * @throws {NetworkError} `DIVERGED` when the cost of a batch is not finite; the parameters are those before that batch
   */
  *epoch(epoch: number): Generator<undefined, void> {
    const { x, batchSize } = this.#run;
    const engine = this.#engine;
    if (this.#run.shuffle) this.#shuffle(this.#run.nextShuffle());
    engine.set({ cursor: 0, cost: 0, examples: 0, correct: 0 });
    const steps = Math.floor(x.rows / batchSize);
    for (let step = 0; step < steps && this.#whole;) {
      const count = Math.min(this.#stepsPerCall, steps - step);
      this.#call(this.#whole, count, epoch);
      step += count;
      yield;
    }
    if (this.#rest) this.#call(this.#rest, 1, epoch);
  }

  /** Gives the memory of data and programs back. */
  free(): void {
    for (const { address } of this.#regions) this.#engine.arena.free(address);
    this.#whole?.free();
    this.#rest?.free();
  }

  #call(program: PlacedProgram, count: number, epoch: number): void {
    const started = performance.now();
    const completed = this.#engine.run(program, count);
    const elapsed = performance.now() - started;
    if (completed < count) {
      const batch = Math.floor(this.#engine.get('cursor') / this.#run.batchSize) + 1;
      throw diverged(`epoch ${epoch}, batch ${batch}`, this.#run.optimizer);
    }
    const pace = elapsed > 0 ? (count * CALL_MILLISECONDS) / elapsed : Infinity;
    this.#stepsPerCall = Math.max(1, Math.min(Math.round(pace), this.#stepsPerCall * 4));
  }

  #place(rows: number): PlacedProgram {
    const update = updateRule(this.#run.optimizer.kind);
    return this.#engine.place(rows, { kind: 'train', update, source: this.#source });
  }

  /** Copies the data set into linear memory. */
  #load(): BatchSource {
    const { x, y } = this.#run;
    const outputs = this.#engine.model.outputs;
    const features = this.#allocate('features', x.rows, x.columns);
    const targets =
      y.kind === 'labels'
        ? this.#allocate('labels', 1, x.rows)
        : this.#allocate('targets', x.rows, outputs);
    const order = this.#allocate('order', 1, x.rows);
    const { buffer } = this.#engine.core;
    writeRows(buffer, features, x.values);
    if (y.kind === 'values') writeRows(buffer, targets, y.values);
    else indices(buffer, targets).set(y.labels);
    indices(buffer, order).forEach((_, index, all) => (all[index] = index));
    return { x: features, y: targets, labels: y.kind === 'labels', order };
  }

  #allocate(name: string, rows: number, columns: number): Tensor {
    const tensor = this.#engine.allocate(name, rows, columns);
    this.#regions.push(tensor);
    return tensor;
  }

  /** Draws the order of the examples. */
  #shuffle(index: number): void {
    const { order } = this.#source;
    this.#engine.runOnce((builder) =>
      builder.emit({
        opcode: abi.OP_SHUFFLE,
        out: order,
        rows: order.columns,
        kind: abi.STREAM_SHUFFLE,
        seed: this.#run.seed,
        index,
        text: 'order = a random permutation',
      }),
    );
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

/** A one-row tensor of unsigned integers. */
function indices(buffer: ArrayBuffer, tensor: Tensor): Uint32Array {
  return new Uint32Array(buffer, tensor.address, tensor.columns);
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
