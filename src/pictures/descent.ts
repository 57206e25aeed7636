import { contourLines, gridOver, gridPoints } from './grid.ts';
import { type Area, line, path, scale, type Scale, xAxis, yAxis } from './plot.ts';
import { element, paint, picture, type PictureOptions, text } from './svg.ts';

/** What gradient descent is drawn with. */
export interface DescentOptions extends PictureOptions {
  /** Range of the first parameter. */
  readonly x: readonly [number, number];
  /** Range of the second parameter; of a cost of one parameter, range of the cost. */
  readonly y: readonly [number, number];
}

/** A cost of one or of two parameters. */
export type Cost1 = (w: number) => number;
export type Cost2 = (w0: number, w1: number) => number;

/** Points on a curve, points along each axis of a plane, and levels of the cost in it. */
const CURVE_POINTS = 160;
const RESOLUTION = 41;
const LEVELS = 10;

const SPACE = { left: 52, top: 54, bottom: 46, gap: 24 };
const HEIGHT = 230;

/**
 * Draws the steps of gradient descent on a cost of one parameter, or of two seen from above with lines of equal cost; one panel for each
 * run, so that learning rates can be compared.
 *
 * @param cost - the function that is minimised
 * @param runs - by name, the parameter after each step, `[w, …]` or `[[w0, w1], …]`
 * @param options - ranges to show, width in pixels (260 per run when absent) and heading
 * @returns an SVG document
 * @throws {RangeError} when there is no run to draw
 * @example
 * ```ts
 * const svg = pictures.drawDescent((w) => w * w, { 'η = 0.1': [1, 0.8, 0.64] }, { x: [-1, 1], y: [0, 1] });
 * const plane = pictures.drawDescent((u, v) => u * u + 9 * v * v, { 'η = 0.1': [[1, 1], [0.8, -0.8]] }, { x: [-1, 1], y: [-1, 1] });
 * ```
 */
export function drawDescent(
  cost: Cost1,
  runs: Readonly<Record<string, readonly number[]>>,
  options: DescentOptions,
): string;
export function drawDescent(
  cost: Cost2,
  runs: Readonly<Record<string, readonly (readonly [number, number])[]>>,
  options: DescentOptions,
): string;
export function drawDescent(
  cost: Cost1 | Cost2,
  runs: Readonly<Record<string, readonly number[] | readonly (readonly [number, number])[]>>,
  options: DescentOptions,
): string {
  const entries = Object.entries(runs);
  if (entries.length === 0)
    throw new RangeError('drawDescent: expected at least one run, got none.');
  const { width = 260 * entries.length + 40, title } = options;
  const panelWidth =
    (width - 20 - SPACE.left * entries.length - SPACE.gap * (entries.length - 1)) / entries.length;
  const panels = entries.map(([name, steps], index) => {
    const area = {
      left: SPACE.left + index * (SPACE.left + panelWidth + SPACE.gap),
      top: SPACE.top,
      width: panelWidth,
      height: HEIGHT,
    };
    const [x, y] = [
      scale('x', area, { domain: options.x, nice: false }),
      scale('y', area, { domain: options.y, nice: false }),
    ];
    const flat = typeof steps[0] === 'number';
    return (
      text(area.left, 14, name, { weight: 600 }) +
      (flat
        ? curvePanel(cost as Cost1, steps as readonly number[], area, x, y)
        : planePanel(cost as Cost2, steps as readonly (readonly [number, number])[], area, x, y))
    );
  });
  return picture(
    width,
    SPACE.top + HEIGHT + SPACE.bottom,
    `Gradient descent: ${entries.map(([name]) => name).join(', ')}`,
    title,
    ...panels,
  );
}

function curvePanel(cost: Cost1, steps: readonly number[], area: Area, x: Scale, y: Scale): string {
  const [low, high] = x.domain() as [number, number];
  const curve = Array.from({ length: CURVE_POINTS + 1 }, (_, index): [number, number] => {
    const w = low + (index / CURVE_POINTS) * (high - low);
    return [x(w), y(cost(w))];
  }).filter(([, at]) => at >= area.top && at <= area.top + area.height);
  return [
    xAxis(x, area, 'w'),
    yAxis(y, area, 'C'),
    element('path', {
      d: path(curve),
      'stroke-width': 2,
      ...paint({ fill: 'none', stroke: 'muted' }),
    }),
    trail(
      steps.map((w) => [x(w), y(cost(w))]),
      area,
    ),
  ].join('');
}

function planePanel(
  cost: Cost2,
  steps: readonly (readonly [number, number])[],
  area: Area,
  x: Scale,
  y: Scale,
): string {
  const grid = gridOver(
    x.domain() as [number, number],
    y.domain() as [number, number],
    RESOLUTION,
    RESOLUTION,
  );
  const values = gridPoints(grid).map(([u, v]) => cost(u, v));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  // Closer to each other near the minimum, where the cost is flat: levels whose roots are evenly spread.
  const levels = Array.from(
    { length: LEVELS },
    (_, index) => low + (high - low) * ((index + 1) / (LEVELS + 1)) ** 2,
  );
  const d = levels.map((level) => contourLines({ ...grid, values }, level, x, y)).join('');
  const colours = paint({ fill: 'none', stroke: 'muted' });
  const rings = element('path', { d, ...colours, 'stroke-opacity': 0.5 });
  return [
    xAxis(x, area, 'w₀'),
    yAxis(y, area, 'w₁'),
    rings,
    trail(
      steps.map(([u, v]) => [x(u), y(v)]),
      area,
    ),
  ].join('');
}

/** The steps that lie inside an area, joined, the first one hollow; a step out of it ends the trail with a dashed line to the border. */
function trail(points: readonly (readonly [number, number])[], area: Area): string {
  const inside = ([px, py]: readonly [number, number]): boolean =>
    px >= area.left &&
    px <= area.left + area.width &&
    py >= area.top &&
    py <= area.top + area.height;
  const leaves = points.findIndex((p) => !inside(p));
  const shown = leaves < 0 ? points : points.slice(0, leaves);
  const dots = shown.map(([cx, cy], index) =>
    element('circle', {
      cx,
      cy,
      r: 3.5,
      'stroke-width': 1.5,
      ...paint({ fill: index === 0 ? 'background' : 'series1', stroke: 'series1' }),
    }),
  );
  const joined = element('path', {
    d: path(shown),
    'stroke-width': 1.5,
    ...paint({ fill: 'none', stroke: 'series1' }),
  });
  const last = shown.at(-1);
  if (leaves < 0 || !last) return joined + dots.join('');
  return joined + exit(last, points[leaves]!, area) + dots.join('');
}

/** A line from the last point inside towards the next one, as far as the border. */
function exit(
  [x1, y1]: readonly [number, number],
  [x2, y2]: readonly [number, number],
  { left, top, width, height }: Area,
): string {
  const share = (from: number, to: number, low: number, high: number): number =>
    to > high ? (high - from) / (to - from) : to < low ? (low - from) / (to - from) : 1;
  const t = Math.min(share(x1, x2, left, left + width), share(y1, y2, top, top + height));
  return line(x1, y1, x1 + t * (x2 - x1), y1 + t * (y2 - y1), 'series1', 1.5, 0.6);
}
