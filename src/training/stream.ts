import type { DataReader, Examples, TrainingData } from '../data/reader.ts';
import { describe } from '../errors.ts';
import type { FitOptions } from './options.ts';

/** Batches one after the other, as they come: a generator, a stream of Node, anything to loop over. */
export type Batches = AsyncIterable<TrainingData> | Iterable<TrainingData>;

/** Training data that need not fit into memory: batches, or for more than one epoch a function that opens them anew. */
export type BatchStream = Batches | (() => Batches);

/** Whether training data come in batches rather than all at once. */
export function isBatchStream(data: unknown): data is BatchStream {
  if (typeof data === 'function') return true;
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return false;
  return Symbol.asyncIterator in data || Symbol.iterator in data;
}

/** Checks that examples to evaluate on are there as a whole. */
export function checkNoStream(data: unknown, where: string): void {
  if (!isBatchStream(data)) return;
  throw new TypeError(
    `${where}: expected all examples at once, got a stream, which is for training only. Pass { x, y }, or a Dataset.`,
  );
}

/** Checks that a stream can be read once per epoch. */
export function checkEpochs(stream: BatchStream, epochs: number): void {
  if (typeof stream === 'function' || epochs === 1) return;
  throw new TypeError(
    `data: a stream can be read once, but epochs is ${epochs}. ` +
      'Pass a function that opens it anew for each epoch: fit(() => open(), …).',
  );
}

/** Options of `fit` that need all data at once, and what to do instead. */
const impossible: Partial<Record<keyof FitOptions, string>> = {
  batchSize: 'the batches of a stream are as they come. Make them of the size you want',
  schedule:
    'the number of steps is not known before a stream ends. Call fit once for each learning rate',
  classWeights: 'the classes are not known before a stream ends. Give each batch its sampleWeights',
  truncate:
    'the batches of a stream are windows themselves. Make them so many steps long, and train with stateful: true',
};

/** Refuses options of `fit` that make no sense for a stream. */
export function checkStreamOptions(options: FitOptions): void {
  for (const [key, reason] of Object.entries(impossible)) {
    if (options[key as keyof FitOptions] === undefined) continue;
    throw new RangeError(`${key}: ${reason}.`);
  }
  if (options.worker) {
    throw new RangeError('worker: a stream is read on this thread. Train here: worker: false.');
  }
  if (options.shuffle !== true) return;
  throw new RangeError(
    'shuffle: the batches of a stream are as they come. Shuffle where they are made.',
  );
}

/** Fetches the batches of a stream, epoch after epoch. What goes wrong with it is kept for whoever takes the next batch. */
export class BatchReader {
  readonly #reader: DataReader;
  readonly #open: () => Batches;
  #iterator: AsyncIterator<TrainingData> | Iterator<TrainingData> | undefined;
  #isFetching = false;
  #fetched: { batch: Examples } | { failure: unknown } | 'end' | undefined;
  /** What those who wait for the next batch wait for, and what wakes them. */
  #waiting: Promise<void> | undefined;
  #wake: () => void = () => {};
  #epoch = 0;
  #batch = 0;

  readonly #stateful: boolean;

  /**
   * @param reader - reads and checks each batch
   * @param stateful - sequences may go on with those of the batch before
   */
  constructor(reader: DataReader, stream: BatchStream, stateful: boolean = false) {
    this.#stateful = stateful;
    this.#reader = reader;
    this.#open = typeof stream === 'function' ? stream : () => stream;
  }

  /** Reads as if `epoch` epochs had been read already. */
  skipTo(epoch: number): void {
    this.#epoch = epoch;
  }

  /** Resolves when {@link take} has something to give, or upon {@link interrupt}; never rejects. */
  ready(): Promise<void> {
    if (this.#fetched !== undefined) return Promise.resolve();
    if (!this.#isFetching) {
      this.#isFetching = true;
      void this.#fetch().then(
        (fetched) => this.#arrived(fetched),
        (failure: unknown) => this.#arrived({ failure }),
      );
    }
    this.#waiting ??= new Promise((resolve) => {
      this.#wake = (): void => {
        this.#waiting = undefined;
        resolve();
      };
    });
    return this.#waiting;
  }

  /** Lets those who wait go on without a batch. */
  readonly interrupt: () => void = (): void => this.#wake();

  /**
   * Takes the next batch.
   *
   * @returns `'end'` once behind the last batch of an epoch; undefined when it has not come yet
   * @throws whatever the stream threw; {TypeError | RangeError} for a batch that does not fit the network, or an epoch without any
   */
  take(): Examples | 'end' | undefined {
    const fetched = this.#fetched;
    if (fetched === undefined) return undefined;
    this.#fetched = undefined;
    if (fetched === 'end') {
      this.#iterator = undefined;
      this.#batch = 0;
      return 'end';
    }
    if ('failure' in fetched) throw fetched.failure;
    return fetched.batch;
  }

  /** Lets go of the stream; called when training is over for whatever reason. */
  close(): void {
    const iterator = this.#iterator;
    this.#iterator = undefined;
    // A stream that fails to close has nobody left to tell.
    (async () => iterator?.return?.())().catch(() => {});
  }

  #arrived(fetched: { batch: Examples } | { failure: unknown } | 'end'): void {
    this.#fetched = fetched;
    this.#isFetching = false;
    this.#wake();
  }

  async #fetch(): Promise<{ batch: Examples } | 'end'> {
    this.#iterator ??= this.#begin();
    const { done, value } = await this.#iterator.next();
    if (!done) {
      this.#batch++;
      const where = `epoch ${this.#epoch}, batch ${this.#batch}`;
      return { batch: this.#reader.examples(value, where, this.#stateful) };
    }
    if (this.#batch > 0) return 'end';
    throw new RangeError(
      `data: epoch ${this.#epoch} has no batches. The function has to return a stream that has not been read yet.`,
    );
  }

  #begin(): AsyncIterator<TrainingData> | Iterator<TrainingData> {
    this.#epoch++;
    const batches: unknown = this.#open();
    if (typeof batches === 'object' && batches !== null) {
      if (Symbol.asyncIterator in batches) {
        return (batches as AsyncIterable<TrainingData>)[Symbol.asyncIterator]();
      }
      if (Symbol.iterator in batches) return (batches as Iterable<TrainingData>)[Symbol.iterator]();
    }
    throw new TypeError(
      `data: expected the function to return batches to loop over, got ${describe(batches)}.`,
    );
  }
}
