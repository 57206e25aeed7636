import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCsv } from '../../src/csv/index.ts';
import { adam, dense, type EpochReport, Network } from '../../src/index.ts';
import { launch, open } from './chromium.ts';
import { missingBrowser } from './packed.ts';
import { ISOLATED, StaticServer } from './server.ts';

// The page of examples/browser, used as a person would: draw, train, watch, stop, save, reload, load.

/** The last report of the same training in this process. */
async function trainedHere(): Promise<EpochReport> {
  const scans = await readCsv(readFileSync('examples/digits/digits.csv', 'utf8'), {
    target: 'label',
  });
  const { train, test } = scans.split({ test: 0.2, by: 'stratified', seed: 1 });
  using net = new Network({
    input: 64,
    normalize: { scale: 1 / 16 },
    layers: [dense(30, 'relu'), dense(10, 'softmax')],
    loss: 'crossEntropy',
    seed: 1,
  });
  const optimizer = adam({ learningRate: 0.001 });
  const options = { epochs: 150, batchSize: 32, optimizer, validation: test };
  return net.fitSync(train, options).reports.at(-1)!;
}

/** Strokes of a 7, in shares of the drawing area. */
const SEVEN = [[0.3, 0.2], [0.7, 0.2], [0.45, 0.85]] as const; // prettier-ignore

