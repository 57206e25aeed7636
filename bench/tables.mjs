/**
 * A table for the terminal, Markdown and the report.
 *
 * @typedef {object} Table
 * @property {string} title
 * @property {string} [note] - how to read it
 * @property {string[]} columns
 * @property {(string | number)[][]} rows
 */

/** Marks a figure that was taken while the machine was slow. */
export const SLOW_MARK = 'slow phase';

/**
 * @param {Table} table
 * @returns {string} in Markdown, columns aligned so that it reads well in a terminal too
 */
export function toMarkdown({ title, note, columns, rows }) {
  const cells = [columns, ...rows.map((row) => row.map(String))].map((row) =>
    row.map((cell) => cell.replaceAll('|', '\\|')),
  );
  const isNumeric = columns.map((_, column) => rows.every((row) => isFigure(row[column])));
  const widths = columns.map((_, column) =>
    Math.max(3, ...cells.map((row) => [...row[column]].length)),
  );
  const line = (/** @type {string[]} */ row) => `| ${row.map(pad).join(' | ')} |`;
  const pad = (/** @type {string} */ cell, /** @type {number} */ column) => {
    const blanks = ' '.repeat(widths[column] - [...cell].length);
    return isNumeric[column] ? blanks + cell : cell + blanks;
  };
  const rule = widths.map((width, column) =>
    isNumeric[column] ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width),
  );
  const body = [line(cells[0]), `| ${rule.join(' | ')} |`, ...cells.slice(1).map(line)];
  return [`### ${title}`, ...(note ? [note] : []), body.join('\n')].join('\n\n') + '\n';
}

/** @param {string | number} cell */
function isFigure(cell) {
  return /^([\d.,]+( %|×| k| M| µs| ms| kB| s)?|–|)$/.test(String(cell));
}

/**
 * A number with three significant digits and thousands as k or M, as tables show it.
 *
 * @param {number | undefined} value
 */
export function short(value) {
  if (value === undefined) return '–';
  if (value >= 999_500) return `${trim(value / 1e6)} M`;
  if (value >= 9995) return `${trim(value / 1e3)} k`;
  return trim(value);
}

/** @param {number} value */
function trim(value) {
  if (value >= 100) return value.toFixed(0);
  return value.toPrecision(3);
}

/** @param {number} value - 1 is the whole */
export function percent(value) {
  return `${Math.round(100 * value)} %`;
}

/**
 * How many times more.
 *
 * @param {number | undefined} value
 * @param {number | undefined} base
 */
export function times(value, base) {
  if (value === undefined || base === undefined) return '–';
  const factor = value / base;
  return `${factor >= 9.95 ? factor.toFixed(0) : factor.toFixed(1)}×`;
}
