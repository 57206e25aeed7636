import { readers } from './data/readers.ts';
import { weighClasses } from './data/weights.ts';
import { batchDiverged } from './doctor/divergence.ts';
import { Doctor } from './doctor/doctor.ts';
import { checkMetrics } from './metrics/names.ts';
import { checkSchedule } from './nn/schedules.ts';
import { checkStateful, createCarried } from './training/carried.ts';
import { readResumption, resolveCheckpoint } from './training/checkpoints.ts';
import type { Extras } from './training/extras.ts';
import { planStream } from './training/plan-stream.ts';
import { runExtras } from './training/run-extras.ts';
import { checkTruncate, checkWindows } from './training/windows.ts';
import { resolveWorker } from './worker/options.ts';
import { runInWorker } from './worker/run.ts';

/** What `chainrule` has and its small entries leave out. */
export const extras: Extras = {
  ...runExtras,
  readers,
  checkTruncate,
  checkWindows,
  createCarried,
  checkStateful,
  weighClasses,
  checkSchedule,
  checkMetrics,
  createDoctor: (resolved, columnNames) => new Doctor(resolved, columnNames),
  batchDiverged,
  resolveCheckpoint,
  readResumption,
  planStream,
  resolveWorker,
  runInWorker,
};
