import { checkKeys, checkName } from '../checks.ts';
import { describe, suggestion } from '../errors.ts';
import { checkNames } from '../nn/input.ts';
import { rowsOf, type Row } from './rows.ts';
import { type CsvSource, textOf } from './text.ts';

/** What a column holds. */
export type CsvType = 'number' | 'string';

/** How to read CSV. */
export interface CsvOptions {
  /** Names of the columns, when the first line is data already; the first line when absent. */
  readonly columns?: readonly string[];
  /** What columns hold; a column that is not listed holds what its first cell looks like. */
  readonly types?: Readonly<Record<string, CsvType>>;
  /** The character between cells; a comma when absent. */
  readonly delimiter?: string;
}

/** One row as an object, numbers as numbers. */
export type CsvRecord = Readonly<Record<string, number | string>>;

export const csvKeys: readonly (keyof CsvOptions)[] = ['columns', 'types', 'delimiter'];

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * Reads CSV row by row as it comes, in memory for a few rows.
 *
 * Cells of number columns must be numbers; cells of string columns are taken as they are, empty ones too.
 *
 * @param source - text, bytes, or a stream of them
 * @throws {TypeError | RangeError} for wrong options at once; from the loop with line and column for cells of another type, rows of
 * another length, and quotes that do not match
 * @example
 * ```ts
 * for await (const { name, age } of csvRecords('name,age\n"Doe, J",41\n')) [name, age]; // ['Doe, J', 41]
 * ```
 */
export function csvRecords(
  source: CsvSource,
  options: CsvOptions = {},
): AsyncGenerator<CsvRecord, void> {
  checkKeys(options, csvKeys, 'csvRecords: options');
  return readRecords(source, checkOptions(options));
}

type CheckedOptions = Required<Pick<CsvOptions, 'types' | 'delimiter'>> & CsvOptions;

function checkOptions({ columns, types = {}, delimiter = ',' }: CsvOptions): CheckedOptions {
  if (columns !== undefined) checkNames(columns, 'columns');
  if (typeof delimiter !== 'string' || delimiter.length !== 1 || /["\r\n\ufeff]/.test(delimiter)) {
    throw new RangeError(
      `delimiter: expected one character such as ',' or ';' or '\\t', got ${describe(delimiter)}.`,
    );
  }
  for (const [name, type] of Object.entries(types)) {
    checkName(type, ['number', 'string'] as const, `types.${name}`);
  }
  return { types, delimiter, ...(columns && { columns }) };
}

async function* readRecords(
  source: CsvSource,
  { columns, types, delimiter }: CheckedOptions,
): AsyncGenerator<CsvRecord, void> {
  let reader = columns && new RecordReader(columns, types);
  for await (const row of rowsOf(textOf(source), delimiter)) {
    if (reader) yield reader.read(row);
    else reader = new RecordReader(header(row, delimiter), types);
  }
}

/** The names in the first line. */
function header({ cells, line }: Row, delimiter: string): string[] {
  const names = cells.map((cell) => cell.trim());
  for (const [index, name] of names.entries()) {
    if (name !== '' && names.indexOf(name) === index) continue;
    throw new RangeError(
      `csv: line ${line}: the name of column ${index + 1} is ${name === '' ? 'empty' : `'${name}' again`}. ` +
        'Give the names with columns: [ … ] when the first line is data.',
    );
  }
  const other = [',', ';', '\t'].find((character) => names[0]!.includes(character));
  if (names.length > 1 || other === undefined) return names;
  throw new RangeError(
    `csv: line ${line}: there is no ${JSON.stringify(delimiter)} in it. Is it delimiter: ${JSON.stringify(other)}?`,
  );
}

/** Turns rows into objects. */
class RecordReader {
  readonly #names: readonly string[];
  /** Undefined until the first row shows it. */
  readonly #types: (CsvType | undefined)[];

  constructor(names: readonly string[], types: Readonly<Record<string, CsvType>>) {
    for (const name of Object.keys(types)) {
      if (names.includes(name)) continue;
      throw new RangeError(
        `types: there is no column '${name}'.${suggestion(name, names)} Columns: ${names.join(', ')}.`,
      );
    }
    this.#names = names;
    this.#types = names.map((name) => (Object.hasOwn(types, name) ? types[name] : undefined));
  }

  read({ cells, line }: Row): CsvRecord {
    if (cells.length !== this.#names.length) {
      throw new RangeError(
        `csv: line ${line}: expected ${this.#names.length} cells (${this.#names.join(', ')}), got ${cells.length}. ` +
          'A cell with a delimiter in it must be quoted.',
      );
    }
    return Object.fromEntries(
      this.#names.map((name, column) => [name, this.#cell(cells[column]!, column, line)]),
    );
  }

  #cell(cell: string, column: number, line: number): number | string {
    const text = cell.trim();
    const isNumber = NUMBER.test(text);
    const type = (this.#types[column] ??= isNumber ? 'number' : 'string');
    if (type === 'string') return cell;
    const number = isNumber ? Number(text) : NaN;
    if (Number.isFinite(number)) return number;
    throw new RangeError(
      `csv: line ${line}, column '${this.#names[column]}': expected a number, got ${text === '' ? 'an empty cell' : JSON.stringify(text)}. ` +
        `Mend the cell, or leave the row out; if the column holds names, say types: { '${this.#names[column]}': 'string' }.`,
    );
  }
}
