import Papa from 'papaparse';

/** One row of a CSV text. */
export interface Row {
  readonly cells: readonly string[];
  /** Line of the text it begins on, from 1. */
  readonly line: number;
}

/** Longer rows are taken for a cell that lacks its closing quote, before they fill the memory. */
const LONGEST_ROW = 2 ** 24;

/**
 * Splits text into rows of cells: RFC 4180 with any one delimiter; lines end with LF, CR LF or CR, whichever ends the first one.
 * Empty lines are left out.
 *
 * @throws {RangeError} for quotes that do not match, naming the line
 */
export async function* rowsOf(
  pieces: AsyncIterable<string>,
  delimiter: string,
): AsyncGenerator<Row, void> {
  const parser = new RowParser(delimiter);
  for await (const piece of pieces) yield* parser.push(piece);
  yield* parser.end();
}

class RowParser {
  readonly #delimiter: string;
  #newline: string | undefined;
  /** What does not make a whole row yet. */
  #text = '';
  #line = 1;

  constructor(delimiter: string) {
    this.#delimiter = delimiter;
  }

  /** The rows that a further piece completes. */
  push(piece: string): Row[] {
    this.#text += piece;
    this.#newline ??= firstLineBreak(this.#text);
    const rows = this.#newline ? this.#parse(this.#newline, true) : [];
    if (this.#text.length > LONGEST_ROW) {
      throw new RangeError(
        `csv: line ${this.#line}: this row has more than ${LONGEST_ROW} characters. Is a closing quote missing?`,
      );
    }
    return rows;
  }

  /** The last row, which may lack a line break. */
  end(): Row[] {
    return this.#parse(this.#newline ?? '\n', false);
  }

  #parse(newline: string, more: boolean): Row[] {
    const parser = new Papa.Parser({ delimiter: this.#delimiter, newline });
    const { data, errors, meta } = parser.parse(this.#text, 0, more);
    this.#text = this.#text.slice(meta.cursor);
    const wrong = errors.find(({ row }) => row < data.length);
    const rows: Row[] = [];
    for (const [index, cells] of data.entries()) {
      const line = this.#line;
      if (index === wrong?.row) throw wrongQuotes(wrong.code, line);
      this.#line += 1 + cells.reduce((sum, cell) => sum + lineBreaks(cell), 0);
      if (cells.length > 1 || cells[0]!.trim() !== '') rows.push({ cells, line });
    }
    return rows;
  }
}

function wrongQuotes(code: string, line: number): RangeError {
  const what =
    code === 'MissingQuotes'
      ? 'a quoted cell begins in this row and does not end'
      : 'there is text behind the closing quote of a cell';
  return new RangeError(
    `csv: line ${line}: ${what}. A quote inside a quoted cell is written twice.`,
  );
}

/** The line break behind the first row, or undefined when it has not come yet. */
function firstLineBreak(text: string): string | undefined {
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') quoted = !quoted;
    if (quoted) continue;
    if (character === '\n') return '\n';
    if (character !== '\r') continue;
    if (at + 1 === text.length) return undefined;
    return text[at + 1] === '\n' ? '\r\n' : '\r';
  }
  return undefined;
}

function lineBreaks(cell: string): number {
  return cell.match(/\r\n|\n|\r/g)?.length ?? 0;
}
