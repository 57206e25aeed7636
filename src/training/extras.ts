import type { Readers } from '../data/readers.ts';
import type { weighClasses } from '../data/weights.ts';
import type { batchDiverged } from '../doctor/divergence.ts';
import type { Doctor } from '../doctor/doctor.ts';
import type { ResolvedSpec } from '../nn/spec.ts';
import type { runInWorker } from '../worker/run.ts';
import type { checkMetrics } from '../metrics/names.ts';
import type { checkStateful, createCarried } from './carried.ts';
import type { readResumption } from './checkpoints.ts';
import type { OptionExtras } from './options.ts';
import type { planStream } from './plan-stream.ts';
import type { RunExtras } from './run-extras.ts';
import type { checkWindows } from './windows.ts';

/**
 * What a session can do besides training on examples in memory. `chainrule` has all of it (see `src/extras.ts`), its small entries none:
 * they are to have no line of code that a page which trains does not need.
 */
export interface Extras extends OptionExtras, RunExtras {
  /** Read more than rows of numbers. */
  readonly readers: Readers;
  /** Windows of long sequences. */
  readonly checkWindows: typeof checkWindows;
  /** Batches that go on with the sequences of those before. */
  readonly createCarried: typeof createCarried;
  readonly checkStateful: typeof checkStateful;
  readonly weighClasses: typeof weighClasses;
  readonly checkMetrics: typeof checkMetrics;
  /** Looks at data before they are trained on. */
  createDoctor(resolved: ResolvedSpec, columnNames: readonly string[] | undefined): Doctor;
  /** The error of a single step whose numbers are no longer finite. */
  readonly batchDiverged: typeof batchDiverged;
  readonly readResumption: typeof readResumption;
  /** Training on batches as they come. */
  readonly planStream: typeof planStream;
  readonly runInWorker: typeof runInWorker;
}
