import { LOG_ENTRY_BYTES } from '../core/abi.ts';
import { largestMagnitude, type Matrix } from '../data/features.ts';
import type { InputRows } from '../data/reader.ts';
import type { TargetRows } from '../data/targets.ts';
import type { Engine } from '../engine.ts';
import { isSparse, listWords, NonzeroWriter, TABLE_COLUMNS } from '../plan/nonzeros.ts';
import type { BatchSource } from '../plan/source.ts';
import { type Tensor, writeRows } from '../plan/tensor.ts';
import type { WindowedExamples, WindowedSequence } from './windows.ts';

/** Features that a pass goes over at once: less than a millisecond's work. */
const AT_ONCE = 250_000;

/** Does something with the rows from `first` to before `end`. */
type Pass = (first: number, end: number) => void;

/**
 * A data set in linear memory for the time of a training run, with the log of its costs. Its features, which may take a while, are copied
 * by {@link load}, a piece at a time.
 */
export class ResidentData {
  readonly source: BatchSource;
  /** Room for the sums of so many epochs. */
  readonly log: Tensor;
  readonly #engine: Engine;
  readonly #regions: Tensor[] = [];
  readonly #features: Matrix;
  /** What is left to be done with all rows, one pass after the other; the last one copies them. */
  readonly #passes: Pass[] = [];
  /** Rows that the first of these is done with. */
  #done = 0;
  /** The largest absolute value among those copied. */
  #largest = 0;

  /**
   * Takes the memory for examples, and copies all of them but their features. Lists of nonzeros get theirs when {@link load} has counted
   * them, still before the first step.
   *
   * @throws {NetworkError} `OUT_OF_MEMORY` when they do not fit; nothing stays allocated
   */
  constructor(engine: Engine, { x, y, weights }: WindowedExamples, logEntries: number) {
    this.#engine = engine;
    this.#features = x;
    try {
      this.log = this.#allocate('costs', 1, (logEntries * LOG_ENTRY_BYTES) / 4);
      this.source = {
        ...this.#placeFeatures(x),
        ...this.#loadTargets(y),
        weights: weights && this.#loadWeights(weights),
        ...(x.sequence && this.#loadSequence(x.sequence)),
        order: this.#order(
          x.sequence?.order ?? Uint32Array.from({ length: x.examples }, (_, i) => i),
        ),
      };
    } catch (error) {
      this.free();
      throw error;
    }
  }

