/**
 * Measures training in Chromium against training in Node: on the thread of the page, giving way to it, in a worker and on two threads.
 *
 *   npm run bench:browser -- [--rounds 5]      CHROMIUM=PATH names the browser, /usr/bin/chromium when absent
 */
import { parseArgs } from 'node:util';
import { browserTable } from '../figures.mjs';
import { toMarkdown } from '../tables.mjs';
import { measureBrowser } from './measure.mjs';

const { values: options } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
const browser = await measureBrowser(Number(options.rounds));
if (browser.length < 2) console.error('No Chromium was found: CHROMIUM=PATH names one.');
console.log(toMarkdown(browserTable({ browser })));
