import { examineFlow } from '../doctor/flow.ts';
import { printWarnings } from '../doctor/warnings.ts';
import { createCheckpoints } from './checkpoints.ts';
import { examinedDivergence } from './divergence.ts';
import { measurePredictions } from './measure-predictions.ts';
import { createRates } from './rates.ts';
import { slices } from './slices.ts';
import { captureMemory, createBackup, restoreMemory } from './state.ts';
import type { TrainerExtras } from './trainer.ts';
import { inWindows } from './windows.ts';

/** What a training run needs for more than to train with a constant rate and to report cost and accuracy. */
export interface RunExtras extends TrainerExtras {
  readonly createCheckpoints: typeof createCheckpoints;
  readonly measurePredictions: typeof measurePredictions;
  readonly slices: typeof slices;
  /** The doctor's look at a run that is over. */
  readonly examineFlow: typeof examineFlow;
  readonly printWarnings: typeof printWarnings;
}

/** Everything that a training run can have. */
export const runExtras: RunExtras = {
  inWindows,
  createRates,
  createBackup,
  captureMemory,
  restoreMemory,
  diverged: examinedDivergence,
  measurePredictions,
  slices,
  examineFlow,
  printWarnings,
  createCheckpoints,
};