  /**
   * Copies features until `performance.now()` is past `until`; to be called until all are there.
   *
   * @returns whether they are
   * @throws {NetworkError} `OUT_OF_MEMORY` when lists of their nonzeros do not fit
   */
  load(until: number): boolean {
    const { rows, columns } = this.#features;
    const atOnce = Math.ceil(AT_ONCE / columns);
    while (this.#passes.length > 0) {
      const end = Math.min(this.#done + atOnce, rows);
      this.#passes[0]!(this.#done, end);
      this.#done = end;
      if (end === rows) this.#nextPass();
      if (performance.now() >= until) break;
    }
    return this.#passes.length === 0;
  }

  #nextPass(): void {
    this.#passes.shift();
    this.#done = 0;
    if (this.#passes.length === 0) setInputBound(this.#engine, this.#largest);
  }

  /** Gives the memory back. */
  free(): void {
    for (const { address } of this.#regions) this.#engine.arena.free(address);
  }

  /** Takes the memory for features: as lists of their nonzeros where that is faster, and otherwise as rows; bytes stay bytes. */
  #placeFeatures({ rows, columns, values }: InputRows): Pick<BatchSource, 'x' | 'form'> {
    const { core, model, oneHots } = this.#engine;
    const { normalization, layers, sequence } = model;
    if (oneHots && sequence) {
      const { writeToken } = sequence.axis;
      const x = this.#allocate('tokens', rows, TABLE_COLUMNS);
      this.#copyBy((first, end) => {
        const words = new Uint32Array(core.buffer);
        for (let row = first; row < end; row++) writeToken(words, x, row, oneHots, values[row]!);
      });
      return { x, form: 'nonzeros' };
    }
    // A zero that is shifted is no longer zero.
    if (layers[0]?.takesNonzeros && !normalization?.shifts && isSparse(values, columns)) {
      return { x: this.#placeNonzeros(normalization?.normalizer?.factor), form: 'nonzeros' };
    }
    if (values instanceof Uint8Array || values instanceof Uint8ClampedArray) {
      const x = this.#allocate('features (bytes)', rows, Math.ceil(columns / 4));
      this.#copyBy((first, end) => writeBytes(core.buffer, x, values, columns, first, end));
      return { x, form: 'bytes' };
    }
    const x = this.#allocate('features', rows, columns);
    this.#copyBy((first, end) => {
      const part = x.part(x.name, { firstRow: first, rows: end - first });
      writeRows(core.buffer, part, values, first);
    });
    return { x, form: 'rows' };
  }

  /** Lists are counted in pieces too, before there is memory for them: of 60,000 images that takes 26 ms. */
  #placeNonzeros(factor: Float32Array | undefined): Tensor {
    const { rows, columns, values } = this.#features;
    const { core } = this.#engine;
    const table = this.#allocate('lists of nonzero features', rows, TABLE_COLUMNS);
    let words = 0;
    this.#passes.push((first, end) => (words += listWords(values, columns, first, end)));
    let writer: NonzeroWriter | undefined;
    this.#passes.push((first, end) => {
      writer ??= new NonzeroWriter(table, this.#allocate('nonzero features', 1, words), factor);
      const magnitude = writer.write(core.buffer, values, columns, first, end);
      this.#largest = Math.max(this.#largest, magnitude);
    });
    return table;
  }

  /** Adds a pass that copies rows as they are. */
  #copyBy(copy: Pass): void {
    const { columns, values } = this.#features;
    this.#passes.push((first, end) => {
      copy(first, end);
      const magnitude = largestMagnitude(values.subarray(first * columns, end * columns));
      this.#largest = Math.max(this.#largest, magnitude);
    });
  }

  #loadTargets(targets: TargetRows): Pick<BatchSource, 'y' | 'labels'> {
    const { core, model } = this.#engine;
    if (targets.kind === 'labels') {
      const y = this.#allocate('labels', 1, targets.rows);
      indices(core.buffer, y).set(targets.labels);
      return { y, labels: true };
    }
    const y = this.#allocate('targets', targets.rows, model.outputs);
    writeRows(core.buffer, y, targets.values);
    return { y, labels: false };
  }

  #loadWeights(weights: Float32Array): Tensor {
    const tensor = this.#allocate('weights', weights.length, 1);
    writeRows(this.#engine.core.buffer, tensor, weights);
    return tensor;
  }

  #loadSequence(sequence: WindowedSequence): Pick<BatchSource, 'lengths' | 'begins' | 'states'> {
    const engine = this.#engine;
    const allocate = this.#allocate.bind(this);
    return engine.model.sequence!.axis.loadSequence(() => engine.core.buffer, allocate, sequence);
  }

  /** The examples as they came; a shuffle makes another order of it. */
  #order(values: Uint32Array): Tensor {
    const order = this.#allocate('order', 1, values.length);
    indices(this.#engine.core.buffer, order).set(values);
    return order;
  }

  #allocate(name: string, rows: number, columns: number): Tensor {
    const tensor = this.#engine.allocate(name, rows, columns);
    this.#regions.push(tensor);
    return tensor;
  }
}

/**
 * Says how large the features are that training multiplies δ with. Dense features that are normalised batch by batch are looked at
 * there; lists of nonzeros were normalised as they were made.
 *
 * @param largest - the largest absolute value of a feature
 */
export function setInputBound(engine: Engine, largest: number): void {
  const factor = engine.model.normalization?.normalizer?.factor;
  engine.set({ inputBound: largest * (factor ? largestMagnitude(factor) : 1) });
}

/** A one-row tensor of unsigned integers. */
function indices(buffer: ArrayBuffer, tensor: Tensor): Uint32Array {
  return new Uint32Array(buffer, tensor.address, tensor.columns);
}

/** Copies the rows from `first` to before `end` to rows of whole words. */
function writeBytes(
  buffer: ArrayBuffer,
  { address, rows, stride }: Tensor,
  values: Uint8Array | Uint8ClampedArray,
  columns: number,
  first: number,
  end: number,
): void {
  const bytes = new Uint8Array(buffer, address, rows * stride * 4);
  for (let row = first; row < end; row++) {
    bytes.set(values.subarray(row * columns, (row + 1) * columns), row * stride * 4);
  }
}
