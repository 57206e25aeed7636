/**
 * Formats numbers of one table so that they line up and none loses its leading digits: the same decimals for all where the
 * largest is of ordinary size, powers of ten otherwise.
 *
 * @param values - all numbers of the table
 * @returns formats one of them
 */
export function formatter(values: Iterable<number>): (value: number) => string {
  let largest = 0;
  let whole = true;
  for (const value of values) {
    if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
    whole &&= Number.isInteger(value);
  }
  if (largest !== 0 && (largest < 1e-3 || largest >= 1e6)) return (value) => exponential(value);
  const magnitude = largest === 0 ? 0 : Math.floor(Math.log10(largest));
  const decimals = whole ? 0 : Math.max(0, 3 - magnitude);
  return (value) => (Number.isFinite(value) ? value.toFixed(decimals) : String(value));
}

function exponential(value: number): string {
  return value === 0 || !Number.isFinite(value) ? String(value) : value.toExponential(3);
}

/** One number with four significant digits: `0.1234`, `-1.5`, `3.200e-7`. */
export function formatNumber(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e6) return exponential(value);
  return String(Number(value.toPrecision(4)));
}

/** Columns padded to their widest cell; those named in `right` to the right. */
export function alignColumns(
  rows: readonly (readonly string[])[],
  right: readonly number[],
): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        right.includes(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
      )
      .join('  ')
      .trimEnd(),
  );
}
