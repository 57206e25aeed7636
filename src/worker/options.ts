import { checkKeys, checkNumber } from '../checks.ts';
import { describe } from '../errors.ts';

/** A worker of the web, or of Node's `worker_threads`. */
export interface WorkerLike {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  terminate(): unknown;
}

/** How training in a worker is done. */
export interface WorkerOptions {
  /**
   * Starts a worker that runs the module `chainrule/worker`. Needed only where that script is not found by itself: by bundlers that
   * leave `new URL('./worker.js', import.meta.url)` as it is and copy nothing.
   */
  readonly create?: () => WorkerLike;
  /** Seconds without a sign of life after which the worker is given up; 60 when absent. One training step must take less. */
  readonly timeoutSeconds?: number;
}

/** Checked options. */
export interface WorkerSetup {
  readonly create: (() => WorkerLike) | undefined;
  readonly timeoutSeconds: number;
}

/**
 * Checks the option `worker`.
 *
 * @returns undefined for training without a worker
 */
export function resolveWorker(value: unknown): WorkerSetup | undefined {
  if (value === undefined || value === false) return undefined;
  if (value !== true && typeof value !== 'object') {
    throw new TypeError(
      `worker: expected true, false or { create, timeoutSeconds }, got ${describe(value)}.`,
    );
  }
  const options = value === true ? {} : (value as WorkerOptions);
  checkKeys(options, ['create', 'timeoutSeconds'], 'worker');
  const { create, timeoutSeconds = 60 } = options;
  if (create !== undefined && typeof create !== 'function') {
    throw new TypeError(
      `worker.create: expected a function that starts a worker, got ${describe(create)}.`,
    );
  }
  checkNumber(timeoutSeconds, 'worker.timeoutSeconds', { low: 0, above: true });
  return { create, timeoutSeconds };
}
