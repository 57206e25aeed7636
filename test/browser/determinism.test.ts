import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { CORES } from '../reference/library.ts';
import { call, launch, open } from './chromium.ts';
import { App, missingBrowser } from './packed.ts';
import { wideHashes } from '../threads/wide.ts';
import { ISOLATED, StaticServer } from './server.ts';

// The digests that Node computes are those of a browser: the golden runs in a page, with the packed package.

const golden = Object.assign(
  {},
  ...['golden', 'golden-recurrent'].map((name) =>
    JSON.parse(readFileSync(`test/fixtures/${name}.json`, 'utf8')),
  ),
);

/** Bundles the golden runs with the packed package in the place of `src`. */
async function bundleGolden(app: App, directory: string): Promise<void> {
  const bundle = await rolldown({
    input: 'test/browser/app/golden.ts',
    plugins: [
      {
        name: 'packed',
        resolveId: (id) =>
          id.endsWith('/src/index.ts') ? join(directory, 'build/index.js') : null,
      },
    ],
  });
  await bundle.write({ file: app.path('main.js'), format: 'es' });
  await bundle.close();
  for (const script of ['worker.js', 'thread.js']) {
    cpSync(join(directory, 'build', script), app.path(script));
  }
}

describe.skipIf(missingBrowser)('the golden digests in Chromium', () => {
  const packed = inject('packed');
  const app = new App(packed);
  let browser: Browser;
  let server: StaticServer;

  beforeAll(async () => {
    await bundleGolden(app, packed.directory);
    server = await StaticServer.start(app.directory);
    browser = await launch();
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
    app.remove();
  });

  it.each(CORES)('core %s', async (core) => {
    const { page } = await open(browser, server.url);
    expect(await call(page, 'goldenHashes', core, {})).toEqual(golden);
  });

  it.each(CORES)('core %s in a worker', async (core) => {
    const { page, complaints } = await open(browser, server.url);
    expect(await call(page, 'goldenHashes', core, { worker: true })).toEqual(golden);
    expect(page.workers()).toHaveLength(1);
    expect(complaints).toEqual([]);
  });

  it('on threads, in the page and in a worker of it, when it is isolated', async () => {
    const isolated = await StaticServer.start(app.directory, ISOLATED);
    const { page, complaints } = await open(browser, isolated.url);
    const expected = await wideHashes(1);
    expect(await call(page, 'wideHashes', 3)).toEqual(expected);
    await expect.poll(() => page.workers()).toHaveLength(2);
    expect(await call(page, 'wideHashes', 3)).toEqual(expected);
    expect(await call(page, 'wideHashes', 2, true)).toEqual(expected);
    for (const worker of [false, true]) {
      expect(await call(page, 'goldenHashes', 'simd', { threads: 2, worker })).toEqual(golden);
    }
    expect(complaints).toEqual([]);
    await isolated.close();
  });

  it('on threads asked for in vain, with one warning', async () => {
    const { page, complaints } = await open(browser, server.url);
    expect(await call(page, 'wideHashes', 2)).toEqual(await wideHashes(1));
    expect(page.workers()).toHaveLength(0);
    expect(complaints).toEqual([expect.stringContaining('threads are not available here')]);
  });
});
