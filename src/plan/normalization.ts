import * as abi from '../core/abi.ts';
import type { Core } from '../core/core.ts';
import { NetworkError } from '../errors.ts';
import type { Arena } from './arena.ts';
import type { ProgramBuilder } from './program.ts';
import { Tensor, writeRows } from './tensor.ts';

/**
 * How a network normalises its features: (x − shift) · factor, one shift and one factor per feature column.
 *
 * With the specification and the parameters this is all there is to save of a network.
 */
export interface Normalizer {
  /** Taken off each column. */
  readonly shift: Float32Array;
  /** Each column is multiplied by this afterwards. */
  readonly factor: Float32Array;
}

/** The normalisation of a network: its numbers, where they are in memory, and the instruction that applies them. */
export class Normalization {
  /** What is learned from training data; undefined for numbers that are known from the start. */
  readonly learned: 'standard' | 'minmax' | undefined;
  readonly #known: number | undefined;
  readonly #shift: Tensor;
  readonly #factor: Tensor;
  #core: Core | undefined;
  #normalizer: Normalizer | undefined;

  /**
   * @param columns - feature columns
   * @param known - the factor of every column, or what to learn from training data
   */
  constructor(columns: number, known: number | 'standard' | 'minmax') {
    this.#shift = new Tensor('shift', 1, columns);
    this.#factor = new Tensor('factor', 1, columns);
    this.learned = typeof known === 'string' ? known : undefined;
    this.#known = typeof known === 'string' ? undefined : known;
  }

  /** Reserves memory for the numbers, and writes those that are known. Until then a specification of any size takes none. */
  place(arena: Arena, core: Core): void {
    this.#core = core;
    for (const tensor of [this.#shift, this.#factor]) {
      tensor.address = arena.allocate(tensor.length * 4, `the ${tensor.name} of features`);
    }
    if (this.#known !== undefined) {
      const { columns } = this.#shift;
      this.normalizer = {
        shift: new Float32Array(columns),
        factor: new Float32Array(columns).fill(this.#known),
      };
    }
  }

  /** The numbers; undefined until they are known. */
  get normalizer(): Normalizer | undefined {
    return this.#normalizer;
  }

  set normalizer(normalizer: Normalizer | undefined) {
    this.#normalizer = normalizer;
    this.#write();
  }

  /** Whether a zero may become something else. */
  get shifts(): boolean {
    return this.#normalizer === undefined || this.#normalizer.shift.some((shift) => shift !== 0);
  }

  /** Throws `NOT_FITTED` while the numbers are not known. */
  checkFitted(): void {
    if (this.#normalizer) return;
    throw new NetworkError(
      'NOT_FITTED',
      'this network normalises its features, but has not seen training data to learn their scale from. ' +
        'Train it with fit first, or call fitNormalizer(x) with a sample of the training features.',
    );
  }

  /** Emits the normalisation of the features of a batch, in their own memory. */
  emit(builder: ProgramBuilder, input: Tensor): Tensor {
    const out = builder.reuse(input, `normalised ${input.name}`);
    builder.emit({
      opcode: abi.OP_NORMALIZE,
      out,
      a: input,
      b: this.#shift,
      c: this.#factor,
      text: `${out.name} = (${input.name} − shift) ⊙ factor`,
    });
    return out;
  }

  #write(): void {
    if (!this.#core || !this.#normalizer) return;
    const { buffer } = this.#core;
    writeRows(buffer, this.#shift, this.#normalizer.shift);
    writeRows(buffer, this.#factor, this.#normalizer.factor);
  }
}
