/**
 * Writes the results of `npm run bench` and `npm run bench:peers` where they are published: the tables into docs/performance.md, the
 * plots of growth beside it, and the tables of ratios, of threads and of a browser into the README. Each goes between a pair of comments with
 * its name; where there are no results of one of the two, what is published of it stays.
 *
 *   npm run bench -- --mnist DIR && npm run bench:peers -- --mnist DIR && node bench/publish.mjs
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { browserTable, tables, threadsTable } from './figures.mjs';
import { growthPlots } from './plots.mjs';
import { peerTables, ratiosTable } from './peers/figures.mjs';
import { toMarkdown } from './tables.mjs';

const own = readJson('build/bench.json');
const peers = readJson('build/bench-peers.json');

if (!own && !peers) throw new Error('build: there are no results; run npm run bench');
if (own) {
  const style = readFileSync(new URL('report.css', import.meta.url), 'utf8');
  writeFileSync('docs/figures/growth.svg', growthPlots(own, style));
  replace('docs/performance.md', 'npm run bench', markdown(tables(own)));
  const shown = [machineOf(own), bare(threadsTable(own)), bare(browserTable(own))];
  replace('README.md', 'npm run bench', shown.join('\n\n'));
}
if (peers) {
  replace('docs/performance.md', 'npm run bench:peers', markdown(peerTables(peers)));
  const shown = [machineOf(peers), bare(ratiosTable(peers))];
  replace('README.md', 'npm run bench:peers', shown.join('\n\n'));
}

/** @param {string} file */
function readJson(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

/** @param {import('./tables.mjs').Table[]} all */
function markdown(all) {
  return all
    .map((table) => toMarkdown(table).replace(/^###/, '####'))
    .join('\n')
    .trim();
}

/** The machine that results are from, and when. @param {{ machine: ReturnType<typeof import('./machine.mjs').describeMachine> }} results */
function machineOf({ machine }) {
  return `${machine.processor}, ${machine.system}, Node ${machine.node}, ${machine.date}:`;
}

/** A table without its title. @param {import('./tables.mjs').Table} table */
function bare(table) {
  return toMarkdown(table).trim().split('\n\n').slice(1).join('\n\n');
}

/**
 * Replaces what stands between `<!-- name -->` and `<!-- end of name -->`.
 *
 * @param {string} file
 * @param {string} name
 * @param {string} content
 */
function replace(file, name, content) {
  const [open, close] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
  const text = readFileSync(file, 'utf8');
  const [begin, end] = [text.indexOf(open), text.indexOf(close)];
  if (begin < 0 || end < begin) throw new Error(`${file}: no '${open}' … '${close}'`);
  writeFileSync(file, `${text.slice(0, begin + open.length)}\n\n${content}\n\n${text.slice(end)}`);
}
