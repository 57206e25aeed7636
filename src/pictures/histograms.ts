import { bin, max } from 'd3-array';
import { formatNumber } from '../inspect/format.ts';
import { statistics } from '../inspect/statistics.ts';
import type { LayerTrace, Trace } from '../inspect/trace/trace.ts';
import { gradientFlow, type LayerFlow } from '../inspect/flow.ts';
import { type Area, line, scale } from './plot.ts';
import { element, paint, picture, type PictureOptions, text } from './svg.ts';
import type { Role } from './theme.ts';

const BINS = 31;
const ROW = 118;
const LABELS = 156;
const GAP = 24;

/** The three histograms of a layer. */
const quantities: readonly {
  name: string;
  role: Role;
  of: (layer: LayerTrace) => ArrayLike<number>;
}[] = [
  {
    name: 'weights W',
    role: 'series0',
    of: weightsOf,
  },
  { name: 'activations a', role: 'series2', of: ({ a }) => a.values },
  { name: 'δ = ∂C/∂z', role: 'series1', of: ({ delta }) => delta.values },
];

/** All weights of a layer: W, or of a recurrent one Wx and Wh. */
function weightsOf({ parameters }: LayerTrace): number[] {
  const weights = Object.entries(parameters).filter(([letter]) => letter.startsWith('W'));
  return weights.flatMap(([, { value }]) => [...value.values]);
}

/**
 * Draws how weights, activations and δ are spread in each layer, with a verdict: whether gradients vanish or explode on the way back,
 * and whether neurons are saturated or dead.
 *
 * @param trace - of a batch, `net.trace(x, y)`
 * @param options - width in pixels (760 when absent) and heading
 * @returns an SVG document
 * @example
 * ```ts
 * const svg = pictures.drawHistograms(net.trace(x, y), { title: 'before training' });
 * ```
 */
export function drawHistograms(trace: Trace, options: PictureOptions = {}): string {
  const { width = 760, title } = options;
  const flow = gradientFlow(trace);
  const panel = (width - LABELS - 20 - GAP * (quantities.length - 1)) / quantities.length;
  const rows = trace.layers.flatMap((layer, index) => [
    rowLabel(layer, flow[index]!, index * ROW + 24),
    ...quantities.map(({ role, of }, column) =>
      histogram(of(layer), role, {
        left: LABELS + column * (panel + GAP),
        top: index * ROW + 30,
        width: panel,
        height: ROW - 62,
      }),
    ),
  ]);
  const heads = quantities.map(({ name }, column) =>
    text(LABELS + column * (panel + GAP) + panel / 2, 12, name, {
      role: 'muted',
      anchor: 'middle',
    }),
  );
  const verdicts = flow.map(({ layer, verdict }) => `${layer} ${verdict}`).join(', ');
  return picture(
    width,
    trace.layers.length * ROW + 8,
    `Histograms of each layer: ${verdicts}`,
    title,
    ...heads,
    ...rows,
  );
}

function rowLabel({ path, title }: LayerTrace, flow: LayerFlow, top: number): string {
  const { verdict, saturated, dead } = flow;
  const healthy = verdict === 'healthy';
  const details: Readonly<Record<LayerFlow['verdict'], string>> = {
    healthy: deltaText(flow),
    vanishing: deltaText(flow),
    exploding: deltaText(flow),
    saturated: `${(100 * saturated).toFixed(0)} % of slopes flat`,
    dead: `${(100 * dead).toFixed(0)} % of neurons dead`,
  };
  return [
    text(16, top + 8, path, { weight: 600 }),
    text(16, top + 26, title.replace(/^dense /, ''), { role: 'muted' }),
    text(16, top + 48, `${healthy ? '●' : '▲'} ${verdict}`, {
      role: healthy ? 'series2' : 'series1',
      weight: 600,
    }),
    text(16, top + 66, details[verdict], { role: 'muted', size: 11 }),
  ].join('');
}

/** How δ compares with that of the output, or at first steps with last ones, whichever is further from 1. */
function deltaText({ ratio, throughTime = 1 }: LayerFlow): string {
  const far = Math.abs(Math.log(throughTime)) > Math.abs(Math.log(ratio));
  return far
    ? `first steps’ δ ${Number(throughTime.toPrecision(2))} × last’s`
    : `δ ${Number(ratio.toPrecision(2))} × output’s`;
}

/** Bars from the smallest to the largest number; outliers beyond four typical sizes are gathered in the outermost bars. */
function histogram(values: ArrayLike<number>, role: Role, area: Area): string {
  const { left, top, width, height } = area;
  const finite = Array.from(values).filter(Number.isFinite);
  const { minimum, maximum, rootMeanSquare } = statistics(finite);
  if (finite.length === 0)
    return text(left + width / 2, top + height / 2, 'no numbers', {
      role: 'muted',
      anchor: 'middle',
    });
  const reach = 4 * rootMeanSquare || 1;
  const [low, high] = widened(Math.max(minimum, -reach), Math.min(maximum, reach));
  const x = scale('x', area, { domain: [low, high], nice: false });
  const edges = Array.from(
    { length: BINS - 1 },
    (_, index) => low + ((index + 1) / BINS) * (high - low),
  );
  const bins = bin().domain([low, high]).thresholds(edges)(
    finite.map((value) => Math.min(Math.max(value, low), high)),
  );
  const y = scale('y', area, { domain: [0, max(bins, ({ length }) => length) ?? 1], nice: false });
  const bars = bins.map((own) => {
    const [x0, x1] = [x(own.x0!), x(own.x1!)];
    return own.length === 0
      ? ''
      : element('rect', {
          x: x0 + 0.5,
          y: y(own.length),
          width: Math.max(x1 - x0 - 1, 0.5),
          height: top + height - y(own.length),
          ...paint({ fill: role }),
        });
  });
  const zero = low < 0 && high > 0 ? line(x(0), top, x(0), top + height, 'muted', 1, 0.6) : '';
  return [
    zero,
    ...bars,
    line(left, top + height, left + width, top + height, 'muted'),
    text(left, top + height + 12, formatNumber(low), { role: 'muted', size: 10 }),
    text(left + width, top + height + 12, formatNumber(high), {
      role: 'muted',
      size: 10,
      anchor: 'end',
    }),
  ].join('');
}

/** A range of some width, also around a single number. */
function widened(low: number, high: number): [number, number] {
  const margin = low === high ? Math.abs(low) / 2 || 0.5 : 0;
  return [low - margin, high + margin];
}
