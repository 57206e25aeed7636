import { scaleLinear, scaleLog } from 'd3-scale';
import { formatNumber } from '../inspect/format.ts';
import { element, paint, round, text } from './svg.ts';

/** Where in a picture something is drawn. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Maps numbers to pixels; what of the scales of d3 is used. */
export interface Scale {
  (value: number): number;
  domain(): number[];
  ticks(count: number): number[];
  tickFormat(count: number): (value: number) => string;
}

/** What an axis shows. */
export interface AxisOptions {
  readonly domain: readonly [number, number];
  readonly logarithmic?: boolean;
  /** Extend the domain to round numbers; true when absent. */
  readonly nice?: boolean;
}

/** A scale over the width of an area, or over its height from the bottom up. */
export function scale(
  direction: 'x' | 'y',
  { left, top, width, height }: Area,
  { domain: [low, high], logarithmic = false, nice = true }: AxisOptions,
): Scale {
  const range = direction === 'x' ? [left, left + width] : [top + height, top];
  const domain = low === high ? [low - 0.5, high + 0.5] : [low, high];
  const result = logarithmic ? scaleLog(domain, range) : scaleLinear(domain, range);
  return nice ? result.nice() : result;
}

/** Ticks with grid lines along the bottom of an area. */
export function xAxis(x: Scale, { left, top, width, height }: Area, label: string): string {
  const count = Math.max(2, Math.floor(width / 70));
  return [
    ...ticks(x, count).map(([value, name]) => {
      const at = x(value);
      return (
        line(at, top, at, top + height, 'grid') +
        text(at, top + height + 14, name, { role: 'muted', size: 11, anchor: 'middle' })
      );
    }),
    text(left + width / 2, top + height + 32, label, { role: 'muted', anchor: 'middle' }),
  ].join('');
}

/** Ticks with grid lines along the left of an area, and the name of what they measure above it. */
export function yAxis(y: Scale, { left, top, width, height }: Area, label: string): string {
  const count = Math.max(2, Math.floor(height / 45));
  return [
    ...ticks(y, count).map(([value, name]) => {
      const at = y(value);
      return (
        line(left, at, left + width, at, 'grid') +
        text(left - 8, at, name, { role: 'muted', size: 11, anchor: 'end' })
      );
    }),
    text(left, top - 14, label, { role: 'muted', anchor: 'start' }),
  ].join('');
}

/** Tick values and their names; of a logarithmic scale only those that d3 finds room for, the powers of ten first. */
function ticks(of: Scale, count: number): [number, string][] {
  const format = of.tickFormat(count);
  const isLogarithmic = 'base' in of;
  return of
    .ticks(count)
    .map((value): [number, string] => [value, format(value)])
    .filter(([, name]) => name !== '')
    .map(([value, name]) => [value, isLogarithmic ? formatNumber(value) : name]);
}

/** A straight line. */
export function line(
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  stroke: Parameters<typeof paint>[0]['stroke'] & string,
  width: number = 1,
  opacity?: number,
): string {
  return element('line', {
    x1,
    y1,
    x2,
    y2,
    'stroke-width': width,
    'stroke-opacity': opacity,
    ...paint({ stroke }),
  });
}

/** Coordinates of a polyline. */
export function path(points: readonly (readonly [number, number])[]): string {
  return points
    .map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${round(x)},${round(y)}`)
    .join('');
}

/** Names with the colours they stand for, in a row. */
export function legend(
  entries: readonly {
    readonly name: string;
    readonly role: NonNullable<Parameters<typeof paint>[0]['stroke']>;
    readonly dashed?: boolean;
  }[],
  left: number,
  top: number,
): string {
  let x = left;
  return entries
    .map(({ name, role, dashed = false }) => {
      const start = x;
      x += 34 + name.length * 6.6;
      return (
        element('line', {
          x1: start,
          y1: top,
          x2: start + 18,
          y2: top,
          'stroke-width': 3,
          'stroke-dasharray': dashed ? '5 3' : undefined,
          ...paint({ stroke: role }),
        }) + text(start + 24, top, name, { size: 12 })
      );
    })
    .join('');
}
