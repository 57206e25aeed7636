import type { Port } from '../worker/port.ts';
import { startThread } from './start.ts';

/** Who a helper works for. */
export interface Employer {
  /** Whether a run is in progress that counts on its helpers. */
  readonly busy: boolean;
  /** Sends a helper away, so that it can work for somebody else. */
  release(helper: Helper): void;
  /** A helper is no more; without a cause it never came to be, and nothing has relied on it. */
  lost(helper: Helper, cause?: unknown): void;
}

/** A thread that helps one network at a time, asleep while that has nothing to do. */
export class Helper {
  employer: Employer | undefined;
  /** Whether its script runs. */
  ready = false;
  /** Whether it has been told to end, which takes a while. */
  ending = false;
  readonly #port: Port;

  constructor() {
    this.#port = startThread({
      message: () => (this.ready = true),
      ended: (cause) => this.#ended(cause),
    });
  }

  /** Sends a job, to be taken up when the one before is over. */
  post(job: unknown): void {
    this.#port.post(job, []);
  }

  /** Ends the thread, whatever it is doing. */
  terminate(): void {
    this.ending = true;
    this.#port.terminate();
  }

  #ended(cause: unknown): void {
    if (!helpers.delete(this)) return;
    this.employer?.lost(this, this.ready ? cause : undefined);
    if (!this.ready) giveUp(SCRIPT_MISSING, cause);
  }
}

/** All helpers of the process, at work, asleep or without an employer. */
export const helpers: Set<Helper> = new Set();

/** Set when threads cannot be had here: then nobody tries again. */
let unavailable = false;

/**
 * A helper for `employer`: one that is free, or else one of a network that is not training, or else a new one.
 *
 * @returns `undefined` where threads cannot be had, after a warning
 */
export function hire(employer: Employer): Helper | undefined {
  if (unavailable) return undefined;
  const helper = findHelper() ?? startHelper();
  if (helper) helper.employer = employer;
  return helper;
}

function findHelper(): Helper | undefined {
  let found: Helper | undefined;
  for (const helper of helpers) {
    if (helper.ending) continue;
    if (!helper.employer) return helper;
    if (!helper.employer.busy) found = helper;
  }
  found?.employer?.release(found);
  return found;
}

function startHelper(): Helper | undefined {
  try {
    const helper = new Helper();
    helpers.add(helper);
    return helper;
  } catch (error) {
    giveUp(SCRIPT_MISSING, error);
    return undefined;
  }
}

/** What to do about a thread that never came to be. */
const SCRIPT_MISSING =
  'The script thread.js of this package must lie beside the script that contains it: make chainrule/thread an entry of your bundler.';

/** Says once that runs stay on one thread, what to do about it, and why. */
export function giveUp(mend: string, ...causes: unknown[]): void {
  if (unavailable) return;
  unavailable = true;
  console.warn(
    `chainrule: threads are not available here, so networks are trained on one thread (same results). ${mend}`,
    ...causes,
  );
}
