/** Values between two marks of the axis of time. */
const TICK = 10;

/**
 * A forecast and what came, one character per step of time: `─` the truth, `○` the forecast, `●` where both are in the same place.
 *
 * @param {ArrayLike<number>} truth
 * @param {ArrayLike<number>} forecast - as many
 * @param {number} height - lines
 * @returns {string[]}
 */
export function plot(truth, forecast, height) {
  const values = [...Array.from(truth), ...Array.from(forecast)];
  const [lowest, highest] = [Math.min(...values), Math.max(...values)];
  const range = highest - lowest || 1;
  const lineOf = (/** @type {number} */ value) =>
    Math.round(((highest - value) / range) * (height - 1));
  const grid = Array.from({ length: height }, () => Array(truth.length).fill(' '));
  for (let step = 0; step < truth.length; step++) {
    const [came, expected] = [lineOf(truth[step]), lineOf(forecast[step])];
    grid[came][step] = '─';
    grid[expected][step] = came === expected ? '●' : '○';
  }
  const labels = grid.map((_, line) =>
    line === 0 ? highest.toFixed(2) : line === height - 1 ? lowest.toFixed(2) : '',
  );
  const margin = Math.max(...labels.map((label) => label.length));
  const axis = Array.from(truth, (_, step) => (step % TICK === 0 ? '┴' : '─')).join('');
  return [
    ...grid.map((line, index) => `${labels[index].padStart(margin)} │${line.join('').trimEnd()}`),
    `${' '.repeat(margin)} └${axis}`,
  ];
}
