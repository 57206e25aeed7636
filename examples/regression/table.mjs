/** Standard deviation of the noise in MWh: that of uniform numbers from −1 to 1. No prediction can be better on average. */
export const NOISE = Math.sqrt(1 / 3);

/**
 * A table as CSV text: area in m² (50 to 250), year of construction (1900 to 2020), exposure (`sheltered` or `open`), and heat in MWh
 * a year,
 *
 *   heat = area · (220 − 1.4 · (year − 1900)) · (1.25 if open) / 1000 + noise
 *
 * The factors multiply each other, which a linear model cannot express.
 *
 * @param {number} rows
 */
export function createTable(rows) {
  const random = uniform(20);
  const lines = ['area,year,exposure,heat'];
  for (let row = 0; row < rows; row++) {
    const area = 50 + Math.floor(random() * 201);
    const year = 1900 + Math.floor(random() * 121);
    const isOpen = random() < 0.3;
    const heat = (area * (220 - 1.4 * (year - 1900)) * (isOpen ? 1.25 : 1)) / 1000;
    const noise = 2 * random() - 1;
    lines.push(`${area},${year},${isOpen ? 'open' : 'sheltered'},${(heat + noise).toFixed(2)}`);
  }
  return `${lines.join('\n')}\n`;
}

/**
 * Numbers in [0, 1), the same every time (mulberry32).
 *
 * @param {number} seed
 */
function uniform(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
