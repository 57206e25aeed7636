import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { env } from 'node:process';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { measureRates } from './rates.mjs';

/** @typedef {Awaited<ReturnType<typeof measureRates>>} Rates */

const CHROMIUM = env['CHROMIUM'] ?? '/usr/bin/chromium';

/** Threads share memory, which a page may only when it is isolated from other sites. */
const ISOLATED = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/**
 * Measures training in Node and, where there is one, in Chromium.
 *
 * @param {number} rounds
 * @returns {Promise<{ where: string, rates: Rates }[]>}
 */
export async function measureBrowser(rounds) {
  const node = { where: `Node ${process.versions.node}`, rates: await measureRates(rounds) };
  return existsSync(CHROMIUM) ? [node, await measureInPage(rounds)] : [node];
}

/** Runs `rates.mjs` in a page, with the files of this repository as they are. @param {number} rounds */
async function measureInPage(rounds) {
  const server = await serve(fileURLToPath(new URL('../..', import.meta.url)));
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu'],
  });
  try {
    const page = await browser.newPage();
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    await page.goto(`http://127.0.0.1:${port}/`);
    const script = `import('/bench/browser/rates.mjs').then((rates) => rates.measureRates(${rounds}))`;
    const rates = /** @type {Rates} */ (await page.evaluate(script));
    return { where: `Chromium ${browser.version().split('.')[0]}`, rates };
  } finally {
    await browser.close();
    server.close();
  }
}

/** A server of an empty page and of files. @param {string} root */
async function serve(root) {
  const server = createServer(({ url }, response) => {
    const type = url === '/' ? 'text/html' : 'text/javascript';
    response.writeHead(200, { 'Content-Type': type, ...ISOLATED });
    if (url === '/') response.end('<!doctype html><title>bench</title>');
    else
      createReadStream(root + url)
        .on('error', () => response.destroy())
        .pipe(response);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  return server;
}