describe.skipIf(missingBrowser)('the page that trains a digit recogniser', () => {
  const directory = mkdtempSync(join(tmpdir(), 'chainrule-demo-'));
  let browser: Browser;
  let server: StaticServer;
  let shared: StaticServer;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    const outDir = join(directory, 'page');
    await build({
      root: 'examples/browser',
      logLevel: 'warn',
      build: { outDir, emptyOutDir: true, minify: false },
    });
    server = await StaticServer.start(outDir, ISOLATED);
    shared = await StaticServer.start(outDir);
    browser = await launch();
    ({ page, complaints } = await open(browser, server.url));
    await saysStatus('Train it');
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
    await shared.close();
    rmSync(directory, { recursive: true });
  });

  async function text(id: string): Promise<string> {
    return (await page.locator(`#${id}`).textContent()) ?? '';
  }

  async function saysStatus(part: string): Promise<void> {
    await page.locator('#status').filter({ hasText: part }).waitFor();
  }

  async function drawSeven(): Promise<void> {
    const drawing = page.locator('#pad');
    await drawing.scrollIntoViewIfNeeded();
    const box = (await drawing.boundingBox())!;
    const [first, ...rest] = SEVEN.map(
      ([x, y]) => [box.x + box.width * x, box.y + box.height * y] as const,
    );
    await page.mouse.move(...first!);
    await page.mouse.down();
    for (const point of rest) await page.mouse.move(...point, { steps: 10 });
    await page.mouse.up();
  }

  /** The probabilities as the page shows them. */
  function probabilities(): Promise<string[]> {
    return page.locator('#probabilities li > :last-child').allTextContents();
  }

  /** The picture of the weights. */
  function weights(): Promise<string> {
    return page.locator('#weights').evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
  }

  it('trains in a worker, with figures and pictures that follow', async () => {
    const before = await weights();
    await page.locator('#train').click();
    await page
      .locator('#epoch')
      .filter({ hasText: /^[1-9]/ })
      .waitFor();
    // The worker, and the threads that help it.
    const threads = Number(await page.locator('#threads').inputValue());
    await expect.poll(() => page.workers()).toHaveLength(threads);
    expect(await page.locator('#train').isDisabled()).toBe(true);
    await saysStatus('Trained.');
    expect(await text('epoch')).toBe('150');
    const { cost, validation } = await trainedHere();
    expect(validation!.accuracy).toBeGreaterThan(0.95);
    expect(await text('cost')).toBe(cost.toFixed(4));
    expect(Number.parseFloat(await text('accuracy'))).toBeCloseTo(100 * validation!.accuracy!, 1);
    expect(await text('time')).toMatch(/ m?s$/);
    expect(await weights()).not.toBe(before);
  });

  it('recognises what is drawn', async () => {
    await drawSeven();
    expect(await text('answer')).toMatch(/^This is a 7, with/);
  });

  it('is drawn on with the keyboard too', async () => {
    await page.locator('#clear').click();
    expect(await text('answer')).toBe('Draw, and train the network.');
    await page.locator('#pad').focus();
    await page.keyboard.press('Space');
    for (let step = 0; step < 12; step++) await page.keyboard.press('ArrowDown');
    expect(await text('answer')).toMatch(/^This is a 1, with/);
    await page.keyboard.press('Delete');
    expect(await text('answer')).toBe('Draw, and train the network.');
  });

  it('trains on, pauses, goes on and stops', async () => {
    await page.locator('#epochs').fill('10000');
    await page.locator('#train').click();
    await page.locator('#pause').click();
    await saysStatus('Paused.');
    await page.waitForTimeout(200);
    const paused = await text('epoch');
    await page.waitForTimeout(200);
    expect(await text('epoch')).toBe(paused);
    await page.locator('#pause').click();
    await page.locator('#epoch').filter({ hasNotText: paused }).waitFor();
    await page.locator('#stop').click();
    await saysStatus('Stopped.');
    expect(Number(await text('epoch'))).toBeGreaterThan(150);
    expect(await page.locator('#train').isEnabled()).toBe(true);
  });

  it('saves the network, and loads it after a reload', async () => {
    await drawSeven();
    const expected = await probabilities();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.locator('#save').click(),
    ]);
    expect(download.suggestedFilename()).toBe('digits.safetensors');
    const file = join(directory, 'digits.safetensors');
    await download.saveAs(file);

    await page.reload();
    await saysStatus('Train it');
    await drawSeven();
    expect(await probabilities()).not.toEqual(expected);
    await page.locator('#load').setInputFiles(file);
    await saysStatus('Loaded digits.safetensors.');
    expect(await probabilities()).toEqual(expected);
  });

  it('says what is wrong with a file, and goes on', async () => {
    const wrong = { name: 'x.safetensors', mimeType: '', buffer: Buffer.from('not a model') };
    await page.locator('#load').setInputFiles(wrong);
    await page.locator('#status.problem').waitFor();
    await page.locator('#mnist').setInputFiles({ ...wrong, name: 'notes.txt' });
    await page.locator('#status.problem').filter({ hasText: 'train-images-idx3-ubyte' }).waitFor();
    await page.locator('#example').click();
    expect(await text('answer')).toMatch(/^This is a \d, with/);
  });

  it('trains on MNIST files, on threads', async () => {
    await page.locator('#mnist').setInputFiles(mnist(60));
    await page
      .locator('#about')
      .filter({ hasText: '60 images of MNIST, 28 × 28 pixels' })
      .waitFor();
    const cores = Number(await page.locator('#threads').getAttribute('max'));
    const threads = Math.min(cores, 2);
    expect(await page.locator('#threads').inputValue()).toBe(String(threads));
    await page.locator('#epochs').fill('3');
    await page.locator('#train').click();
    await saysStatus('Trained.');
    expect(await text('epoch')).toBe('3');
    expect(await text('place')).toBe(threads > 1 ? 'a worker, 2 threads' : 'a worker');
  });

  it('has one thread where it is not isolated, and says why', async () => {
    const { page: other } = await open(browser, shared.url);
    await other.locator('#status').filter({ hasText: 'Train it' }).waitFor();
    expect(await other.locator('#threads').isDisabled()).toBe(true);
    expect(await other.locator('#threads').getAttribute('title')).toContain('not isolated');
    await other.context().close();
  });

  it('has nothing to complain of', () => {
    expect(complaints).toEqual([]);
  });

  it.each(['light', 'dark'] as const)(
    'fits a phone, %s, and names every control',
    async (colorScheme) => {
      const viewport = { width: 360, height: 740 };
      const context = await browser.newContext({ viewport, colorScheme });
      const phone = await context.newPage();
      await phone.goto(server.url);
      await phone.locator('#status').filter({ hasText: 'Train it' }).waitFor();
      expect(await phone.evaluate('document.documentElement.scrollWidth')).toBe(360);
      for (const control of await phone.locator('button, input, canvas[id]').all()) {
        const name = await control.evaluate(
          (element) =>
            element.getAttribute('aria-label') ??
            (element as HTMLInputElement).labels?.[0]?.textContent ??
            element.textContent,
        );
        expect(name!.trim()).not.toBe('');
      }
      const paper = await phone.evaluate('getComputedStyle(document.body).backgroundColor');
      expect(paper === 'rgb(20, 22, 26)').toBe(colorScheme === 'dark');
      await context.close();
    },
  );
});

/** The two training files of MNIST with so many images: a bar whose place tells the digit. */
function mnist(count: number): { name: string; mimeType: string; buffer: Buffer }[] {
  const images = Buffer.alloc(count * 784);
  const labels = Buffer.from(Array.from({ length: count }, (_, index) => index % 10));
  for (const [index, label] of labels.entries())
    images.fill(255, index * 784 + label * 28, index * 784 + (label + 2) * 28);
  return [
    {
      name: 'train-images-idx3-ubyte.gz',
      mimeType: '',
      buffer: gzipSync(idx([count, 28, 28], images)),
    },
    { name: 'train-labels-idx1-ubyte', mimeType: '', buffer: idx([count], labels) },
  ];
}

/** An IDX file of bytes. */
function idx(shape: number[], values: Buffer): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.set([0, 0, 8, shape.length]);
  for (const [place, length] of shape.entries()) header.writeUInt32BE(length, 4 + 4 * place);
  return Buffer.concat([header, values]);
}
