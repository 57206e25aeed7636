import { NetworkError, type NetworkErrorCode } from '../errors.ts';
import type { Normalizer } from '../plan/normalization.ts';
import type { CoreName } from '../core/core.ts';
import type { NetworkSpec } from '../nn/spec.ts';
import type { FitPlan } from '../training/plan.ts';
import type { EpochReport, History, ProgressReport } from '../training/history.ts';
import type { Memory } from '../training/state.ts';
import type { TrainingRun } from '../training/trainer.ts';

/** A training run as it is sent to a worker: the network as it stands, the data and the options. */
export interface TrainingOrder {
  readonly spec: NetworkSpec;
  readonly core: CoreName | 'auto';
  readonly memory: Memory;
  readonly normalizer: Normalizer | undefined;
  readonly plan: Omit<FitPlan, 'engine' | 'createTrainer' | 'extras' | 'training'>;
  readonly training: TrainingRun;
}

/** What a worker is asked for. */
export type Order =
  /** Nothing but a sign of life. */
  | { readonly kind: 'hello' }
  | { readonly kind: 'begin'; readonly order: TrainingOrder }
  /** Train for a while, or, when somebody watches, until the next report. */
  | { readonly kind: 'advance'; readonly watched: boolean }
  /** The bytes of a checkpoint. */
  | { readonly kind: 'checkpoint' }
  | { readonly kind: 'finish'; readonly stoppedBy: History['stoppedBy'] };

/** A part of a training run. */
export interface Slice {
  /** The epochs completed in it. */
  readonly reports: readonly EpochReport[];
  /** What the network's memory holds at the end of it; absent when no epoch was completed. */
  readonly memory?: Memory;
  /** How far training is; undefined before the first step. */
  readonly progress: ProgressReport | undefined;
  /** Why training is over. */
  readonly end?: History['stoppedBy'];
  /** What put an end to it. */
  readonly failure?: PlainError;
}

/** The end of a training run. */
export interface Ending {
  /** The history without its reports, which have been sent. */
  readonly summary: Omit<History, 'reports'>;
  readonly memory: Memory;
  /** Of a run that was stopped before its end. */
  readonly checkpoint?: Uint8Array<ArrayBuffer>;
}

/** A request and the reply to it have the same number. */
export interface Request {
  readonly id: number;
  readonly order: Order;
}

/** The reply to a request. */
export type Reply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: PlainError };

/** An error as plain data, because a copy of an error loses its class and code. */
export interface PlainError {
  readonly name: string;
  readonly message: string;
  readonly code?: NetworkErrorCode;
}

/** Takes an error apart. */
export function plainError(error: unknown): PlainError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { name, message } = error;
  return error instanceof NetworkError ? { name, message, code: error.code } : { name, message };
}

/** Puts it together again: the same class, code and message. */
export function revivedError({ name, message, code }: PlainError): Error {
  if (code !== undefined) return new NetworkError(code, message);
  if (name === 'TypeError') return new TypeError(message);
  return name === 'RangeError' ? new RangeError(message) : new Error(message);
}

/**
 * A deep copy of plain data in which every typed array has a buffer of its own, to be transferred: the caller's are never taken
 * away, and of a small part of a large buffer only that part is copied.
 *
 * @param transfer - the buffers of the copy are added to it
 * @param where - path of the value, for the error
 * @throws {TypeError} for a function, which no worker can receive
 */
export function transferable<T>(value: T, transfer: ArrayBuffer[], where: string): T {
  return copy(value, where) as T;

  function copy(part: unknown, path: string): unknown {
    if (typeof part === 'function') {
      throw new TypeError(
        `${path}: a function cannot be sent to a worker. Train without one: worker: false.`,
      );
    }
    if (typeof part !== 'object' || part === null) return part;
    if (ArrayBuffer.isView(part)) {
      const values = (part as Float32Array).slice();
      transfer.push(values.buffer);
      return values;
    }
    if (Array.isArray(part)) return part.map((item, index) => copy(item, `${path}[${index}]`));
    const entries = Object.entries(part).map(([key, item]) => [key, copy(item, `${path}.${key}`)]);
    return Object.fromEntries(entries) as unknown;
  }
}
