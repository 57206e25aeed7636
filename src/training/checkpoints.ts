import { checkInteger, checkKeys, checkNumber } from '../checks.ts';
import { describe, NetworkError } from '../errors.ts';
import { AtomicFile } from '../io/atomic.ts';
import {
  type CheckpointedRun,
  readCheckpoint,
  type Resumption,
  writeCheckpoint,
} from '../io/checkpoint.ts';
import { identityOf } from '../io/identity.ts';
import type { FitPlan } from './plan.ts';
import type { RunState } from './state.ts';
import { epochSteps } from './windows.ts';

/** A file that a run writes itself to, so that it can go on after a crash; in Node only. */
export interface CheckpointOptions {
  /** Path of the file. It is replaced as a whole: whenever the process is killed, the file holds the last state that was written to it. */
  readonly path: string;
  /**
   * How often: at the first pause between two calls into the core, which take a few milliseconds (25 in `fitSync`), after so many
   * seconds, epochs or steps (updates) since it was last written; 60 seconds when absent. Where several are given, the first to come
   * decides. The state at the end of training is written in any case.
   */
  readonly every?: {
    readonly seconds?: number;
    readonly epochs?: number;
    readonly steps?: number;
  };
}

/** Checked checkpoint options. */
export interface ResolvedCheckpoint {
  readonly path: string;
  readonly seconds: number;
  readonly epochs: number;
  readonly steps: number;
}

const DEFAULT_SECONDS = 60;

/** Checks the option `checkpoint`. */
export function resolveCheckpoint(
  value: CheckpointOptions | undefined,
): ResolvedCheckpoint | undefined {
  if (value === undefined) return undefined;
  checkKeys(value, ['path', 'every'], 'checkpoint');
  const { path, every = { seconds: DEFAULT_SECONDS } } = value;
  if (typeof path !== 'string') {
    throw new TypeError(`checkpoint.path: expected a string, got ${describe(path)}.`);
  }
  if (path === '') throw new RangeError("checkpoint.path: expected the path of a file, got ''.");
  const where = 'checkpoint.every';
  checkKeys(every, ['seconds', 'epochs', 'steps'], where);
  if (Object.keys(every).length === 0) {
    throw new RangeError(`${where}: expected seconds, epochs or steps, got none of them.`);
  }
  const { seconds, epochs = Infinity, steps = Infinity } = every;
  return {
    path,
    seconds:
      seconds === undefined
        ? Infinity
        : checkNumber(seconds, `${where}.seconds`, { low: 0, above: true }),
    epochs: epochs === Infinity ? epochs : checkInteger(epochs, `${where}.epochs`, 1),
    steps: steps === Infinity ? steps : checkInteger(steps, `${where}.steps`, 1),
  };
}

/** What of a run's plan a checkpoint is about. */
type RunPlan = Pick<FitPlan, 'spec' | 'engine' | 'options' | 'training' | 'validation'>;

/**
 * Reads what a run goes on from, if it does.
 *
 * @throws {TypeError | NetworkError} as {@link readCheckpoint}; nothing is changed
 */
export function readResumption(plan: RunPlan): Resumption | undefined {
  const { resume } = plan.options;
  return resume === undefined ? undefined : readCheckpoint(resume, runOf(plan));
}

function runOf({ spec, engine, options, training, validation }: RunPlan): CheckpointedRun {
  return {
    spec,
    engine,
    identity: identityOf(options, training, validation),
    steps: training && epochSteps(training.x, training.truncate, training.batchSize),
  };
}

/** The error of a checkpoint that is asked for when there is nothing to go on with. */
export function endedError(): NetworkError {
  return new NetworkError(
    'ENDED',
    'this run has come to its end, so there is nothing to go on with. Save the network with net.save().',
  );
}

interface Moment {
  readonly milliseconds: number;
  readonly epochs: number;
  readonly steps: number;
}

/** Makes what keeps a run. */
export function createCheckpoints(plan: RunPlan): Checkpoints {
  return new Checkpoints(plan);
}

/** The checkpoints of a run: as bytes whenever somebody asks, and as a file now and then where the options say so. */
export class Checkpoints {
  readonly #plan: RunPlan;
  readonly #file: AtomicFile | undefined;
  /** Known once it is needed: it takes a look at all data. */
  #run: CheckpointedRun | undefined;
  /** How many steps the run had made when the file was written; undefined before. */
  #inFile: number | undefined;
  /** When, and how far in the run, the file was written last; or would have been at the start. */
  #written: Moment = { milliseconds: performance.now(), epochs: 0, steps: 0 };

  /** @throws {NetworkError} `WRITE_FAILED` when the path can never be written */
  constructor(plan: RunPlan) {
    this.#plan = plan;
    const { checkpoint } = plan.options;
    this.#file = checkpoint && new AtomicFile(checkpoint.path);
  }

  /** The bytes of a checkpoint. */
  encode(state: RunState): Uint8Array<ArrayBuffer> {
    this.#run ??= runOf(this.#plan);
    return writeCheckpoint(this.#run, state);
  }

  /** The run begins, or goes on, at this point. */
  begin(epochs: number, steps: number): void {
    this.#written = { milliseconds: performance.now(), epochs, steps };
  }

  /** Epochs that may run in one call, so that none is missed after which the file is to be written. */
  epochsLeft(epochs: number): number {
    const { checkpoint } = this.#plan.options;
    return checkpoint ? Math.max(1, this.#written.epochs + checkpoint.epochs - epochs) : Infinity;
  }

  /** Whether it is time to write the file, so many epochs and steps into the run. */
  isDue(epochs: number, steps: number): boolean {
    const { checkpoint } = this.#plan.options;
    if (!checkpoint) return false;
    const last = this.#written;
    return (
      steps - last.steps >= checkpoint.steps ||
      epochs - last.epochs >= checkpoint.epochs ||
      performance.now() - last.milliseconds >= 1000 * checkpoint.seconds
    );
  }

  /**
   * Writes the file, where there is one and the run has gone on since.
   *
   * @throws {NetworkError} `WRITE_FAILED`, naming the path; what was written before is still there
   */
  write(capture: () => RunState, epochs: number, steps: number): void {
    if (!this.#file || this.#inFile === steps) return;
    this.#file.write(this.encode(capture()));
    this.#inFile = steps;
    this.begin(epochs, steps);
  }
}
