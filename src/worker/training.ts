import { createCore } from '../core/create.ts';
import { Engine } from '../engine.ts';
import { sequences } from '../nn/layers/sequences.ts';
import { resolveSpec } from '../nn/spec.ts';
import { threads } from '../threads/threads.ts';
import { canGoOn, Fit } from '../training/fit.ts';
import type { History } from '../training/history.ts';
import type { FitPlan } from '../training/plan.ts';
import { captureMemory, type Memory, restoreMemory } from '../training/state.ts';
import { runExtras } from '../training/run-extras.ts';
import { Trainer } from '../training/trainer.ts';
import { type Ending, plainError, type Slice, type TrainingOrder } from './messages.ts';

/** A training run made in slices of time. */
export class Training {
  readonly #engine: Engine;
  readonly #fit: Fit;
  readonly #sliceMilliseconds: number;
  #over: Pick<Slice, 'end' | 'failure'> | undefined;

  constructor(plan: FitPlan, sliceMilliseconds: number) {
    this.#engine = plan.engine;
    this.#fit = new Fit(plan);
    this.#sliceMilliseconds = sliceMilliseconds;
  }

  /** Trains until the slice is over or, when somebody watches, until the next report. After the end it does nothing more. */
  advance(watched: boolean): Slice {
    const fit = this.#fit;
    const known = fit.reports.length;
    const until = performance.now() + this.#sliceMilliseconds;
    fit.watched = watched;
    fit.clock.resume();
    do {
      this.#over ??= this.#call();
    } while (!this.#over && performance.now() < until && !(watched && fit.reports.length > known));
    // What passes between slices is not training.
    fit.clock.pause();
    const reports = fit.reports.slice(known);
    const progress = fit.progress;
    if (reports.length === 0 && !this.#over) return { reports, progress };
    return { reports, progress, memory: this.#memory(), ...this.#over };
  }

  /** Ends the run and sums it up. */
  finish(stoppedBy: History['stoppedBy']): Ending {
    const { reports: _, ...summary } = this.#fit.finish(stoppedBy);
    this.#fit.free();
    const memory = this.#memory();
    if (!canGoOn(stoppedBy)) return { summary, memory };
    return { summary, memory, checkpoint: this.#fit.checkpoint() };
  }

  /** The bytes of a checkpoint. */
  checkpoint(): Uint8Array<ArrayBuffer> {
    return this.#fit.checkpoint();
  }

  /** One call into the core; what it returns puts an end to the run. */
  #call(): Pick<Slice, 'end' | 'failure'> | undefined {
    try {
      const end = this.#fit.advance();
      return end && { end };
    } catch (error) {
      this.#fit.restoreBest();
      return { failure: plainError(error) };
    }
  }

  /** The moments stay here: every run begins with its own. */
  #memory(): Memory {
    return captureMemory(this.#engine, 0);
  }
}

/** Makes a network like the one that was sent, to train it here. */
export function receive(order: TrainingOrder): FitPlan {
  const { spec, core, memory, normalizer } = order;
  const engine = new Engine(createCore(core), resolveSpec(spec, sequences).model, threads);
  restoreMemory(engine, memory);
  const { normalization } = engine.model;
  if (normalization) normalization.normalizer = normalizer;
  return planOn(engine, order);
}

/** The plan of a run that was sent, for a network that is here. */
export function planOn(engine: Engine, { plan, training }: TrainingOrder): FitPlan {
  const createTrainer = (): Trainer => new Trainer(engine, training, runExtras);
  return { ...plan, engine, training, createTrainer, extras: runExtras };
}
