import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestProject } from 'vitest/node';

/** The package as `npm publish` would send it: packed once per run of the tests. */
export interface Packed {
  /** Where it was unpacked. */
  readonly directory: string;
  readonly files: readonly string[];
}

declare module 'vitest' {
  interface ProvidedContext {
    packed: Packed;
  }
}

/** Vitest's global set-up and, as what it returns, tear-down. */
export function setup(project: TestProject): () => void {
  const directory = mkdtempSync(join(tmpdir(), 'chainrule-packed-'));
  const packing = ['pack', '--json', '--ignore-scripts', '--pack-destination', directory];
  const [{ filename, files }] = JSON.parse(execFileSync('npm', packing, { encoding: 'utf8' }));
  execFileSync('tar', ['-xzf', join(directory, filename), '-C', directory]);
  project.provide('packed', {
    directory: join(directory, 'package'),
    files: files.map((file: { path: string }) => file.path),
  });
  reportMissing();
  return () => rmSync(directory, { recursive: true });
}

/** Chromium as Debian, other distributions and macOS install it, or as the environment says. */
const CHROMIUMS = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Path of Chromium, when there is one. */
export const chromiumPath: string | undefined = CHROMIUMS.find((path) => path && existsSync(path));

/** Folder of the test apps, with the bundlers and runtimes as its own dependencies. */
const APPS = resolve('test/browser');

/** Why tests in a browser are left out, if they are. */
export const missingBrowser: string | undefined =
  chromiumPath === undefined ? 'no Chromium was found (CHROMIUM=path names one)' : undefined;

/** Why tests with bundlers and other runtimes are left out, if they are. */
export const missingApps: string | undefined = existsSync(join(APPS, 'node_modules'))
  ? undefined
  : 'their packages are not installed (npm ci --prefix test/browser)';

/** Prints what is left out on this machine; in CI nothing may be. */
function reportMissing(): void {
  const missing = [
    missingBrowser && `Left out: everything that needs a browser, because ${missingBrowser}.`,
    missingApps && `Left out: bundlers, Deno and Bun, because ${missingApps}.`,
  ].filter((line) => line !== undefined);
  if (missing.length > 0 && process.env['CI']) throw new Error(missing.join('\n'));
  for (const line of missing) console.log(line);
}

/** A fresh app in a temporary folder with the package installed. */
export class App {
  readonly directory: string = mkdtempSync(join(tmpdir(), 'chainrule-app-'));

  constructor(packed: Packed) {
    cpSync(join(APPS, 'app'), this.directory, { recursive: true });
    cpSync(packed.directory, this.path('node_modules', 'chainrule'), { recursive: true });
  }

  /** Lets it import the package from a URL, as a page without a bundler must. */
  importFrom(url: string): void {
    for (const name of ['small.js', 'wide.js', 'xor.js']) {
      const source = readFileSync(join(APPS, 'app', name), 'utf8');
      const byUrl = source.replace(
        /'chainrule(?:\/(\w+))?'/g,
        (_, entry: string | undefined) => `'${url}/build/${entry ?? 'index'}.js'`,
      );
      writeFileSync(this.path(name), byUrl);
    }
  }

  /** Path of one of its files. */
  path(...names: string[]): string {
    return join(this.directory, ...names);
  }

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }
}

/** Path of a script of a bundler. */
export function bundler(name: string): string {
  return join(APPS, 'bundlers', `${name}.mjs`);
}

/** Path of the program that an npm package brings for this platform: `@deno/linux-x64-glibc/deno`. */
export function platformProgram(scope: string, program: string): string {
  const directory = join(APPS, 'node_modules', scope);
  const [platform] = readdirSync(directory);
  return join(directory, platform!, program);
}

/** The environment without what the tests set, so that tools build as they would for a user. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const { NODE_ENV: _, VITEST: __, NODE_OPTIONS: ___, ...environment } = process.env;
  return environment;
}
