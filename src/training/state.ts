import type { Engine } from '../engine.ts';
import { type Register, registerNames } from '../registers.ts';
import { NetworkError } from '../errors.ts';
import { readRows, type Tensor, writeRows } from '../plan/tensor.ts';
import type { Backup } from '../threads/team.ts';
import type { EpochReport } from './history.ts';
import { type MonitorState, newMonitorState } from './monitor.ts';

/** Where in its data a run is: between two steps. */
export interface Position {
  /** Whole epochs completed. */
  readonly epoch: number;
  /** Steps made in the epoch at hand; 0 before it has begun. */
  readonly step: number;
  /** Milliseconds in the core so far for the epoch at hand. */
  readonly milliseconds: number;
}

/** What the bookkeeping between epochs remembers. */
export interface Progress {
  /** One report per completed epoch. */
  readonly reports: EpochReport[];
  /** The measure that early stopping watches. */
  readonly earlyStopping: MonitorState;
  /** The parameters at the end of the best epoch, laid out as in memory; undefined before, and where none are kept. */
  best: Float32Array | undefined;
  /** The measure that the schedule watches. */
  readonly plateau: MonitorState;
  /** The product of the factors of the schedule's reductions. */
  plateauFactor: number;
}

/** What the memory of a network holds between two steps. Ranges are laid out as in memory: every parameter's rows padded to whole vectors. */
export interface Memory {
  /** All registers of the state block: cursor, cost sums, hyper-parameters, step, powers and every generator counter. */
  readonly registers: Readonly<Record<Register, number>>;
  readonly parameters: Float32Array;
  /** The moments that the optimizer uses. */
  readonly moments: readonly Float32Array[];
  /** States that windows of sequences carry on from step to step; none without `truncate`. */
  readonly states: readonly Float32Array[];
}

/**
 * Everything a run needs to go on as if it had never stopped, but for its data and options: plain numbers and arrays.
 *
 * The order of the examples is not in it: it is a function of the network's seed and the register `epoch`. Neither is the schedule:
 * it is a function of the step, and of `plateauFactor`.
 */
export interface RunState {
  readonly position: Position;
  readonly progress: Progress;
  readonly memory: Memory;
  /** Seconds of training so far. */
  readonly seconds: number;
}

/** The progress of a run that has not begun. */
export function newProgress(): Progress {
  return {
    reports: [],
    earlyStopping: newMonitorState(),
    best: undefined,
    plateau: newMonitorState(),
    plateauFactor: 1,
  };
}

/**
 * Copies the memory of a network.
 *
 * @param moments - how many moments the optimizer uses
 * @param carried - states that are carried on from step to step
 */
export function captureMemory(
  engine: Engine,
  moments: number,
  carried: readonly Tensor[] = [],
): Memory {
  const { buffer } = engine.core;
  const registers = registerNames.map((name) => [name, engine.get(name)] as const);
  return {
    registers: Object.fromEntries(registers) as Record<Register, number>,
    parameters: engine.layout.values.view(buffer).slice(),
    moments: engine.layout.moments.slice(0, moments).map((moment) => moment.view(buffer).slice()),
    states: carried.map((state) => {
      const values = new Float32Array(state.rows * state.columns);
      readRows(buffer, state, values);
      return values;
    }),
  };
}

/**
 * Writes a captured memory back.
 *
 * @throws {NetworkError} `BAD_FILE` when it is of another program; nothing is changed
 */
export function restoreMemory(
  engine: Engine,
  { registers, parameters, moments, states }: Memory,
  carried: readonly Tensor[] = [],
): void {
  const { buffer } = engine.core;
  if (carried.some(({ rows, columns }, index) => states[index]?.length !== rows * columns)) {
    throw new NetworkError('BAD_FILE', 'resume: the states of the recurrent layers do not fit.');
  }
  engine.layout.values.view(buffer).set(parameters);
  for (const [index, moment] of moments.entries()) {
    engine.layout.moments[index]!.view(buffer).set(moment);
  }
  for (const [index, state] of carried.entries()) writeRows(buffer, state, states[index]!);
  engine.set(registers);
}

/**
 * Makes what keeps a copy of the memory of a network.
 *
 * @param carried - states that are carried on from step to step, asked for when there is something to copy
 */
export function createBackup(
  engine: Engine,
  moments: number,
  carried: () => readonly Tensor[],
): MemoryBackup {
  return new MemoryBackup(engine, moments, carried);
}

/** A copy of the memory of a network that is made anew now and then. */
export class MemoryBackup implements Backup {
  readonly #engine: Engine;
  readonly #moments: number;
  readonly #carried: () => readonly Tensor[];
  #memory: Memory | undefined;

  /** The parameters are those of {@link captureMemory}. */
  constructor(engine: Engine, moments: number, carried: () => readonly Tensor[] = () => []) {
    this.#engine = engine;
    this.#moments = moments;
    this.#carried = carried;
  }

  keep(): void {
    this.#memory = captureMemory(this.#engine, this.#moments, this.#carried());
  }

  restore(): void {
    if (this.#memory) restoreMemory(this.#engine, this.#memory, this.#carried());
  }
}
