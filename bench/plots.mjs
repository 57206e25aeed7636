import { lineChart } from './charts.mjs';
import { element, escapeText } from './svg.mjs';
import { percent, short } from './tables.mjs';

/** One plot, its heading included. */
const [WIDTH, HEIGHT, HEADING] = [440, 262, 30];

/**
 * How speed grows with width, depth and batch, as one picture that stands alone: examples per second on the left, share of the peak
 * on the right.
 *
 * @param {Pick<import('./figures.mjs').Results, 'growth' | 'calibration'>} results
 * @param {string} style - CSS of the report
 */
export function growthPlots({ growth, calibration }, style) {
  const rows = growth.map(({ name, title, points }, row) => {
    const plots = [
      lineChart(
        points.map(({ value, rate }) => ({ x: value, y: rate })),
        { logarithmic: true, format: short, unit: 'examples per second' },
      ),
      lineChart(
        points.map(({ value, gflops }) => ({ x: value, y: gflops / calibration.best })),
        { logarithmic: false, format: percent, unit: 'share of the peak' },
      ),
    ];
    const heading = element(
      'text',
      { x: 4, y: 18 },
      escapeText(`Growth with the ${name}: ${title}`),
    );
    const placed = plots.map((plot, column) =>
      element('g', { transform: `translate(${column * WIDTH} ${HEADING})` }, plot),
    );
    return element('g', { transform: `translate(0 ${row * HEIGHT})` }, heading, ...placed);
  });
  const size = { width: 2 * WIDTH, height: growth.length * HEIGHT };
  return `${element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${size.width} ${size.height}`,
      ...size,
      role: 'img',
    },
    // The report lets pictures shrink with the page, which a picture within a picture must not.
    element('style', {}, `${style}svg svg { height: 220px; }`),
    element('rect', { ...size, fill: 'var(--paper)' }),
    ...rows,
  )}\n`;
}
