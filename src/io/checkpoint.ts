import type { Engine } from '../engine.ts';
import { registerNames } from '../registers.ts';
import { sequences } from '../nn/layers/sequences.ts';
import { momentCount, type Optimizer } from '../nn/optimizers.ts';
import type { NetworkSpec } from '../nn/spec.ts';
import type { Normalizer } from '../plan/normalization.ts';
import type { Memory, Progress, RunState } from '../training/state.ts';
import { readContainer, writeContainer } from './container.ts';
import { badFile, mismatch } from './errors.ts';
import { checkSame, checkSameRun, type RunIdentity } from './identity.ts';
import {
  networkTensors,
  normalizerOf,
  plainSpec,
  rangeShapes,
  rangeTensors,
  RUN_PREFIX,
  tensorsOf,
  withoutRun,
} from './model.ts';
import { toJsonValue } from './plain.ts';
import { readReports, readRegisters, readRun, type RunDocument } from './run-document.ts';
import type { TensorValues } from './dtypes.ts';
import type { StateDict, StateTensor } from './safetensors.ts';
import { takeTensors } from './tensors.ts';
import type { EpochSteps } from '../training/windows.ts';

const WHERE = 'resume';
const REGISTERS = `${RUN_PREFIX}registers`;
const REPORTS = `${RUN_PREFIX}reports`;
const BEST = `${RUN_PREFIX}best.`;
const STATE = `${RUN_PREFIX}state`;
const moment = (index: number): string => `${RUN_PREFIX}moment${index + 1}.`;

/** The run that a checkpoint is of. */
export interface CheckpointedRun {
  readonly spec: NetworkSpec;
  readonly engine: Engine;
  readonly identity: RunIdentity;
  /** Undefined where the batches come as they please. */
  readonly steps: EpochSteps | undefined;
}

/** What a run goes on from. */
export interface Resumption {
  readonly state: RunState;
  readonly normalizer: Normalizer | undefined;
}

/**
 * Writes a run as a safetensors file, which is a file of its network at the same time.
 *
 * Besides the tensors of the network, all in the user's shape:
 *
 * - `run.moment1.layers.0.W` and so on: the optimizer's moments
 * - `run.best.layers.0.W` and so on: the parameters of the best epoch, where early stopping keeps them
 * - `run.state1` and so on: the states that recurrent layers go on with in the next window
 * - `run.registers`: the state block of the core (f64)
 * - `run.reports`: the reports as JSON (UTF-8), which may be longer than a header is allowed to be
 *
 * The rest is in the metadata.
 */
export function writeCheckpoint(
  { spec, engine, identity }: CheckpointedRun,
  { position, progress, memory, seconds }: RunState,
): Uint8Array<ArrayBuffer> {
  const { registers, parameters, moments, states } = memory;
  const { reports, best, ...rest } = progress;
  const text = new TextEncoder().encode(JSON.stringify(toJsonValue(reports)));
  const values = Float64Array.from(registerNames, (name) => registers[name]);
  const tensors: StateDict = {
    ...networkTensors(engine, parameters),
    ...Object.assign({}, ...moments.map((range, k) => rangeTensors(engine, range, moment(k)))),
    ...(best && rangeTensors(engine, best, BEST)),
    ...Object.fromEntries(states.map((values, k) => [STATE + (k + 1), vector(values)])),
    [REGISTERS]: vector(values),
    [REPORTS]: vector(text),
  };
  const run: RunDocument = {
    identity,
    position,
    progress: rest,
    seconds,
    registers: registerNames,
  };
  const counters = { epochs: registers.epoch, updates: registers.updates };
  return writeContainer({ spec: plainSpec(spec), counters, run: toJsonValue(run) }, tensors);
}

/**
 * Reads what {@link writeCheckpoint} wrote, for the same run. Nothing is changed.
 *
 * @throws {TypeError} when `bytes` is no Uint8Array or ArrayBuffer
 * @throws {NetworkError} `BAD_FILE` for a damaged file; `MISMATCH` when it is of another network, or its run had other options or data
 */
export function readCheckpoint(bytes: unknown, here: CheckpointedRun): Resumption {
  const { document, tensors } = readContainer(bytes, ['spec', 'counters', 'run'], WHERE);
  if (document.run === undefined) {
    throw mismatch(WHERE, 'expected what run.checkpoint() gave; this file is of a network alone.');
  }
  const run = readRun(document.run, WHERE);
  checkSame(document.spec, plainSpec(here.spec), 'spec');
  checkSameRun(run.identity, here.identity);
  const epochs = here.identity.options['epochs'] as number;
  if (run.position.epoch > epochs) {
    throw mismatch(
      WHERE,
      `epochs is ${epochs} here, and ${run.position.epoch} are done in the checkpoint.`,
    );
  }

  const network = withoutRun(tensors);
  const expected = tensorsOf(document.spec, Object.keys(network), WHERE, sequences);
  const values = takeTensors(expected, network, (problem) => badFile(WHERE, problem));
  const { layout } = here.engine;
  const { kind } = here.identity.options['optimizer'] as Optimizer;
  const moments = Array.from({ length: momentCount(kind) }, (_, k) => moment(k));
  const memory: Memory = {
    registers: readRegisters(tensors[REGISTERS]?.values, run, here.steps, WHERE),
    parameters: layout.join(values),
    moments: moments.map((prefix) => readRange(tensors, prefix, here.engine)),
    states: readStates(tensors),
  };
  const hasBest = Object.keys(tensors).some((name) => name.startsWith(BEST));
  const progress: Progress = {
    ...run.progress,
    reports: readReports(tensors[REPORTS]?.values, run, WHERE),
    best: hasBest ? readRange(tensors, BEST, here.engine) : undefined,
  };
  return {
    state: { position: run.position, progress, memory, seconds: run.seconds },
    normalizer: normalizerOf(here.engine, values),
  };
}

/** The states that recurrent layers go on with, as many as there are. */
function readStates(tensors: StateDict): Float32Array[] {
  const states: Float32Array[] = [];
  for (;;) {
    const values = tensors[STATE + (states.length + 1)]?.values;
    if (!(values instanceof Float32Array)) return states;
    states.push(values);
  }
}

/** A flat range of the tensors whose names begin with `prefix`. Moments may have overflowed, so any number will do. */
function readRange(tensors: StateDict, prefix: string, engine: Engine): Float32Array {
  const own = Object.entries(tensors).filter(([name]) => name.startsWith(prefix));
  const expected = rangeShapes(engine, prefix);
  const values = takeTensors(
    expected,
    Object.fromEntries(own),
    (problem) => badFile(WHERE, problem),
    true,
  );
  return engine.layout.join(values);
}

function vector(values: TensorValues): StateTensor {
  return { shape: [values.length], values };
}
