import { checkBoolean } from '../checks.ts';
import type { Examples } from '../data/reader.ts';
import type { Engine, PlacedProgram } from '../engine.ts';
import { NetworkError } from '../errors.ts';
import type { Model } from '../plan/model.ts';
import { readRows, writeRows, writeWords } from '../plan/tensor.ts';
import { checkSteppable } from '../sequence/stepper.ts';

/**
 * The states of recurrent layers that a batch of sequences hands on to the next one, which goes on with the same sequences row by row.
 * The gradient is cut in between.
 */
export class CarriedStates {
  readonly #engine: Engine;
  /** After the last batch, layer by layer; undefined where all sequences begin. */
  #states: readonly Float32Array[] | undefined;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** The states, for a checkpoint. */
  get values(): readonly Float32Array[] {
    return this.#states ?? [];
  }

  /** @throws {NetworkError} `BAD_FILE` for those of another network; nothing is changed */
  set values(states: readonly Float32Array[]) {
    const { layers } = this.#engine.model;
    const widths = layers.flatMap((layer) => (layer.states ?? []).map(({ units }) => units));
    const rows = (states[0]?.length ?? 0) / widths[0]!;
    const isFit = (width: number, index: number): boolean => states[index]?.length === rows * width;
    const fits = states.length === widths.length && rows >= 1 && Number.isInteger(rows);
    if (states.length > 0 && !(fits && widths.every(isFit))) {
      throw new NetworkError('BAD_FILE', 'resume: the states of the recurrent layers do not fit.');
    }
    this.#states = states.length > 0 ? states : undefined;
  }

  /** The sequences of the next batch are new ones. */
  forget(): void {
    this.#states = undefined;
  }

  /**
   * Writes to a program where its sequences go on, and which of them begin.
   *
   * @param where - the batch in words, for the error
   * @throws {RangeError} when there are more or fewer of them than in the batch before; nothing is changed
   */
  write({ sequence, rows }: PlacedProgram, { x }: Pick<Examples, 'x'>, where: string): void {
    const { buffer } = this.#engine.core;
    const { states, begins } = sequence!;
    const flags = x.sequence!.begins ?? new Uint32Array(rows);
    const isNew = !this.#states || flags.every((flag) => flag === 1);
    writeWords(buffer, begins!, isNew ? new Uint32Array(rows).fill(1) : flags);
    if (isNew) return;
    const before = this.#states![0]!.length / states[0]!.final.columns;
    if (before !== rows) {
      throw new RangeError(
        `${where}: expected ${before} sequences, which go on with those of the batch before, got ${rows}. ` +
          'Leave out a last batch that is smaller, or give it begins: true.',
      );
    }
    for (const [index, { final }] of states.entries())
      writeRows(buffer, final, this.#states![index]!);
  }

  /** Reads the states after a batch. */
  read({ sequence }: PlacedProgram): void {
    this.#states = sequence!.states.map(({ final }) => {
      const values = new Float32Array(final.rows * final.columns);
      readRows(this.#engine.core.buffer, final, values);
      return values;
    });
  }
}

/** Makes room for the states of a network. */
export function createCarried(engine: Engine): CarriedStates {
  return new CarriedStates(engine);
}

/** Checks the option `stateful`, which is for networks that can be stopped between two steps. */
export function checkStateful(stateful: unknown, model: Model): boolean {
  if (!checkBoolean(stateful ?? false, 'stateful')) return false;
  checkSteppable(model, 'stateful');
  return true;
}
