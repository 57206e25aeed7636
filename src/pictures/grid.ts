import { type ContourMultiPolygon, contours } from 'd3-contour';
import type { Scale } from './plot.ts';
import { point } from './svg.ts';

/** Values of a function of two numbers over a rectangle, row by row from the smallest y. */
export interface Grid {
  readonly columns: number;
  readonly rows: number;
  readonly values: number[];
  readonly x: (column: number) => number;
  readonly y: (row: number) => number;
}

/** The points of a grid over two ranges, evenly spread, borders included; values to be filled in. */
export function gridOver(
  [left, right]: readonly [number, number],
  [bottom, top]: readonly [number, number],
  columns: number,
  rows: number,
): Omit<Grid, 'values'> {
  return {
    columns,
    rows,
    x: (column) => left + (column / (columns - 1)) * (right - left),
    y: (row) => bottom + (row / (rows - 1)) * (top - bottom),
  };
}

/** Every point of a grid in the order of its values. */
export function gridPoints({ columns, rows, x, y }: Omit<Grid, 'values'>): [number, number][] {
  return Array.from({ length: columns * rows }, (_, index): [number, number] => [
    x(index % columns),
    y(Math.floor(index / columns)),
  ]);
}

/** Path data of the areas where the values are at least each threshold. */
export function contourPaths(
  grid: Grid,
  thresholds: readonly number[],
  x: Scale,
  y: Scale,
): { threshold: number; d: string }[] {
  const areas = contours()
    .size([grid.columns, grid.rows])
    .thresholds([...thresholds])(grid.values);
  return areas.map((area) => ({ threshold: area.value, d: pathOf(area, grid, x, y) }));
}

/** Path data of the lines on which the function has a value, without the borders of the rectangle. */
export function contourLines(grid: Grid, value: number, x: Scale, y: Scale): string {
  const [area] = contours().size([grid.columns, grid.rows]).thresholds([value])(grid.values);
  return ringsOf(area!, grid)
    .map((ring) => {
      const steps = ring.map((corner, index) => {
        const before = ring[index - 1];
        const isBorder = before !== undefined && areOnBorder(before, corner, grid);
        return `${before && !isBorder ? 'L' : 'M'}${place(corner, grid, x, y)}`;
      });
      return steps.join('');
    })
    .join('');
}

type Corner = readonly [column: number, row: number];

function pathOf(area: ContourMultiPolygon, grid: Grid, x: Scale, y: Scale): string {
  return ringsOf(area, grid)
    .map((ring) => `M${ring.map((corner) => place(corner, grid, x, y)).join('L')}Z`)
    .join('');
}

/** d3 puts the value of a cell into its middle; what lies beyond the middles of the outermost cells is moved to the border. */
function ringsOf({ coordinates }: ContourMultiPolygon, { columns, rows }: Grid): Corner[][] {
  const clamp = (value: number, count: number): number =>
    Math.min(Math.max(value - 0.5, 0), count - 1);
  return coordinates
    .flat()
    .map((ring) =>
      ring.map(([column, row]): Corner => [clamp(column!, columns), clamp(row!, rows)]),
    );
}

function areOnBorder(a: Corner, b: Corner, { columns, rows }: Grid): boolean {
  return [columns, rows].some((count, axis) =>
    [0, count - 1].some((edge) => a[axis] === edge && b[axis] === edge),
  );
}

function place([column, row]: Corner, grid: Grid, x: Scale, y: Scale): string {
  const tenths = (value: number): number => Math.round(value * 10) / 10;
  return point(tenths(x(grid.x(column))), tenths(y(grid.y(row))));
}
