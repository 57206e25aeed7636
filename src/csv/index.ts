/**
 * `chainrule/csv`: data sets from CSV. An entry of its own, so that pages without CSV do not load the parser.
 *
 * The text is split into cells by Papa Parse, which is bundled.
 */
import { checkInteger, checkKeys } from '../checks.ts';
import { Dataset, type RecordOptions } from '../index.ts';
import { csvKeys, type CsvOptions, type CsvRecord, csvRecords } from './records.ts';
import type { CsvSource } from './text.ts';

export { type CsvOptions, type CsvRecord, csvRecords, type CsvType } from './records.ts';
export type { CsvSource } from './text.ts';

/** How to make a data set of CSV: which columns are what, as for {@link Dataset.fromRecords}. */
export interface CsvDatasetOptions extends CsvOptions, RecordOptions {}

/** How to make batches of CSV. */
export interface CsvBatchOptions extends CsvOptions {
  /** Name of the target column. */
  readonly target: string;
  /** Examples per batch. */
  readonly batchSize: number;
}

/** A batch of records with their targets, as `fit` takes it from a stream. */
export interface CsvBatch {
  /** All columns of the examples; a network takes those that are features of its own. */
  readonly x: readonly CsvRecord[];
  /** The target column. */
  readonly y: readonly number[] | readonly string[];
}

/**
 * Reads CSV into a data set: columns of numbers, one column per category of columns of names, and targets.
 *
 * @param source - text, bytes in UTF-8, or a stream of them: `createReadStream(path)`, `(await fetch(url)).body`, `file.stream()`
 * @param options - target and features as for `Dataset.fromRecords`; `columns`, `types` and `delimiter` as for {@link csvRecords}
 * @throws {TypeError | RangeError} for wrong options, and with line and column for wrong cells
 * @example
 * ```ts
 * const flowers = await readCsv('petal,colour,species\n1.4,blue,setosa\n4.7,white,versicolor\n', { target: 'species' });
 * flowers.classes; // ['setosa', 'versicolor']
 * [...flowers.x]; // [1.399999976158142, 1, 0, 4.699999809265137, 0, 1]
 * ```
 */
export async function readCsv(source: CsvSource, options: CsvDatasetOptions): Promise<Dataset> {
  checkKeys(options, [...csvKeys, 'target', 'features', 'classes'], 'readCsv: options');
  const { columns, types, delimiter, ...columnsToUse } = options;
  const records: CsvRecord[] = [];
  for await (const record of csvRecords(source, given({ columns, types, delimiter }))) {
    records.push(record);
  }
  if (records.length === 0) {
    const isLine = typeof source === 'string' && !/[\r\n]/.test(source);
    const hint = ' A path is not read: pass createReadStream(path), or the text of the file.';
    throw new RangeError(`csv: there are no rows of data.${isLine ? hint : ''}`);
  }
  return Dataset.fromRecords(records, columnsToUse);
}

/**
 * Reads CSV batch by batch, for data that do not fit into memory: `net.fit(() => csvBatches(createReadStream(path), options), …)`.
 * The network must know its features by name, with their categories, and its classes.
 *
 * @throws {TypeError | RangeError} as {@link csvRecords}
 * @example
 * ```ts
 * const source = 'age,sick\n20,no\n70,yes\n50,yes\n';
 * for await (const { y } of csvBatches(source, { target: 'sick', batchSize: 2 })) y.length;
 * ```
 */
export function csvBatches(
  source: CsvSource,
  options: CsvBatchOptions,
): AsyncGenerator<CsvBatch, void> {
  checkKeys(options, [...csvKeys, 'target', 'batchSize'], 'csvBatches: options');
  const { target, batchSize, columns, types, delimiter } = options;
  checkInteger(batchSize, 'batchSize', 1);
  return readBatches(csvRecords(source, given({ columns, types, delimiter })), target, batchSize);
}

async function* readBatches(
  records: AsyncIterable<CsvRecord>,
  target: string,
  batchSize: number,
): AsyncGenerator<CsvBatch, void> {
  let batch: CsvRecord[] = [];
  const takeBatch = (): CsvBatch => {
    const x = batch;
    batch = [];
    return { x, y: x.map((record) => record[target]!) as CsvBatch['y'] };
  };
  for await (const record of records) {
    if (!(target in record)) {
      throw new RangeError(
        `target: there is no column '${target}'. Columns: ${Object.keys(record).join(', ')}.`,
      );
    }
    batch.push(record);
    if (batch.length === batchSize) yield takeBatch();
  }
  if (batch.length > 0) yield takeBatch();
}

/** The options that are not undefined. */
function given(options: { [K in keyof CsvOptions]: CsvOptions[K] | undefined }): CsvOptions {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as CsvOptions;
}
