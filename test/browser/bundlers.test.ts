import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { call, launch, open, type Trained } from './chromium.ts';
import {
  App,
  bundler,
  missingApps,
  missingBrowser,
  plainEnvironment,
  platformProgram,
} from './packed.ts';
import { ISOLATED, StaticServer } from './server.ts';

// The packed package in fresh apps: every way to a page or a program that users have, without any configuration.

const packed = inject('packed');
const apps: App[] = [];

function freshApp(): App {
  const app = new App(packed);
  apps.push(app);
  return app;
}

afterAll(() => {
  for (const app of apps) app.remove();
});

/** What Node makes of the same app: the truth for all others. */
let expected: Trained;
let wide: string;
beforeAll(async () => {
  const app = freshApp();
  expected = runConsole(app, process.execPath, 'console.js');
  const { trainWide } = (await import(app.path('wide.js'))) as WideApp;
  wide = await trainWide(1);
});

interface WideApp {
  trainWide(threads: number): Promise<string>;
}

/** Runs the app's `console.js` in a runtime that prints the result. */
function runConsole<T = Trained>(app: App, program: string, ...args: string[]): T {
  const output = execFileSync(program, args, {
    cwd: app.directory,
    encoding: 'utf8',
    env: plainEnvironment(),
  });
  return JSON.parse(output) as T;
}

/** Bundles the app into its folder `dist`. */
function bundle(app: App, name: string, ...options: string[]): void {
  execFileSync(process.execPath, [bundler(name), ...options], {
    cwd: app.directory,
    env: plainEnvironment(),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (name === 'vite') return;
  // The others make the script only.
  const html = readFileSync(app.path('index.html'), 'utf8');
  writeFileSync(app.path('dist', 'index.html'), html);
}

it('trains in Node', () => {
  expect(expected).toMatchObject({ learnt: '0110', core: 'simd' });
});

it('trains in a worker in Node', () => {
  expect(runConsole(freshApp(), process.execPath, 'console.js', 'worker')).toEqual(expected);
});

it('trains with the small entries in Node', () => {
  expect(runConsole(freshApp(), process.execPath, 'console.js', 'small')).toEqual(expected);
});

it('trains on threads in Node', () => {
  expect(runConsole<string>(freshApp(), process.execPath, 'console.js', 'threads')).toBe(wide);
});

describe.skipIf(missingApps)('another runtime', () => {
  it('Deno trains to the same bits, without a permission; in a worker it must be allowed to read the script', () => {
    const deno = platformProgram('@deno', 'deno');
    const inWorker = ['run', '--no-remote', '--allow-read', 'console.js', 'worker'];
    expect(runConsole(freshApp(), deno, ...inWorker)).toEqual(expected);
    expect(runConsole(freshApp(), deno, 'run', '--no-remote', 'console.js')).toEqual(expected);
    const onThreads = ['run', '--no-remote', '--allow-read', 'console.js', 'threads'];
    expect(runConsole<string>(freshApp(), deno, ...onThreads)).toBe(wide);
  });

  it('Bun trains to the same bits, in a worker too', () => {
    const bun = platformProgram('@oven', 'bin/bun');
    expect(runConsole(freshApp(), bun, 'console.js', 'worker')).toEqual(expected);
    expect(runConsole(freshApp(), bun, 'console.js')).toEqual(expected);
    expect(runConsole<string>(freshApp(), bun, 'console.js', 'threads')).toBe(wide);
  });
});

describe.skipIf(missingBrowser)('a page', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  /**
   * Trains in the page at a URL, with the small entries too, in a worker of it and, where it is isolated, on threads of both; checks that
   * the bits are Node's and that nothing was complained of.
   */
  async function trains(url: string): Promise<void> {
    const { page, complaints } = await open(browser, url);
    expect(await call<Trained>(page, 'trainXor')).toEqual(expected);
    expect(await call<Trained>(page, 'trainSmall')).toEqual(expected);
    expect(page.workers()).toHaveLength(0);
    expect(await call<Trained>(page, 'trainXor', true)).toEqual(expected);
    expect(page.workers()).toHaveLength(1);
    if (await page.evaluate('crossOriginIsolated')) {
      expect(await call<string>(page, 'trainWide', 2)).toBe(wide);
      expect(page.workers()).toHaveLength(2);
      expect(await call<string>(page, 'trainWide', 2, true)).toBe(wide);
    }
    expect(complaints).toEqual([]);
    await page.context().close();
  }

  it('without a bundler trains to the same bits', async () => {
    const app = freshApp();
    app.importFrom('./node_modules/chainrule');
    const server = await StaticServer.start(app.directory, ISOLATED);
    await trains(server.url);
    await server.close();
  });

  it.skipIf(missingApps).each([
    ['vite', []],
    ['webpack', []],
    ['esbuild', ['workers']],
    ['rollup', ['workers']],
  ])('built by %s %s trains to the same bits', async (name, options) => {
    const app = freshApp();
    bundle(app, name, ...options);
    const server = await StaticServer.start(app.path('dist'), ISOLATED);
    await trains(server.url);
    await server.close();
  });

  it.skipIf(missingApps).each(['esbuild', 'rollup'])(
    'built by %s, which leaves the scripts of workers behind, trains without them after a warning of each',
    async (name) => {
      const app = freshApp();
      bundle(app, name);
      const server = await StaticServer.start(app.path('dist'), ISOLATED);
      const { page, complaints } = await open(browser, server.url);
      for (let run = 0; run < 2; run++) {
        expect(await call<Trained>(page, 'trainXor', true)).toEqual(expected);
        expect(await call<string>(page, 'trainWide', 2)).toBe(wide);
      }
      const warnings = complaints.filter((text) => text.includes('chainrule'));
      expect(warnings).toEqual([
        expect.stringContaining('make chainrule/worker an entry'),
        expect.stringContaining('make chainrule/thread an entry'),
      ]);
      await server.close();
    },
  );

  it.skipIf(missingApps)('served by vite in development trains to the same bits', async () => {
    const app = freshApp();
    const server = spawn(process.execPath, [bundler('vite-dev')], {
      cwd: app.directory,
      env: plainEnvironment(),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await trains(await firstLine(server));
    } finally {
      server.kill();
      await once(server, 'exit');
    }
  });
});

async function firstLine(child: ChildProcess): Promise<string> {
  const [chunk] = await once(child.stdout!, 'data');
  return String(chunk).trim();
}
