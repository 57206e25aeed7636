import { costOfSteps } from './cost.ts';
import type { Model } from './model.ts';
import { writeOneHotLists, writeToken } from './nonzeros.ts';
import { loadSequence, writeSequences } from './sequence-data.ts';
import { createSequence } from './sequence.ts';
import { readSteps, writeSteps } from './tensor.ts';

/** What compiles networks with a time axis, which only they bring along. */
export interface TimeAxis {
  readonly createSequence: typeof createSequence;
  readonly costOfSteps: typeof costOfSteps;
  memoryAdvice(model: Model): string;
  readonly writeOneHotLists: typeof writeOneHotLists;
  readonly writeToken: typeof writeToken;
  readonly loadSequence: typeof loadSequence;
  readonly writeSequences: typeof writeSequences;
  readonly writeSteps: typeof writeSteps;
  readonly readSteps: typeof readSteps;
}

/** Compiles networks with a time axis. */
export const timeAxis: TimeAxis = {
  createSequence,
  costOfSteps,
  memoryAdvice,
  writeOneHotLists,
  writeToken,
  loadSequence,
  writeSequences,
  writeSteps,
  readSteps,
};

/** How a program over sequences needs less memory. */
function memoryAdvice({ sequence, layers }: Model): string {
  const less = 'Use a smaller batchSize, shorter sequences or smaller layers';
  if (layers.some(({ wholeSequences }) => wholeSequences)) return `${less}.`;
  const truncate = 'fit with truncate: k, which keeps only k steps of each sequence in memory';
  return sequence?.perStep
    ? `${less}, or ${truncate}.`
    : `${less}; or learn from a target per step, with returns: 'all' in recurrent layers, and ${truncate}.`;
}
