import * as abi from '../core/abi.ts';
import type { Core, SharedCore } from '../core/core.ts';
import { NetworkError } from '../errors.ts';
import type { Arena } from '../plan/arena.ts';
import { Balance } from './balance.ts';
import { type Employer, giveUp, type Helper, hire } from './pool.ts';

/** Pieces of work of which is known whether helpers are of use. */
const KEPT_BALANCES = 16;

/** Milliseconds between two backups: a copy of what is being trained then takes less than a hundredth of the time. */
const BACKUP_MILLISECONDS = 1000;

/** What a run goes back to when a helper dies in the midst of a part, which nobody else can finish. */
export interface Backup {
  /** Copies what the run changes; called between two steps. */
  keep(): void;
  /** Writes the copy back. */
  restore(): void;
}

/** A helper's place in the memory of a network. */
interface Slot {
  readonly address: number;
  helper: Helper | undefined;
}

/** The threads of one run: the one that calls, and the helpers of a team. */
export class Crew {
  /** Set when a helper has died since the crew was engaged. */
  lost: NetworkError | undefined = undefined;
  readonly #team: Team;
  readonly #helpers: number;
  readonly #backup: Backup | undefined;
  /** When the backup was made; never, at first. */
  #kept = -Infinity;

  /** @param backup - of what the run changes; undefined when that is not kept anyway */
  constructor(team: Team, threads: number, backup?: Backup) {
    this.#team = team;
    this.#helpers = threads - 1;
    this.#backup = backup;
    team.prepare();
    team.crews.add(this);
  }

  /**
   * Runs a program with as many helpers as can be had and are of use.
   *
   * @param key - the same for the same piece of work
   * @param repeat - how often it is done
   * @param program - gets the address of the team block, and calls the core
   * @throws {NetworkError} `WORKER_LOST` when a helper has died
   */
  run(key: string, repeat: number, program: (team: number) => number): number {
    if (this.lost) throw this.lost;
    const balance = this.#team.balance(key);
    if (balance.helped) this.#keep();
    const started = performance.now();
    const result = balance.helped ? this.#runHelped(program) : program(0);
    balance.observe(repeat, performance.now() - started);
    return result;
  }

  #keep(): void {
    if (!this.#backup || performance.now() - this.#kept < BACKUP_MILLISECONDS) return;
    this.#backup.keep();
    this.#kept = performance.now();
  }

  #runHelped(program: (team: number) => number): number {
    try {
      return this.#team.run(this.#helpers, program);
    } catch (error) {
      if (error instanceof NetworkError) this.#backup?.restore();
      throw error;
    }
  }

  /** Ends the engagement. The helpers stay until somebody else wants them. */
  free(): void {
    this.#team.crews.delete(this);
  }
}

/** The helpers of one network. The protocol between them and the thread that calls is in assembly/threads.ts. */
export class Team implements Employer {
  /** Those at work. */
  readonly crews: Set<Crew> = new Set();
  readonly #core: Core;
  readonly #arena: Arena;
  /** What helpers need of the core; undefined until the first run. */
  #shared: SharedCore | undefined = undefined;
  /** Of the team block; 0 until the first run. */
  #address = 0;
  readonly #slots: Slot[] = [];
  /** Of pieces of work, the one that was done last at the end. */
  readonly #balances: Map<string, Balance> = new Map();

  constructor(core: Core, arena: Arena) {
    this.#core = core;
    this.#arena = arena;
  }

  get busy(): boolean {
    return this.crews.size > 0;
  }

