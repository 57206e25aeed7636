import { element, escapeText } from './svg.mjs';

const WIDTH = 880;
const LABELS = 300;
const VALUES = 150;
const ROW = 24;
const BAR = 14;
const AREA = WIDTH - LABELS - VALUES;

/** Colours of the parts of a stacked bar are classes `c0` … `c9` of the report's style sheet. */
const COLOURS = 10;

/**
 * Horizontal bars.
 *
 * @param {{ label: string, value: number, text: string, muted?: boolean }[]} rows - muted bars are those of others, or not to be trusted
 * @param {{ maximum?: number, logarithmic?: boolean }} [options] - a logarithmic scale shows ratios of any size; it starts at a third of the smallest value
 */
export function barChart(rows, { maximum, logarithmic = false } = {}) {
  if (rows.length === 0) return '';
  const values = rows.map(({ value }) => value);
  const most = maximum ?? Math.max(...values);
  const least = Math.min(...values) / 3;
  const share = (/** @type {number} */ value) =>
    logarithmic ? Math.log(value / least) / Math.log(most / least) : value / most;
  const bars = rows.map(({ label, value, text, muted }, index) => {
    const y = index * ROW;
    const width = Math.max(1, Math.min(1, share(value)) * AREA);
    const shape = { x: LABELS, y: y + (ROW - BAR) / 2, width, height: BAR, rx: 2 };
    return [
      label === '' ? '' : labelAt(label, y),
      element('rect', { ...shape, class: muted ? 'muted' : 'c0' }),
      textAt(text, LABELS + width + 8, y, 'value'),
    ].join('');
  });
  return figure(rows.length * ROW, bars);
}

/**
 * Bars of parts that add up to a whole, with a legend.
 *
 * @param {{ label: string, parts: Record<string, number>, text: string }[]} rows
 */
export function stackedChart(rows) {
  if (rows.length === 0) return '';
  const names = [...new Set(rows.flatMap(({ parts }) => Object.keys(parts)))];
  const bars = rows.map(({ label, parts, text }, index) => {
    const y = index * ROW;
    const total = Object.values(parts).reduce((sum, value) => sum + value, 0);
    let x = LABELS;
    const pieces = names.map((name, colour) => {
      const value = parts[name] ?? 0;
      const width = (value / total) * AREA;
      const shape = { x, y: y + (ROW - BAR) / 2, width, height: BAR, class: classOf(colour) };
      x += width;
      const tip = `${name}: ${((100 * value) / total).toFixed(1)} %`;
      return element('rect', shape, element('title', {}, escapeText(tip)));
    });
    return [labelAt(label, y), ...pieces, textAt(text, LABELS + AREA + 8, y, 'value')].join('');
  });
  return figure(rows.length * ROW, bars) + legend(names);
}

/**
 * A curve over a logarithmic x axis whose ticks are the given points; y starts at 0 when linear.
 *
 * @param {{ x: number, y: number }[]} points
 * @param {{ logarithmic: boolean, format: (value: number) => string, unit: string }} options
 */
export function lineChart(points, { logarithmic, format, unit }) {
  const [width, height, left, bottom] = [420, 220, 64, 30];
  const ticks = logarithmic ? decades(points) : linearTicks(points);
  const [low, high] = [ticks[0], ticks[ticks.length - 1]];
  const scale = logarithmic ? Math.log : (/** @type {number} */ value) => value;
  const first = Math.log(points[0].x);
  const last = Math.log(points[points.length - 1].x);
  const x = (/** @type {number} */ value) =>
    left + ((Math.log(value) - first) / (last - first)) * (width - left - 24);
  const y = (/** @type {number} */ value) =>
    height -
    bottom -
    ((scale(value) - scale(low)) / (scale(high) - scale(low))) * (height - bottom - 26);
  const path = points.map(
    (point, index) => `${index === 0 ? 'M' : 'L'}${x(point.x).toFixed(1)} ${y(point.y).toFixed(1)}`,
  );
  return element(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, width, height, role: 'img' },
    element('text', { x: 4, y: 12, class: 'value' }, escapeText(unit)),
    ...ticks.flatMap((tick) => [
      element('line', { x1: left, x2: width - 16, y1: y(tick), y2: y(tick), class: 'grid' }),
      element('text', { x: left - 8, y: y(tick) + 4, class: 'tick' }, escapeText(format(tick))),
    ]),
    ...points.map((point) =>
      element('text', { x: x(point.x), y: height - 10, class: 'tick middle' }, String(point.x)),
    ),
    element('path', { d: path.join(' '), class: 'curve' }),
    ...points.map((point) =>
      element(
        'circle',
        { cx: x(point.x), cy: y(point.y), r: 3.5, class: 'c0' },
        element('title', {}, escapeText(`${point.x}: ${format(point.y)}`)),
      ),
    ),
  );
}

/**
 * Powers of ten around the values.
 *
 * @param {{ y: number }[]} points
 */
export function decades(points) {
  const exponents = points.map(({ y }) => Math.log10(y));
  const low = Math.floor(Math.min(...exponents));
  const high = Math.max(low + 1, Math.ceil(Math.max(...exponents)));
  return Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index));
}

/**
 * Four equal steps from 0 to a round number not below the values.
 *
 * @param {{ y: number }[]} points
 */
export function linearTicks(points) {
  const most = Math.max(...points.map(({ y }) => y));
  const unit = 10 ** Math.floor(Math.log10(most));
  const top = [1, 2, 4, 6, 8, 10].map((factor) => factor * unit).find((value) => value >= most);
  return [0, 0.25, 0.5, 0.75, 1].map((share) => share * (top ?? most));
}

/** @param {number} colour */
function classOf(colour) {
  return `c${colour % COLOURS}`;
}

/** @param {string[]} names */
function legend(names) {
  const items = names.map((name, colour) => {
    const square = element('rect', { width: 12, height: 12, rx: 2, class: classOf(colour) });
    return element('span', {}, element('svg', { width: 12, height: 12 }, square), escapeText(name));
  });
  return element('p', { class: 'legend' }, ...items);
}

/**
 * @param {string} label
 * @param {number} y
 */
function labelAt(label, y) {
  return textAt(label, LABELS - 8, y, 'label');
}

/**
 * @param {string} text
 * @param {number} x
 * @param {number} y - top of the row
 * @param {string} kind
 */
function textAt(text, x, y, kind) {
  return element('text', { x, y: y + ROW / 2 + 4, class: kind }, escapeText(text));
}

/**
 * @param {number} height
 * @param {string[]} children
 */
function figure(height, children) {
  const size = { viewBox: `0 0 ${WIDTH} ${height}`, width: WIDTH, height, role: 'img' };
  return element('svg', size, ...children);
}
