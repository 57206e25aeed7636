import * as abi from './core/abi.ts';
import type { Core } from './core/core.ts';
import { leftOut, NetworkError } from './errors.ts';
import { Arena } from './plan/arena.ts';
import { compile, type Program, type Purpose } from './plan/compile.ts';
import type { Model } from './plan/model.ts';
import { ParameterLayout } from './plan/parameters.ts';
import { ONE_HOT_WORDS } from './plan/nonzeros.ts';
import { compileEpoch, type EpochPlan, type EpochProgram } from './plan/epoch.ts';
import { ProgramBuilder, type Section } from './plan/program.ts';
import type { SequenceShape } from './plan/sequence.ts';
import { Tensor } from './plan/tensor.ts';
import { type Register, registers } from './registers.ts';
import type { Backup, Crew, Team } from './threads/team.ts';
import type { Threads } from './threads/threads.ts';

/** A program in memory, ready to run. */
export type Placed<T> = T & {
  readonly address: number;
  /** The threads it runs on; one when absent. */
  readonly crew?: Crew | undefined;
  /** Gives its memory back. */
  free(): void;
};

/** A placed program for one batch. */
export type PlacedProgram = Placed<Program>;

/** Sends the helpers away of networks that nobody can use any more: they would keep the memory. */
const abandonedTeams = new FinalizationRegistry<Team>((team) => team.disband());

/** Programs kept for the next call of the same kind and size. */
const KEPT_PROGRAMS = 8;

/**
 * A network in a core's memory: its parameters, and the programs compiled for it. Knows no user data and no options.
 */
export class Engine {
  readonly model: Model;
  readonly arena: Arena;
  readonly layout: ParameterLayout;
  #core: Core | undefined;
  /** The lists of one-hot rows, for networks that take tokens. */
  readonly oneHots: Tensor | undefined;
  readonly #state: number;
  /** Least recently used first. */
  readonly #kept: Map<string, PlacedProgram> = new Map();
  readonly #threads: Threads | undefined;
  /** Made when several threads are first asked for. */
  #team: Team | undefined;

  /** @param threads - how to run on several threads; without, there is only one */
  constructor(core: Core, model: Model, threads?: Threads) {
    this.#core = core;
    this.model = model;
    this.#threads = threads;
    this.arena = new Arena(core);
    this.layout = new ParameterLayout(model.layers.flatMap((layer) => layer.parameters));
    this.#state = this.arena.allocate(
      this.layout.bytes,
      `a network of ${this.layout.count} parameters`,
    );
    this.layout.place(this.#state);
    model.normalization?.place(this.arena, core);
    if (model.sequence?.tokens) {
      this.oneHots = this.allocate('one-hot lists', model.inputs, ONE_HOT_WORDS);
      model.sequence.axis.writeOneHotLists(core.buffer, this.oneHots);
    }
  }

