import * as abi from '../../src/core/abi.ts';

const roundUp = (count: number): number => Math.ceil(count / abi.LANES) * abi.LANES;

/** Where element [row, column] of a matrix in panels is, in floats from its beginning. */
export function panelIndex(row: number, column: number, rows: number, columns: number): number {
  const padded = roundUp(columns);
  const top = row - (row % abi.PANEL_ROWS);
  const depth = Math.min(abi.PANEL_ROWS, rows - top);
  const inWide = padded - (padded % abi.PANEL_COLUMNS);
  const isWide = column < inWide;
  const left = isWide ? column - (column % abi.PANEL_COLUMNS) : inWide;
  const width = isWide ? abi.PANEL_COLUMNS : abi.LANES;
  return top * padded + left * depth + (row - top) * width + (column - left);
}

/** The memory of a matrix in panels, padding zero, as rows of as many numbers as there are padded columns. */
export function inPanels(values: readonly (readonly number[])[], columns: number): number[][] {
  const padded = roundUp(columns);
  const rows = values.map(() => new Array<number>(padded).fill(0));
  for (const [row, own] of values.entries()) {
    for (let column = 0; column < columns; column++) {
      const index = panelIndex(row, column, values.length, columns);
      rows[Math.floor(index / padded)]![index % padded] = own[column]!;
    }
  }
  return rows;
}
