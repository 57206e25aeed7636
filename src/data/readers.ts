import { createEncoding } from './encoding.ts';
import { matchDataset } from './match.ts';
import { readSequences, readStep } from './sequences.ts';
import { readStepTargets } from './step-targets.ts';

/** What reads more than rows of numbers. */
export interface Readers {
  /** Data sets, and objects with named columns. */
  readonly matchDataset: typeof matchDataset;
  readonly createEncoding: typeof createEncoding;
  /** The data of networks with a time axis. */
  readonly readSequences: typeof readSequences;
  readonly readStep: typeof readStep;
  readonly readStepTargets: typeof readStepTargets;
}

/** Reads all data there are. */
export const readers: Readers = {
  matchDataset,
  createEncoding,
  readSequences,
  readStep,
  readStepTargets,
};
