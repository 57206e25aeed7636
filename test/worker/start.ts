import { resolve } from 'node:path';
import { Worker } from 'node:worker_threads';

/** The script of the worker as it is published. */
const SCRIPT = resolve('build/worker.js');

/** A worker that the tests can look into. */
export interface Started {
  readonly worker: Worker;
  /** Messages it has sent. */
  replies: number;
}

/** Starts workers for tests and remembers them. */
export class Workers {
  readonly started: Started[] = [];

  /** For the option `worker`. */
  readonly create = (): Worker => {
    const started: Started = { worker: new Worker(SCRIPT), replies: 0 };
    started.worker.on('message', () => started.replies++);
    this.started.push(started);
    return started.worker;
  };

  /** The one started last. */
  get last(): Started {
    return this.started.at(-1)!;
  }

  async end(): Promise<void> {
    for (const { worker } of this.started) await worker.terminate();
  }
}

/** Starts a worker that replies to the first message, as a healthy one would, and then hangs for ever. */
export function createHanging(): Worker {
  const source = `
    const { parentPort } = require('node:worker_threads');
    parentPort.onmessage = ({ data: { id, order } }) => {
      if (order.kind !== 'hello') for (;;);
      parentPort.postMessage({ id, value: undefined });
    };`;
  return new Worker(source, { eval: true });
}
