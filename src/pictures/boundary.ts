import { interpolateRdBu } from 'd3-scale-chromatic';
import { describe } from '../errors.ts';
import type { Network } from '../network.ts';
import { contourLines, contourPaths, type Grid, gridOver, gridPoints } from './grid.ts';
import { type Area, scale, type Scale, xAxis, yAxis } from './plot.ts';
import { element, paint, picture, type PictureOptions } from './svg.ts';
import { series } from './theme.ts';

/** What a decision boundary is drawn with. */
export interface BoundaryOptions extends PictureOptions {
  /** Range of the first feature; that of the data and a margin when absent. */
  readonly x?: readonly [number, number];
  /** Range of the second feature, likewise. */
  readonly y?: readonly [number, number];
}

/** Points along each axis for which the network is asked. */
const RESOLUTION = 81;

/** Outputs between which the shades of a network with one output lie. */
const SHADES = Array.from({ length: 11 }, (_, index) => (index + 1) / 12);

const SPACE = { left: 56, top: 34, right: 20, bottom: 52 };

/** Examples as they are drawn: two features and a class each. */
interface Dots {
  readonly points: readonly (readonly [number, number])[];
  readonly classes: readonly number[];
}

/**
 * Draws what a network of two inputs answers all over the plane, and the examples in it. One output is shaded from 0 (orange) to 1 (blue)
 * with a line at ½; several outputs give each class the area where its output is the largest.
 *
 * @param network - with two inputs
 * @param data - examples, x as rows of two numbers, y as class labels or rows of outputs
 * @param options - ranges, width in pixels (420 when absent) and heading
 * @returns an SVG document
 * @throws {TypeError} without examples
 * @throws {RangeError} for a network with another number of inputs, or no examples
 * @example
 * ```ts
 * const svg = pictures.drawBoundary(net, { x: [[0, 0], [0, 1], [1, 0], [1, 1]], y: [0, 1, 1, 0] });
 * ```
 */
export function drawBoundary(
  network: Pick<Network, 'predict'>,
  data: {
    readonly x: readonly (readonly number[])[];
    readonly y: readonly (number | readonly number[])[];
  },
  options: BoundaryOptions = {},
): string {
  const { width = 420, title } = options;
  if (!Array.isArray(data?.x) || !Array.isArray(data.y)) {
    throw new TypeError(
      `drawBoundary: data: expected { x, y }, arrays of examples and their classes, got ${describe(data)}. Pass what the network was trained on.`,
    );
  }
  const dots = dotsOf(data);
  const area: Area = {
    left: SPACE.left,
    top: SPACE.top,
    width: width - SPACE.left - SPACE.right,
    height: width - SPACE.left - SPACE.right,
  };
  const xs = options.x ?? extended(dots.points.map(([x]) => x));
  const ys = options.y ?? extended(dots.points.map(([, y]) => y));
  const [x, y] = [
    scale('x', area, { domain: xs, nice: false }),
    scale('y', area, { domain: ys, nice: false }),
  ];
  const grid = gridOver(xs, ys, RESOLUTION, RESOLUTION);
  const points = gridPoints(grid);
  const outputs = network.predict(points);
  const count = outputs.length / points.length;
  const answers =
    count === 1
      ? shades({ ...grid, values: [...outputs] }, x, y, area)
      : regions(grid, outputs, count, x, y);
  return picture(
    width,
    area.height + SPACE.top + SPACE.bottom,
    `Answers of a network over its two inputs, with ${dots.points.length} examples`,
    title,
    xAxis(x, area, 'x₀'),
    yAxis(y, area, 'x₁'),
    answers,
    drawDots(dots, x, y),
  );
}

function dotsOf({
  x,
  y,
}: {
  readonly x: readonly (readonly number[])[];
  readonly y: readonly (number | readonly number[])[];
}): Dots {
  if (x.length === 0 || x.some((row) => row.length !== 2)) {
    throw new RangeError(
      `drawBoundary: x: expected rows of two numbers, got ${x.length} rows of ${x[0]?.length ?? 0}.`,
    );
  }
  const classes = y.map((target) => {
    if (typeof target === 'number') return target;
    return target.length === 1 ? Number(target[0]! >= 0.5) : target.indexOf(Math.max(...target));
  });
  return { points: x.map(([first, second]): [number, number] => [first!, second!]), classes };
}

/** The range of numbers with a quarter of it added on either side. */
function extended(values: readonly number[]): [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const margin = (high - low) / 4 || 1;
  return [low - margin, high + margin];
}

/** Shades of one output, with a line at ½. */
function shades(grid: Grid, x: Scale, y: Scale, { left, top, width, height }: Area): string {
  const ground = element('rect', { x: left, y: top, width, height, fill: shade(0) });
  const areas = contourPaths(grid, SHADES, x, y).map(({ threshold, d }) =>
    element('path', { d, fill: shade(threshold) }),
  );
  const d = contourLines(grid, 0.5, x, y);
  const line = element('path', { d, fill: 'none', stroke: '#1f2328', 'stroke-width': 1.5 });
  return [ground, ...areas, line].join('');
}

/** From orange-red over white to blue, without the darkest ends. */
function shade(output: number): string {
  return interpolateRdBu(0.24 + 0.52 * output);
}

/** The area of each class, stronger where it leads by more than one half. */
function regions(
  grid: Omit<Grid, 'values'>,
  outputs: Float32Array,
  count: number,
  x: Scale,
  y: Scale,
): string {
  return Array.from({ length: count }, (_, own) => {
    const lead = gridPoints(grid).map((_point, index) => {
      const row = outputs.subarray(index * count, (index + 1) * count);
      return (
        row[own]! -
        row.reduce(
          (most, value, other) => (other === own ? most : Math.max(most, value)),
          -Infinity,
        )
      );
    });
    return contourPaths({ ...grid, values: lead }, [0, 0.5], x, y)
      .map(({ d }) => element('path', { d, 'fill-opacity': 0.25, ...paint({ fill: series(own) }) }))
      .join('');
  }).join('');
}

/** Examples: circles, or squares for every other class, in the colour of their class. */
function drawDots({ points, classes }: Dots, x: Scale, y: Scale): string {
  const single = Math.max(...classes) <= 1;
  return points
    .map(([px, py], index) => {
      const own = classes[index]!;
      const colours = paint({ fill: series(single ? 1 - own : own), stroke: 'background' });
      const [cx, cy] = [x(px), y(py)];
      if (own % 2 === 0)
        return element('circle', { cx, cy, r: 5, 'stroke-width': 1.5, ...colours });
      return element('rect', {
        x: cx - 4.5,
        y: cy - 4.5,
        width: 9,
        height: 9,
        'stroke-width': 1.5,
        ...colours,
      });
    })
    .join('');
}
