import * as abi from '../core/abi.ts';
import { copy, repeatRow } from './operations.ts';
import type { ProgramBuilder } from './program.ts';
import type { BatchSource } from './source.ts';
import type { Tensor } from './tensor.ts';

/** The time axis of a batch. */
export interface SequenceShape {
  /** Steps of every example, those of padding included. */
  readonly steps: number;
  /**
   * How recurrent layers start that do not learn where: from zero; from states that the data give for each example; or, all layers, from
   * where the run before ended, except examples that begin anew.
   */
  readonly states: 'zero' | 'given' | 'carried';
}

/** The state of a recurrent layer: one row per example before the first step, and one after the last. */
export interface LayerState {
  /** `layers.0.h` or, for the cell state of an LSTM, `layers.0.c`. */
  readonly name: string;
  readonly initial: Tensor;
  readonly final: Tensor;
  /** Where it is learned, how it starts: one row for all examples. */
  readonly learned: Tensor | undefined;
}

/** Makes the time axis of a batch. */
export function createSequence(
  builder: ProgramBuilder,
  shape: SequenceShape,
  examples: number,
  source: BatchSource | undefined,
): Sequence {
  return new Sequence(builder, shape, examples, source);
}

/** The time axis as layers see it: matrices of a sequence have steps × examples rows, all examples of one step together. */
export class Sequence {
  readonly steps: number;
  readonly examples: number;
  /** Valid steps of each example (u32). */
  readonly lengths: Tensor;
  /** Where states are carried: 1 (u32) for examples that begin anew. */
  readonly begins: Tensor | undefined;
  readonly states: LayerState[] = [];
  readonly #builder: ProgramBuilder;
  readonly #shape: SequenceShape;
  readonly #source: BatchSource | undefined;

  constructor(
    builder: ProgramBuilder,
    shape: SequenceShape,
    examples: number,
    source: BatchSource | undefined,
  ) {
    this.#builder = builder;
    this.#shape = shape;
    this.#source = source;
    this.steps = shape.steps;
    this.examples = examples;
    this.lengths = builder.tensor('lengths', examples, 1);
    if (shape.states === 'carried') this.begins = builder.tensor('begins', examples, 1);
    if (source?.lengths) this.#gather(this.lengths, source.lengths, source.order);
    if (this.begins && source?.begins) this.#gather(this.begins, source.begins, source.order);
  }

  /** Emits the rows of the data that hold the steps of the next examples, for gathering them. */
  order(examplesInOrder: Tensor): Tensor {
    const { steps, examples } = this;
    const order = this.#builder.tensor('order of steps', 1, steps * examples);
    this.#builder.emit({
      opcode: abi.OP_ORDER_STEPS,
      out: order,
      a: examplesInOrder,
      rows: examples,
      inner: steps,
      text: `order of steps = the ${steps} steps of the next ${examples} examples, step by step`,
    });
    return order;
  }

  /** Emits what a state is before the first step; to be called before anything is written to where the states will be. */
  begin(state: LayerState): void {
    this.states.push(state);
    const { initial, final, name, learned } = state;
    const { states } = this.#shape;
    if (states === 'carried') return this.#carry(initial, final, this.#start(state));
    if (learned) return repeatRow(this.#builder, initial, learned);
    if (states === 'zero') return copy(this.#builder, initial);
    const values = this.#source?.states?.get(name);
    if (values) this.#gather(initial, values, this.#source!.order);
  }

  /** Where examples start that begin anew; undefined for zero. */
  #start({ name, initial: { rows, columns }, learned }: LayerState): Tensor | undefined {
    const values = this.#source?.states?.get(name);
    if (!learned && !values) return undefined;
    const start = this.#builder.tensor(`${name}₀ given`, rows, columns);
    if (learned) repeatRow(this.#builder, start, learned);
    else this.#gather(start, values!, this.#source!.order);
    return start;
  }

  #carry(initial: Tensor, final: Tensor, given: Tensor | undefined): void {
    this.#builder.emit({
      opcode: abi.OP_SELECT_ROWS,
      out: initial,
      a: final,
      ...(given && { b: given }),
      d: this.begins!,
      text: `${initial.name} = ${final.name} of the run before; ${given?.name ?? 0} for examples that begin`,
    });
  }

  #gather(out: Tensor, a: Tensor, order: Tensor): void {
    const text = `${out.name} = those of the next examples`;
    this.#builder.emit({ opcode: abi.OP_GATHER_ROWS, out, a, b: order, text });
  }
}
