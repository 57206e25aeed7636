import type { EpochReport } from '../training/history.ts';
import { type Area, legend, path, scale, xAxis, yAxis } from './plot.ts';
import { element, paint, picture, type PictureOptions } from './svg.ts';
import { type Role, series } from './theme.ts';

const HEIGHT = 300;

/** A curve over epochs. */
interface Curve {
  readonly name: string;
  readonly role: Role;
  /** Of validation data. */
  readonly dashed: boolean;
  readonly points: readonly (readonly [number, number])[];
}

/** What the curves are drawn from: a `History`, or part of one. */
export interface Reports {
  readonly reports: readonly Pick<EpochReport, 'epoch' | 'cost' | 'accuracy' | 'validation'>[];
}

/**
 * Draws cost and accuracy over the epochs of a run, those of the validation data beside those of training. The cost is on a logarithmic
 * scale where it falls to a twentieth or less.
 *
 * @param history - of a run; or `{ name: history, … }` to compare runs
 * @param options - width in pixels (720 when absent) and heading
 * @returns an SVG document
 * @throws {RangeError} when there is no epoch to draw
 * @example
 * ```ts
 * const history = net.fitSync({ x, y }, { epochs: 50, batchSize: 4 });
 * const svg = pictures.drawCurves(history, { title: 'XOR' });
 * const both = pictures.drawCurves({ small: history, large: history });
 * ```
 */
export function drawCurves(
  history: Reports | Readonly<Record<string, Reports>>,
  options: PictureOptions = {},
): string {
  const { width = 720, title } = options;
  const runs = isReports(history) ? { '': history } : history;
  const costs = curvesOf(
    runs,
    ({ cost }) => cost,
    ({ loss }) => loss,
  );
  if (costs.length === 0)
    throw new RangeError('drawCurves: expected at least one epoch, got none.');
  const accuracies = curvesOf(
    runs,
    ({ accuracy }) => accuracy,
    ({ accuracy }) => accuracy,
  );
  const panels = accuracies.length > 0 ? 2 : 1;
  const panelWidth = (width - 64 * panels - 20) / panels;
  const area = (index: number): Area => ({
    left: 64 + index * (panelWidth + 64),
    top: 34,
    width: panelWidth,
    height: HEIGHT - 110,
  });
  const names = costs.map(({ name }) => name);
  return picture(
    width,
    HEIGHT,
    `Cost${panels > 1 ? ' and accuracy' : ''} over epochs: ${names.join(', ')}`,
    title,
    panel(area(0), costs, 'cost', isWide(costs)),
    panels > 1 ? panel(area(1), accuracies, 'accuracy', false) : '',
    legend(costs, 64, HEIGHT - 18),
  );
}

function isReports(history: Reports | Readonly<Record<string, Reports>>): history is Reports {
  return Array.isArray((history as Reports).reports);
}

function curvesOf(
  runs: Readonly<Record<string, Reports>>,
  training: (report: Reports['reports'][number]) => number | undefined,
  validation: (evaluation: NonNullable<EpochReport['validation']>) => number | undefined,
): Curve[] {
  const curves = Object.entries(runs)
    .flatMap(([run, { reports }], index) =>
      [
        { name: 'training', of: training },
        {
          name: 'validation',
          of: (report: Reports['reports'][number]) =>
            report.validation && validation(report.validation),
        },
      ].map(({ name, of }) => ({
        run,
        name,
        role: run === '' && name === 'validation' ? series(1) : series(index),
        dashed: name === 'validation',
        points: reports.flatMap((report): [number, number][] => {
          const value = of(report);
          return value === undefined || !Number.isFinite(value) ? [] : [[report.epoch, value]];
        }),
      })),
    )
    .filter(({ points }) => points.length > 0);
  const both = curves.some(({ dashed }) => dashed);
  return curves.map(({ run, name, ...curve }) => {
    const full = both ? `${run}, ${name}` : run;
    return { ...curve, name: run === '' ? name : full };
  });
}

/** Whether positive costs spread over more than a factor of twenty. */
function isWide(curves: readonly Curve[]): boolean {
  const values = curves.flatMap(({ points }) => points.map(([, value]) => value));
  const least = Math.min(...values);
  return least > 0 && Math.max(...values) > 20 * least;
}

function panel(area: Area, curves: readonly Curve[], label: string, logarithmic: boolean): string {
  const points = curves.flatMap(({ points: own }) => own);
  const values = points.map(([, value]) => value);
  const epochs = points.map(([epoch]) => epoch);
  const low = logarithmic ? Math.min(...values) : label === 'accuracy' ? Math.min(...values) : 0;
  const high = label === 'accuracy' ? 1 : Math.max(...values);
  const x = scale('x', area, { domain: [Math.min(...epochs), Math.max(...epochs)], nice: false });
  const y = scale('y', area, { domain: [low, high], logarithmic });
  const lines = curves.map(({ points: own, role, dashed }) =>
    element('path', {
      d: path(own.map(([epoch, value]) => [x(epoch), y(value)])),
      'stroke-width': 2,
      'stroke-linejoin': 'round',
      'stroke-dasharray': dashed ? '6 4' : undefined,
      ...paint({ fill: 'none', stroke: role }),
    }),
  );
  return xAxis(x, area, 'epoch') + yAxis(y, area, label) + lines.join('');
}