  /**
   * The core.
   *
   * @throws {NetworkError} `DISPOSED` when the network was disposed
   */
  get core(): Core {
    if (this.#core) return this.#core;
    throw new NetworkError(
      'DISPOSED',
      'this network was disposed: its memory is gone. Make a new Network, or dispose later.',
    );
  }

  /** Throws `DISPOSED` when the network was disposed, for calls that get to the core only later. */
  checkAlive(): void {
    void this.core;
  }

  /** Throws a RangeError when every layer is frozen. */
  checkTrainable(): void {
    if (this.layout.stretches.length > 0) return;
    throw new RangeError(
      'layers: every layer is frozen, so there is nothing to train. Leave trainable: false out of at least one.',
    );
  }

  /** Whether the memory is gone. */
  get disposed(): boolean {
    return this.#core === undefined;
  }

  /** Lets go of the memory. */
  dispose(): void {
    this.#team?.disband();
    this.#team = undefined;
    this.#core = undefined;
    this.#kept.clear();
  }

  /** Compiles and places a program for one batch. The caller frees it. */
  place(rows: number, purpose: Purpose, shape?: SequenceShape): PlacedProgram {
    return this.install(
      this.compile(rows, purpose, { shape }),
      `a ${purpose.kind} program for batches of ${extent(rows, shape)}`,
    );
  }

  /**
   * Compiles a program for one batch, to be completed before it is installed.
   *
   * @param options.keep - give every tensor memory of its own, so that all can be read after a run; the numbers are the same
   * @param options.shape - the time axis of networks that have one
   */
  compile(
    rows: number,
    purpose: Purpose,
    { keep = false, shape }: { keep?: boolean; shape?: SequenceShape | undefined } = {},
  ): Program {
    const builder = new ProgramBuilder({ keep });
    return compile(this.model, this.layout, rows, purpose, builder, shape);
  }

  /** Compiles and places the program of an epoch. The caller frees it. */
  placeEpoch(plan: EpochPlan): Placed<EpochProgram> {
    const program = compileEpoch(this.model, this.layout, plan);
    const size = extent(plan.batchSize, plan.shape);
    return this.install(program, `a training program for batches of ${size}`);
  }

  /** Places a compiled program, whose `purpose` is named in errors. The caller frees it. */
  install<T extends { readonly builder: ProgramBuilder }>(program: T, purpose: string): Placed<T> {
    const { builder } = program;
    const address = this.arena.allocate(
      builder.bytes,
      purpose,
      this.model.sequence?.axis.memoryAdvice(this.model),
    );
    builder.place(this.core.buffer, address, this.#threads?.writeParts);
    return { ...program, address, free: () => this.arena.free(address) };
  }

  /**
   * A program that is kept for further calls, the least recently used one making room.
   *
   * @throws {NetworkError} `NOT_FITTED` when features would have to be normalised and it is not yet known how
   */
  kept(
    rows: number,
    purpose: Purpose,
    key: string = purpose.kind,
    shape?: SequenceShape,
  ): PlacedProgram {
    this.model.normalization?.checkFitted();
    const id = `${key} ${rows} ${shape?.steps} ${shape?.states}`;
    const program = this.#kept.get(id) ?? this.place(rows, purpose, shape);
    this.#kept.delete(id);
    this.#kept.set(id, program);
    if (this.#kept.size > KEPT_PROGRAMS) {
      const [oldest, stale] = this.#kept.entries().next().value!;
      stale.free();
      this.#kept.delete(oldest);
    }
    return program;
  }

  /**
   * Runs a program `repeat` times.
   *
   * @param section - the part of it to run; all of it when absent
   * @returns how often it ran to its end; less than `repeat` when a cost or a gradient was not finite; the register `stop` says which
   */
  run(
    { builder, address, crew }: Placed<{ readonly builder: ProgramBuilder }>,
    repeat: number = 1,
    section: Section = { first: 0, count: builder.instructions.length },
  ): number {
    const { core } = this;
    const start = address + section.first * abi.RECORD_BYTES;
    const call = (team: number): number =>
      core.run(this.#state, start, section.count, repeat, team);
    return crew && builder.divisible
      ? crew.run(`${builder.bytes} ${section.first} ${section.count}`, repeat, call)
      : call(0);
  }

  /**
   * Engages threads, to be given back when the run they are for is over. The first time, all memory moves to where threads can share it.
   *
   * @param backup - of what the run changes; undefined when nobody needs it if the run fails
   * @returns `undefined` for one thread
   * @throws {RangeError} for several in an engine without threads
   */
  engage(threads: number, backup?: Backup): Crew | undefined {
    if (threads === 1) return undefined;
    if (!this.#threads) throw leftOut(`threads: ${threads}`);
    this.#team ??= this.#createTeam(this.#threads);
    return this.#threads.engage(this.#team, threads, backup);
  }

  /** Runs a program once, on so many threads. */
  runOn(threads: number, program: PlacedProgram): void {
    const crew = this.engage(threads);
    try {
      this.run({ ...program, crew });
    } finally {
      crew?.free();
    }
  }

  #createTeam(threads: Threads): Team {
    const team = threads.createTeam(this.core, this.arena);
    abandonedTeams.register(this, team);
    return team;
  }

  /** Runs instructions that need no workspace, once. */
  runOnce(emit: (builder: ProgramBuilder) => void): void {
    const builder = new ProgramBuilder();
    emit(builder);
    const program = this.install({ builder }, 'a short program');
    this.run(program);
    program.free();
  }

  /** Reserves memory for a matrix that outlives programs, such as a data set. */
  allocate(name: string, rows: number, columns: number): Tensor {
    const tensor = new Tensor(name, rows, columns);
    tensor.address = this.arena.allocate(tensor.length * 4, `${name} of ${rows} × ${columns}`);
    return tensor;
  }

  /** Copies registers, parameters, gradients and moments; the function it returns puts them back. */
  snapshot(): () => void {
    const region = (): Uint8Array =>
      new Uint8Array(this.core.buffer, this.#state, this.layout.bytes);
    const copy = region().slice();
    return () => region().set(copy);
  }

  /** Reads a register of the state block. */
  get(register: Register): number {
    return this.#registers().getFloat64(registers[register], true);
  }

  /** Sets registers of the state block. */
  set(values: Partial<Record<Register, number>>): void {
    const view = this.#registers();
    for (const [register, value] of Object.entries(values)) {
      view.setFloat64(registers[register as Register], value, true);
    }
  }

  #registers(): DataView {
    return new DataView(this.core.buffer, this.#state, abi.STATE_BYTES);
  }
}

/** The size of a batch in words. */
function extent(rows: number, shape: SequenceShape | undefined): string {
  return shape ? `${rows} × ${shape.steps} steps` : String(rows);
}
