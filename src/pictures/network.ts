import type { LayerSpec } from '../nn/layers/index.ts';
import type { Network } from '../network.ts';
import { line } from './plot.ts';
import { element, paint, picture, type PictureOptions, text } from './svg.ts';

/** Neurons of a layer that are drawn; of larger layers the first and the last ones. */
const MOST_NEURONS = 12;

/** Weights that are drawn between two layers at most, the largest ones. */
const MOST_WEIGHTS = 400;

const MOST_HEIGHT = 360;

/** From one neuron to the next where there is room. */
const SPACING = 44;
const MARGIN = { left: 60, right: 60, top: 20, bottom: 44 };

/** What of a network is drawn. */
type Drawable = Pick<Network, 'parameters' | 'spec'>;

/** A column of neurons. */
interface Column {
  readonly title: string;
  readonly count: number;
  /** Indices of the neurons that are drawn, from the top. */
  readonly shown: readonly number[];
  readonly x: number;
  /** Height of the whole picture. */
  readonly height: number;
}

/** The weights that lead to a column, [units, inputs]. */
interface Weights {
  readonly values: Float32Array;
  readonly inputs: number;
  /** What its units are: the activation function of a dense layer, or the kind of another. */
  readonly title: string;
}

/**
 * Draws a network: a circle for each neuron, a line for each weight, blue where it is positive and orange where it is
 * negative, the wider the larger it is compared with the largest of its layer. Of large layers the first and last neurons are drawn.
 * Of a recurrent layer these are the weights Wx of its input, of several gates the largest, without those from step to step; both
 * directions of a bidirectional one stand in one column. An embedding is drawn from its tokens.
 *
 * @param network - as it is now
 * @param options - width in pixels (640 when absent) and heading
 * @returns an SVG document
 * @throws {RangeError} for a network without weights
 * @example
 * ```ts
 * const svg = pictures.drawNetwork(net, { title: 'XOR' });
 * svg.startsWith('<svg'); // true
 * ```
 */
export function drawNetwork(network: Drawable, options: PictureOptions = {}): string {
  const { width = 640, title } = options;
  const weights = weightsOf(network);
  if (weights.length === 0)
    throw new RangeError(
      'drawNetwork: expected a network with weights, as a dense layer has, got none.',
    );
  const columns = columnsOf(weights, width);
  const lines = weights.map((layer, index) =>
    weightLines(layer, columns[index]!, columns[index + 1]!),
  );
  const names = columns.map(({ title: name }) => name).join(', ');
  return picture(
    width,
    columns[0]!.height,
    `A network: ${names}`,
    title,
    ...lines,
    ...columns.map(drawColumn),
  );
}

function weightsOf({ parameters, spec }: Drawable): Weights[] {
  return spec.layers.flatMap((layer, index) => {
    const parts = parameters
      .filter(({ name }) => name.startsWith(`layers.${index}.`) && /\.(?:W|Wx|E)$/.test(name))
      .map(({ shape, get }) => toUnits(layer, get(), shape));
    if (parts.length === 0) return [];
    const values = Float32Array.from(parts.flatMap((part) => [...part.values]));
    return [{ values, inputs: parts[0]!.inputs, title: titleOf(layer) }];
  });
}

function titleOf(layer: LayerSpec): string {
  if (layer.kind === 'dense') return layer.activation ?? 'linear';
  return layer.kind === 'bidirectional' ? `${layer.layer.kind}, both ways` : layer.kind;
}

/** A parameter as [units, inputs]: rows of tokens turned, and of the gates of each unit the largest weight. */
function toUnits(
  layer: LayerSpec,
  values: Float32Array,
  shape: readonly number[],
): Omit<Weights, 'title'> {
  const [rows, columns] = shape as [number, number];
  if (layer.kind === 'embedding') {
    const turned = values.map((_, at) => values[(at % rows) * columns + Math.floor(at / rows)]!);
    return { values: turned, inputs: rows };
  }
  const own = layer.kind === 'bidirectional' ? layer.layer : layer;
  const size = ('units' in own ? own.units : rows) * columns;
  const largest = values.slice(0, size);
  for (const [at, value] of values.entries()) {
    if (Math.abs(value) > Math.abs(largest[at % size]!)) largest[at % size] = value;
  }
  return { values: largest, inputs: columns };
}

function columnsOf(weights: readonly Weights[], width: number): Column[] {
  const counts = [
    weights[0]!.inputs,
    ...weights.map(({ values, inputs }) => values.length / inputs),
  ];
  const step = (width - MARGIN.left - MARGIN.right) / (counts.length - 1);
  const tallest = Math.max(...counts.map((count) => shownNeurons(count).length));
  const height = Math.min(MOST_HEIGHT, tallest * SPACING + MARGIN.top + MARGIN.bottom + 20);
  return counts.map((count, index) => ({
    title: `${count} ${index === 0 ? 'inputs' : weights[index - 1]!.title}`,
    count,
    shown: shownNeurons(count),
    x: MARGIN.left + index * step,
    height,
  }));
}

function shownNeurons(count: number): number[] {
  const all = Array.from({ length: count }, (_, index) => index);
  if (count <= MOST_NEURONS) return all;
  const half = MOST_NEURONS / 2;
  return [...all.slice(0, half), ...all.slice(-half)];
}

/** The height of the place-th of the neurons that are drawn; large layers have a gap in the middle. */
function heightOf({ shown, count, height }: Column, place: number): number {
  const gap = count > shown.length ? 1 : 0;
  const rows = shown.length + gap;
  const room = height - MARGIN.top - MARGIN.bottom;
  const step = Math.min(SPACING, room / rows);
  const row = place + (gap && place >= shown.length / 2 ? gap : 0);
  return MARGIN.top + room / 2 + (row - (rows - 1) / 2) * step;
}

function weightLines({ values, inputs }: Weights, below: Column, above: Column): string {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  const drawn = above.shown.flatMap((to, toPlace) =>
    below.shown.map((from, fromPlace) => ({
      value: values[to * inputs + from]!,
      toPlace,
      fromPlace,
    })),
  );
  return drawn
    .sort((a, b) => Math.abs(a.value) - Math.abs(b.value))
    .slice(-MOST_WEIGHTS)
    .map(({ value, toPlace, fromPlace }) => {
      const share = Math.abs(value) / largest;
      const role = value < 0 ? 'negative' : 'positive';
      const [y1, y2] = [heightOf(below, fromPlace), heightOf(above, toPlace)];
      return line(below.x, y1, above.x, y2, role, 0.4 + 4.6 * share, 0.25 + 0.7 * share);
    })
    .join('');
}

function drawColumn(column: Column): string {
  const { shown, count, x, title, height } = column;
  const radius = shown.length > 8 ? 8 : 12;
  const circles = shown.map((_, place) =>
    element('circle', {
      cx: x,
      cy: heightOf(column, place),
      r: radius,
      'stroke-width': 1.5,
      ...paint({ fill: 'surface', stroke: 'muted' }),
    }),
  );
  const half = shown.length / 2;
  const middle =
    count > shown.length ? (heightOf(column, half - 1) + heightOf(column, half)) / 2 : undefined;
  const more =
    middle === undefined ? '' : text(x, middle, '⋮', { role: 'muted', size: 18, anchor: 'middle' });
  return circles.join('') + more + text(x, height - 20, title, { role: 'muted', anchor: 'middle' });
}