  /**
   * Moves the core to shared memory the first time.
   *
   * @returns false where threads cannot be had: on the `js` core, and, after a warning, in a page without shared memory
   */
  prepare(): boolean {
    if (this.#shared) return true;
    if (this.#core.name === 'js') return false;
    try {
      this.#shared = this.#core.share();
    } catch (error) {
      giveUp('The engine refused to share memory.', error);
    }
    if (!this.#shared) {
      giveUp('A page needs to be cross-origin isolated: COOP same-origin and COEP require-corp.');
      return false;
    }
    this.#address = this.#arena.allocate(
      abi.TEAM_BYTES,
      'the control block and scratch memory of threads',
    );
    this.#set(this.#address + abi.TEAM_MAY_WAIT, Number(maySleep()));
    return true;
  }

  /** Whether helpers are of use for a piece of work; it is known from run to run. */
  balance(key: string): Balance {
    const balance = this.#balances.get(key) ?? new Balance();
    this.#balances.delete(key);
    this.#balances.set(key, balance);
    if (this.#balances.size > KEPT_BALANCES) {
      this.#balances.delete(this.#balances.keys().next().value!);
    }
    return balance;
  }

  /** Runs a program with up to `count` helpers; see {@link Crew.run}. */
  run(count: number, program: (team: number) => number): number {
    if (!this.prepare()) return program(0);
    this.#gather(count);
    try {
      return program(this.#address);
    } catch (error) {
      if (this.#get(this.#address + abi.TEAM_LOST) === 0) throw error;
      this.#set(this.#address + abi.TEAM_LOST, 0);
      this.#terminateAll();
      throw new NetworkError(
        'WORKER_LOST',
        'a thread took a part of a step and has not finished it in ten seconds. The parameters are those of a finished step about a ' +
          'second before: call fit again to go on from there, with fewer threads if memory was short.',
        error,
      );
    }
  }

  release(helper: Helper): void {
    const slot = this.#slots.find((candidate) => candidate.helper === helper);
    if (!slot) return;
    this.#core.dismiss(this.#address, slot.address);
    vacate(slot);
  }

  lost(helper: Helper, cause?: unknown): void {
    const slot = this.#slots.find((candidate) => candidate.helper === helper);
    if (!slot) return;
    this.#set(slot.address, abi.SLOT_FREE);
    vacate(slot);
    if (cause !== undefined) for (const crew of this.crews) crew.lost = ended(cause);
  }

  /** Ends all helpers, whatever they are doing. Their places are not used again: they may still write there. */
  #terminateAll(): void {
    for (const slot of this.#slots.filter(({ helper }) => helper)) {
      slot.helper!.terminate();
      vacate(slot);
    }
  }

  /** Sends all helpers away. */
  disband(): void {
    this.#gather(0);
  }

  #gather(count: number): void {
    const present = this.#slots.filter(({ helper }) => helper);
    for (const { helper } of present.splice(count)) this.release(helper!);
    for (let missing = count - present.length; missing > 0; missing--) {
      const slot = this.#freeSlot();
      slot.helper = hire(this);
      if (!slot.helper) return;
      this.#set(slot.address, abi.SLOT_ATTACHED);
      slot.helper.post({ ...this.#shared, team: this.#address, slot: slot.address });
    }
  }

  /** A slot whose helper, if it ever had one, has left. */
  #freeSlot(): Slot {
    const isFree = ({ address, helper }: Slot): boolean =>
      !helper && this.#get(address) === abi.SLOT_FREE;
    const found = this.#slots.find(isFree);
    if (found) return found;
    const address = this.#arena.allocate(abi.SLOT_BYTES, 'the scratch memory of a thread');
    const slot = { address, helper: undefined };
    this.#slots.push(slot);
    return slot;
  }

  #get(address: number): number {
    return Atomics.load(new Int32Array(this.#core.buffer), address / 4);
  }

  #set(address: number, value: number): void {
    Atomics.store(new Int32Array(this.#core.buffer), address / 4, value);
  }
}

function vacate(slot: Slot): void {
  slot.helper!.employer = undefined;
  slot.helper = undefined;
}

/** Whether this thread may sleep on shared memory: every one but that of a page. */
function maySleep(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1);
    return true;
  } catch {
    return false;
  }
}

function ended(cause: unknown): NetworkError {
  return new NetworkError(
    'WORKER_LOST',
    'a thread that this run relied on has ended. The parameters are those of the last finished step: call fit again to go on ' +
      'from there, with fewer threads if memory was short.',
    cause,
  );
}
