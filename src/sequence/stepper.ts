import { checkInteger, checkKeys } from '../checks.ts';
import type { Features } from '../data/features.ts';
import type { DataReader } from '../data/reader.ts';
import { readStates, type InitialStates } from '../data/states.ts';
import type { Engine, PlacedProgram } from '../engine.ts';
import { NetworkError } from '../errors.ts';
import type { Model } from '../plan/model.ts';
import { readRows, writeRows, writeWords } from '../plan/tensor.ts';
import { readOutputs, writeInputs } from '../training/batch.ts';

/** Options of a stepper. */
export interface StepperOptions {
  /** Sequences to follow side by side; 1 when absent. */
  readonly examples?: number;
}

/**
 * A network that is run one time step at a time and remembers its state in between: for streams and for generating text. After
 * t steps its output is that of `predict` for the sequence so far, to the last bit.
 *
 * @example
 * ```ts
 * const net = new Network({ input: { features: 1 }, layers: [gru(4), dense(1)], loss: 'meanSquaredError' });
 * const stepper = net.stepper();
 * stepper.step([0.5]);
 * const [latest] = stepper.step([0.25]);
 * latest === net.predict([[[0.5], [0.25]]])[0]; // true
 * stepper.dispose();
 * ```
 */
export class Stepper {
  readonly #engine: Engine;
  readonly #reader: DataReader;
  readonly #examples: number;
  #program: PlacedProgram | undefined;
  #begins = true;

  constructor(engine: Engine, reader: DataReader, examples: number) {
    engine.model.normalization?.checkFitted();
    this.#engine = engine;
    this.#reader = reader;
    this.#examples = examples;
    this.#program = engine.place(examples, { kind: 'predict' }, { steps: 1, states: 'carried' });
  }

  /**
   * Runs one step.
   *
   * @param x - the features of the step, or the token; with several examples a row of features, or a token, for each
   * @returns outputs [examples, outputs], row-major
   * @throws {TypeError | RangeError} for another width or number of examples, or numbers that are not finite
   * @throws {NetworkError} `DISPOSED` after {@link Stepper.dispose}
   */
  step(x: Features | number): Float32Array {
    const engine = this.#engine;
    const program = this.#placed();
    const inputs = this.#reader.step(x, this.#examples);
    writeInputs(engine, program, inputs);
    const { sequence, output, rows } = program;
    const flag = this.#begins ? 1 : 0;
    writeWords(engine.core.buffer, sequence!.begins!, new Uint32Array(rows).fill(flag));
    engine.run(program);
    this.#begins = false;
    const outputs = new Float32Array(output.rows * output.columns);
    readOutputs(engine, program, outputs);
    return outputs;
  }

  /** Forgets what it has seen: the next step is the first of a new sequence. */
  reset(): void {
    this.#placed();
    this.#begins = true;
  }

  /** A copy of the states after the last step, by layer: `{ 'layers.0': { h, c? } }`, rows of examples; before the first step, where they start. */
  get state(): Record<string, Record<string, Float32Array>> {
    const { buffer } = this.#engine.core;
    const states: Record<string, Record<string, Float32Array>> = {};
    for (const { name, final, learned } of this.#placed().sequence!.states) {
      const values = new Float32Array(final.rows * final.columns);
      if (!this.#begins) readRows(buffer, final, values);
      else if (learned) {
        for (let row = 0; row < final.rows; row++) readRows(buffer, learned, values, row);
      }
      const dot = name.lastIndexOf('.');
      (states[name.slice(0, dot)] ??= {})[name.slice(dot + 1)] = values;
    }
    return states;
  }

  /** Continues from these states; those left out are zero. */
  set state(given: InitialStates) {
    const { core, model } = this.#engine;
    const program = this.#placed();
    // Here a state is one to go on from, which is none that could be learned.
    const known = model.layers.flatMap(({ states = [] }) =>
      states.map((state) => ({ ...state, learned: false })),
    );
    const states = readStates(given, this.#examples, known);
    for (const { name, final } of program.sequence!.states) {
      writeRows(core.buffer, final, states.get(name)!.values);
    }
    this.#begins = false;
  }

  /** Gives its memory back. */
  dispose(): void {
    this.#program?.free();
    this.#program = undefined;
  }

  /** The same as {@link Stepper.dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  #placed(): PlacedProgram {
    this.#engine.checkAlive();
    if (this.#program) return this.#program;
    throw new NetworkError(
      'DISPOSED',
      'this stepper was disposed: its memory is gone. Make a new one with net.stepper().',
    );
  }
}

/** Checks options and network, and makes a stepper. */
export function createStepper(
  engine: Engine,
  reader: DataReader,
  options: StepperOptions,
): Stepper {
  engine.checkAlive();
  checkKeys(options, ['examples'], 'stepper');
  checkSteppable(engine.model, 'stepper');
  return new Stepper(engine, reader, checkInteger(options.examples ?? 1, 'examples', 1));
}

/** Throws for networks without a time axis, and for layers that need to see the end of a sequence first. */
export function checkSteppable({ sequence, layers }: Model, what: string): void {
  if (!sequence) {
    throw new TypeError(
      `${what}: this network has no time axis. It is for networks with recurrent layers.`,
    );
  }
  const whole = layers.findIndex(({ wholeSequences }) => wholeSequences);
  if (whole < 0) return;
  throw new RangeError(
    `${what}: layers[${whole}] reads sequences from their end too, so they cannot be cut into steps. Use a layer of one direction.`,
  );
}
