import type { Examples } from '../data/reader.ts';
import type { TrainingWarning } from '../doctor/warnings.ts';
import type { Engine } from '../engine.ts';
import type { NetworkSpec } from '../nn/spec.ts';
import type { Measures } from './measures.ts';
import type { ResolvedFitOptions } from './options.ts';
import type { RunExtras } from './run-extras.ts';
import type { RunState } from './state.ts';
import type { Training, TrainingRun } from './trainer.ts';

/** Everything a run needs, checked and read. */
export interface FitPlan {
  readonly engine: Engine;
  readonly spec: NetworkSpec;
  readonly options: ResolvedFitOptions;
  /** Places what trains in memory, in calls of so many milliseconds. */
  readonly createTrainer: (milliseconds?: number) => Training;
  /** What a run can have besides the cost and the accuracy; nothing of it when absent. */
  readonly extras?: RunExtras | undefined;
  /** The data that are in memory as a whole, and how they are gone through; undefined for a stream. */
  readonly training: TrainingRun | undefined;
  /** State of a run to go on with, of the same network, data and options; a new run when absent. */
  readonly from?: RunState | undefined;
  readonly validation: Examples | undefined;
  readonly measures: Measures;
  /** What the doctor has found in the data. */
  readonly warnings: readonly TrainingWarning[];
  readonly seed: number;
}
