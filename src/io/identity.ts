import type { Examples } from '../data/reader.ts';
import type { ResolvedFitOptions } from '../training/options.ts';
import { type DataDigest, digestData } from './data-digest.ts';
import { clipped } from '../errors.ts';
import { mismatch } from './errors.ts';

/** What must be the same for a run to go on from a checkpoint. */
export interface RunIdentity {
  /** All options that decide what is computed, as plain JSON data. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Null for a stream, which nobody can look at beforehand. */
  readonly data: DataDigest | null;
  readonly validation: DataDigest | null;
}

/** Options that only say where a run is computed, how it is watched, stopped and kept; every other one decides what is computed. */
const watching: readonly string[] = [
  'signal',
  'validation',
  'metrics',
  'maxSeconds',
  'onProgress',
  'onEpoch',
  'warnings',
  'worker',
  'threads',
  'checkpoint',
  'resume',
];

const ADVICE = 'Resume with the options and data of the run that the checkpoint was taken of.';

/** Takes the identity of a run. */
export function identityOf(
  { step, ...rest }: ResolvedFitOptions,
  data: Examples | undefined,
  validation: Examples | undefined,
): RunIdentity {
  const options = Object.entries({ ...rest, ...step }).filter(([key]) => !watching.includes(key));
  return {
    options: plain(Object.fromEntries(options)),
    data: data ? digestData(data) : null,
    validation: validation ? digestData(validation) : null,
  };
}

/**
 * Checks that a run is the one a checkpoint was taken of.
 *
 * Without a schedule the number of epochs may be another one: no step depends on it.
 *
 * @param there - identity in the checkpoint
 * @throws {NetworkError} `MISMATCH`, naming the first difference
 */
export function checkSameRun(there: RunIdentity, here: RunIdentity): void {
  const { epochs: _there, ...theirOptions } = there.options;
  const { epochs: _here, ...ourOptions } = here.options;
  const isFree = theirOptions['schedule'] === undefined && ourOptions['schedule'] === undefined;
  checkSame(isFree ? theirOptions : there.options, isFree ? ourOptions : here.options, '');
  checkSame(there.data, here.data, 'data');
  checkSame(there.validation, here.validation, 'validation');
}

/**
 * Checks that plain data are the same.
 *
 * @param path - where they are in the caller's code
 * @throws {NetworkError} `MISMATCH`, naming the first difference
 */
export function checkSame(there: unknown, here: unknown, path: string): void {
  if (Object.is(there, here)) return;
  if (!isContainer(there) || !isContainer(here)) {
    throw mismatch(
      'resume',
      `${path} is ${text(here)} here, and ${text(there)} in the checkpoint. ${ADVICE}`,
    );
  }
  for (const key of new Set([...Object.keys(there), ...Object.keys(here)])) {
    checkSame(there[key], here[key], path ? `${path}.${key}` : key);
  }
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function text(value: unknown): string {
  return value === undefined ? 'not given' : clipped(JSON.stringify(value));
}

/** Options as JSON data. One function cannot be told from another. */
function plain(value: object): Record<string, unknown> {
  const replacer = (_: string, part: unknown): unknown => {
    if (ArrayBuffer.isView(part)) return Array.from(part as Float32Array);
    return typeof part === 'function' ? 'a function' : part;
  };
  return JSON.parse(JSON.stringify(value, replacer)) as Record<string, unknown>;
}
