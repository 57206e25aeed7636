import type { Engine } from '../engine.ts';
import { NetworkError } from '../errors.ts';
import type { FitPlan } from '../training/plan.ts';
import type { History } from '../training/history.ts';
import { eventLoop } from '../training/run.ts';
import { giveBack, type Host, takeHost, WorkerUnavailable } from './host.ts';
import type { Ending, Slice, TrainingOrder } from './messages.ts';
import type { WorkerSetup } from './options.ts';
import { planOn, Training } from './training.ts';

/** Where a training run takes place. */
export interface TrainingSource {
  /** Trains for a while, or until the next report when somebody watches. */
  advance(watched: boolean): Promise<Slice>;
  /** The bytes of a checkpoint. */
  checkpoint(): Promise<Uint8Array<ArrayBuffer>>;
  /** Ends the run. */
  finish(stoppedBy: History['stoppedBy']): Promise<Ending>;
  /** Lets go of a run that is over. @param finished - false when it broke off and something may be left of it */
  close(finished: boolean): void;
}

/**
 * Begins a run in a worker; or on this thread, after a warning, where there can be no worker.
 *
 * @param engine - the network on this side
 * @param transfer - the buffers of the order, which go over to the worker
 * @throws {NetworkError} `WORKER_LOST` when the user's own way of starting a worker fails
 */
export async function openSource(
  engine: Engine,
  order: TrainingOrder,
  transfer: ArrayBuffer[],
  setup: WorkerSetup,
): Promise<TrainingSource> {
  const host = await takeHost(setup).catch((error: unknown) => {
    if (!(error instanceof WorkerUnavailable)) throw error;
    if (setup.create) throw notStarted(error);
    warnOnce(error);
    return undefined;
  });
  if (!host) return new SourceHere(planOn(engine, order));
  await host.request({ kind: 'begin', order }, transfer);
  return new SourceInWorker(host);
}

class SourceInWorker implements TrainingSource {
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  advance(watched: boolean): Promise<Slice> {
    return this.#host.request({ kind: 'advance', watched }) as Promise<Slice>;
  }

  async checkpoint(): Promise<Uint8Array<ArrayBuffer>> {
    const reply = await this.#host.request({ kind: 'checkpoint' });
    return (reply as { readonly checkpoint: Uint8Array<ArrayBuffer> }).checkpoint;
  }

  finish(stoppedBy: History['stoppedBy']): Promise<Ending> {
    return this.#host.request({ kind: 'finish', stoppedBy }) as Promise<Ending>;
  }

  close(finished: boolean): void {
    if (finished) giveBack(this.#host);
    else this.#host.terminate();
  }
}

/** Milliseconds of training in a row on the thread that others use too. */
const TURN_MILLISECONDS = 8;

class SourceHere implements TrainingSource {
  readonly #training: Training;

  constructor(plan: FitPlan) {
    this.#training = new Training(plan, TURN_MILLISECONDS);
  }

  async advance(watched: boolean): Promise<Slice> {
    await eventLoop();
    return this.#training.advance(watched);
  }

  async checkpoint(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#training.checkpoint();
  }

  async finish(stoppedBy: History['stoppedBy']): Promise<Ending> {
    return this.#training.finish(stoppedBy);
  }

  close(finished: boolean): void {
    if (!finished) this.#training.finish('abort');
  }
}

function notStarted(error: WorkerUnavailable): NetworkError {
  return new NetworkError(
    'WORKER_LOST',
    `worker.create: the worker could not be started: ${error.message}. It must run the module chainrule/worker.`,
    error.cause,
  );
}

let warned = false;

function warnOnce({ cause }: WorkerUnavailable): void {
  if (warned) return;
  warned = true;
  console.warn(
    'chainrule: a worker cannot be started here, so networks are trained on this thread (same results). ' +
      'The script worker.js of this package must lie beside the script that contains it: make chainrule/worker an entry of your bundler.',
    cause,
  );
}
