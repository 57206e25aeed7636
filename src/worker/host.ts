import { NetworkError } from '../errors.ts';
import { type Order, type Reply, revivedError } from './messages.ts';
import type { WorkerLike, WorkerSetup } from './options.ts';
import { connect, type Port, startWorker } from './port.ts';

/** The worker could not be started: its script was not found, or a policy forbids it. */
export class WorkerUnavailable extends Error {}

/** How often the silence of a worker is looked at before it is given up. A machine that slept notices only one of these. */
const LOOKS = 10;

/** Who waits for a reply. */
interface Waiting {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** A worker with its requests, each answered once; it is lost when it ends or says nothing for too long. */
export class Host {
  readonly #create: WorkerSetup['create'];
  readonly #port: Port;
  readonly #waiting: Map<number, Waiting> = new Map();
  #requests = 0;
  #timeoutSeconds = 0;
  #watch: ReturnType<typeof setInterval> | undefined;
  #silentLooks = 0;
  #heard = false;
  #lost: Error | undefined;

  /** @throws when the worker cannot be started at once */
  constructor({ create }: WorkerSetup) {
    this.#create = create;
    const worker: WorkerLike = create ? create() : startWorker();
    this.#port = connect(worker, {
      message: (reply) => this.#receive(reply as Reply),
      ended: (cause) => this.#end(cause),
    });
  }

  /** Whether it was started as `setup` asks for, and still works. */
  suits({ create }: WorkerSetup): boolean {
    return this.#create === create && !this.#lost;
  }

  /** Uses it from now on as `setup` asks for. */
  adopt({ timeoutSeconds }: WorkerSetup): void {
    this.#timeoutSeconds = timeoutSeconds;
  }

  /**
   * Asks the worker for something.
   *
   * @param transfer - buffers that go over instead of being copied
   * @returns its reply; rejected with its error, or when the worker is lost
   */
  request(order: Order, transfer: ArrayBuffer[] = []): Promise<unknown> {
    if (this.#lost) return Promise.reject(this.#lost);
    const id = ++this.#requests;
    this.#port.post({ id, order }, transfer);
    if (this.#waiting.size === 0) this.#startWatch();
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  /** Ends the worker, whatever it is doing. */
  terminate(): void {
    this.#port.terminate();
    this.#end('it was stopped');
  }

  #receive(reply: Reply): void {
    this.#heard = true;
    this.#silentLooks = 0;
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (this.#waiting.size === 0) this.#stopWatch();
    if ('error' in reply) waiting?.reject(revivedError(reply.error));
    else waiting?.resolve(reply.value);
  }

  /** Watches while a reply is due, and only then keeps a Node process alive. */
  #startWatch(): void {
    this.#silentLooks = 0;
    this.#port.keepAlive(true);
    this.#watch = setInterval(() => this.#look(), (this.#timeoutSeconds * 1000) / LOOKS);
  }

  #stopWatch(): void {
    clearInterval(this.#watch);
    this.#port.keepAlive(false);
  }

  #look(): void {
    if (++this.#silentLooks < LOOKS) return;
    this.#end(`it has said nothing for ${this.#timeoutSeconds} seconds`);
    this.#port.terminate();
  }

  #end(cause: unknown): void {
    if (this.#lost) return;
    this.#lost = this.#heard ? lost(cause) : new WorkerUnavailable(String(cause), { cause });
    this.#stopWatch();
    for (const { reject } of this.#waiting.values()) reject(this.#lost);
    this.#waiting.clear();
  }
}

function lost(cause: unknown): NetworkError {
  return new NetworkError(
    'WORKER_LOST',
    `the worker that was training is lost: ${cause instanceof Error ? cause.message : String(cause)}. ` +
      'The network has the parameters of the last epoch that was reported; fit trains on from there, in a new worker.',
    cause,
  );
}

/** The worker that is kept for the next run. */
let idle: Host | undefined;

/** Set when the script of this package could not be started: then nobody tries again. */
let unavailable: WorkerUnavailable | undefined;

/**
 * A worker for one run, kept from an earlier one or new.
 *
 * @throws {WorkerUnavailable} when there can be none
 */
export async function takeHost(setup: WorkerSetup): Promise<Host> {
  const kept = idle;
  if (kept?.suits(setup)) {
    idle = undefined;
    kept.adopt(setup);
    return kept;
  }
  if (!setup.create && unavailable) throw unavailable;
  try {
    const host = new Host(setup);
    host.adopt(setup);
    await host.request({ kind: 'hello' });
    return host;
  } catch (error) {
    const refusal =
      error instanceof WorkerUnavailable
        ? error
        : new WorkerUnavailable(String(error), { cause: error });
    if (!setup.create) unavailable = refusal;
    throw refusal;
  }
}

/** Gives a worker back that has nothing left to do: one is kept, others end. */
export function giveBack(host: Host): void {
  idle?.terminate();
  idle = host;
}
