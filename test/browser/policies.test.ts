import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { call, launch, open, type OpenPage, type Trained } from './chromium.ts';
import { App, missingBrowser } from './packed.ts';
import { ISOLATED, SHARED, StaticServer } from './server.ts';

// Headers that a site may send: content security policies, cross-origin isolation, files from another origin.

const WASM_ALLOWED = "default-src 'self'; img-src data:; script-src 'self' 'wasm-unsafe-eval'";
const WASM_FORBIDDEN = "default-src 'self'; img-src data:; script-src 'self'";

describe.skipIf(missingBrowser)('a page', () => {
  const app = new App(inject('packed'));
  let browser: Browser;
  const servers: StaticServer[] = [];

  beforeAll(async () => {
    app.importFrom('./node_modules/chainrule');
    browser = await launch();
  });
  afterAll(async () => {
    await browser.close();
    for (const server of servers) await server.close();
    app.remove();
  });

  async function serve(headers: Record<string, string>): Promise<string> {
    const server = await StaticServer.start(app.directory, headers);
    servers.push(server);
    return server.url;
  }

  /** Trains in a page, and in a worker of it, which must give the same. */
  async function train(headers: Record<string, string>): Promise<OpenPage & { trained: Trained }> {
    const opened = await open(browser, await serve(headers));
    const trained = await call<Trained>(opened.page, 'trainXor');
    expect(await call<Trained>(opened.page, 'trainXor', true)).toEqual(trained);
    expect(opened.page.workers()).toHaveLength(1);
    return { ...opened, trained };
  }

  let expected: Trained;
  beforeAll(async () => {
    ({ trained: expected } = await train({}));
  });

  it('without headers uses WebAssembly', () => {
    expect(expected).toMatchObject({ learnt: '0110', core: 'simd' });
  });

  it("with 'wasm-unsafe-eval' uses WebAssembly", async () => {
    const headers = { 'Content-Security-Policy': WASM_ALLOWED };
    const { page, trained, complaints } = await train(headers);
    expect(trained).toEqual(expected);
    expect(await call<Trained>(page, 'trainSmall')).toEqual(expected);
    expect(complaints).toEqual([]);
  });

  it('that forbids WebAssembly gets the same bits from the JavaScript core and one clear warning', async () => {
    const opened = await train({ 'Content-Security-Policy': WASM_FORBIDDEN });
    expect(opened.trained).toEqual({ ...expected, core: 'js' });
    const warnings = opened.complaints.filter((text) => text.includes('chainrule'));
    expect(warnings).toEqual([expect.stringContaining("script-src needs 'wasm-unsafe-eval'")]);
  });

  it('that forbids WebAssembly is told by the small entries which one does without', async () => {
    const url = await serve({ 'Content-Security-Policy': WASM_FORBIDDEN });
    const { page } = await open(browser, url);
    await expect(call(page, 'trainSmall')).rejects.toThrow(
      /script-src needs 'wasm-unsafe-eval'; or import Network from 'chainrule'/,
    );
  });

  it('that is cross-origin isolated trains', async () => {
    const { page, trained, complaints } = await train(ISOLATED);
    expect(await page.evaluate('crossOriginIsolated')).toBe(true);
    expect(trained).toEqual(expected);
    expect(complaints).toEqual([]);
  });

  it.each([
    ['not isolated', {}],
    ['isolated', ISOLATED],
  ])('that takes the package from another origin trains, %s', async (_, headers) => {
    app.importFrom(`${await serve(SHARED)}node_modules/chainrule`);
    const { page, trained, complaints } = await train(headers);
    expect(trained).toEqual(expected);
    if (await page.evaluate('crossOriginIsolated')) {
      expect(await call(page, 'trainWide', 2)).toBe(await call(page, 'trainWide', 1));
      expect(page.workers()).toHaveLength(2);
    }
    expect(complaints).toEqual([]);
  });
});
