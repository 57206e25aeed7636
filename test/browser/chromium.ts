import { type Browser, chromium, type Page } from 'playwright-core';
import { chromiumPath } from './packed.ts';

/** Starts Chromium. No sandbox: CI runs as root, which Chromium's sandbox does not allow, and only our own pages are opened. */
export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath!,
    args: ['--no-sandbox', '--disable-gpu'],
  });
}

/** What a page says of itself. */
export interface OpenPage {
  readonly page: Page;
  /** Warnings and errors of the console, and exceptions nobody caught. */
  readonly complaints: string[];
}

/** Opens a page in a context of its own. */
export async function open(browser: Browser, url: string): Promise<OpenPage> {
  const context = await browser.newContext();
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['warning', 'error'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(url);
  return { page, complaints };
}

/** What the test app's `trainXor` returns. */
export interface Trained {
  learnt: string;
  core: string;
  hash: string;
}

/** Waits for the test app to be loaded and calls one of its functions in the page. */
export async function call<T>(page: Page, name: string, ...args: unknown[]): Promise<T> {
  await page.waitForFunction('globalThis.app');
  return (await page.evaluate(`app.${name}(...${JSON.stringify(args)})`)) as T;
}
