/**
 * Measures training in Chromium against training in Node: on the thread of the page, giving way to it, and in a worker.
 *
 *   npm run bench:browser -- [--rounds 5]      CHROMIUM=PATH names the browser, /usr/bin/chromium when absent
 */
import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import { env } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { toMarkdown } from '../tables.mjs';
import { measureRates } from './rates.mjs';

const { values: options } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
const rounds = Number(options.rounds);

const node = await measureRates(rounds);
const page = await measureInPage();
console.log(
  toMarkdown({
    title: '784-128-10, Adam, batch 32, 20 % ink',
    note:
      'Examples per second, of `fitSync` and relative to it; milliseconds until `fit` has read the data; then the longest ' +
      'time without a turn of the event loop, and tasks over 50 ms.',
    columns: ['where', 'fitSync', 'way', 'of it', 'reading', 'wait', 'long tasks'],
    rows: [...rows('Node', node), ...rows('Chromium', page)],
  }),
);

/** @param {string} where @param {Awaited<ReturnType<typeof measureRates>>} figures */
function rows(where, { fitSync, here, worker }) {
  return [
    ['fit', here],
    ['fit in a worker', worker],
  ].map(([way, figures]) => {
    const { rate, reading, wait, longTasks } = /** @type {import('./rates.mjs').Figures} */ (
      figures
    );
    const relative = `${Math.round((100 * rate) / fitSync)} %`;
    const tasks = where === 'Chromium' ? longTasks : '–';
    return [where, thousands(fitSync), String(way), relative, ms(reading), ms(wait), tasks];
  });
}

/** @param {number} time */
function ms(time) {
  return `${time.toFixed(0)} ms`;
}

/** @param {number} rate */
function thousands(rate) {
  return `${(rate / 1000).toFixed(0)} k`;
}

/** Runs `rates.mjs` in a page, with the files of this repository as they are. */
async function measureInPage() {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const server = createServer(({ url }, response) => {
    const type = url === '/' ? 'text/html' : 'text/javascript';
    response.writeHead(200, { 'Content-Type': type });
    if (url === '/') response.end('<!doctype html><title>bench</title>');
    else
      createReadStream(root + url)
        .on('error', () => response.destroy())
        .pipe(response);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const browser = await chromium.launch({
    executablePath: env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  });
  try {
    const page = await browser.newPage();
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    await page.goto(`http://127.0.0.1:${port}/`);
    const script = `import('/bench/browser/rates.mjs').then((rates) => rates.measureRates(${rounds}))`;
    return /** @type {Awaited<ReturnType<typeof measureRates>>} */ (await page.evaluate(script));
  } finally {
    await browser.close();
    server.close();
  }
}
