import { interpolateBlues } from 'd3-scale-chromatic';
import { element, paint, picture, type PictureOptions, text } from './svg.ts';

/** What a confusion matrix is drawn with. */
export interface ConfusionOptions extends PictureOptions {
  /** Names of the classes; their numbers when absent. */
  readonly classes?: readonly string[];
}

const SPACE = { left: 96, top: 40, right: 20, bottom: 44 };

/** Share of a row above which a cell is so dark that its number is white. */
const DARK = 0.55;

/**
 * Draws a confusion matrix: a row for each true class, a column for each predicted one, each cell shaded by its share of the row.
 *
 * @param counts - `counts[actual][predicted]`, as the metric `confusionMatrix` has it
 * @param options - names of the classes, width in pixels (480 when absent) and heading
 * @returns an SVG document
 * @throws {RangeError} when the matrix is not square, or names and classes differ in number
 * @example
 * ```ts
 * const svg = pictures.drawConfusion([[50, 2], [5, 43]], { classes: ['cat', 'dog'] });
 * ```
 */
export function drawConfusion(
  counts: readonly (readonly number[])[],
  options: ConfusionOptions = {},
): string {
  const { width = 480, title, classes = counts.map((_, index) => String(index)) } = options;
  const size = counts.length;
  if (size === 0 || counts.some((row) => row.length !== size) || classes.length !== size) {
    throw new RangeError(
      `drawConfusion: expected a square of counts and one name per class, got ${size} rows of ${counts[0]?.length ?? 0} and ${classes.length} names.`,
    );
  }
  const cell = (width - SPACE.left - SPACE.right) / size;
  const height = SPACE.top + cell * size + SPACE.bottom;
  const all = counts.flat().reduce((sum, count) => sum + count, 0);
  const right = counts.reduce((sum, row, index) => sum + row[index]!, 0);
  const summary = `${right} of ${all} right`;
  return picture(
    width,
    height,
    `Confusion matrix of ${size} classes, ${summary}`,
    title,
    text(SPACE.left + (cell * size) / 2, 14, 'predicted', { role: 'muted', anchor: 'middle' }),
    text(16, SPACE.top + (cell * size) / 2, 'true class', {
      role: 'muted',
      anchor: 'middle',
      rotate: -90,
    }),
    ...classes.map((name, index) =>
      text(SPACE.left + cell * (index + 0.5), 30, name, { size: 11, anchor: 'middle' }),
    ),
    ...classes.map((name, index) =>
      text(SPACE.left - 8, SPACE.top + cell * (index + 0.5), name, { size: 11, anchor: 'end' }),
    ),
    ...counts.flatMap((row, actual) =>
      row.map((count, predicted) => drawCell(row, count, actual, predicted, cell)),
    ),
    text(SPACE.left, height - 22, `${summary}, ${((100 * right) / all).toFixed(1)} %`, {
      role: 'muted',
    }),
  );
}

function drawCell(
  row: readonly number[],
  count: number,
  actual: number,
  predicted: number,
  cell: number,
): string {
  const total = row.reduce((sum, value) => sum + value, 0);
  const share = total === 0 ? 0 : count / total;
  const [x, y] = [SPACE.left + predicted * cell, SPACE.top + actual * cell];
  const box = { x: x + 0.5, y: y + 0.5, width: cell - 1, height: cell - 1, rx: 2 };
  // Cells keep their own colours on dark pages: white to blue, with numbers that suit them.
  const colours =
    count === 0 ? paint({ fill: 'surface' }) : { fill: interpolateBlues(0.12 + 0.83 * share) };
  const label = element(
    'text',
    {
      x: x + cell / 2,
      y: y + cell / 2,
      'font-size': Math.min(14, cell / 2.6),
      'text-anchor': 'middle',
      dy: '0.35em',
      fill: share > DARK ? '#ffffff' : '#1f2328',
    },
    String(count),
  );
  return element('rect', { ...box, ...colours }) + (count === 0 ? '' : label);
}
