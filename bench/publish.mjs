/**
 * Writes the results of `npm run bench` and `npm run bench:peers` where they are published: the tables into docs/performance.md, the
 * plots of growth beside it, and the tables of ratios, of threads and of a browser into the README. Each goes between a pair of comments with its name.
 *
 *   npm run bench -- --mnist DIR && npm run bench:peers -- --mnist DIR && node bench/publish.mjs
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { browserTable, tables, threadsTable } from './figures.mjs';
import { growthPlots } from './plots.mjs';
import { peerTables, ratiosTable } from './peers/figures.mjs';
import { toMarkdown } from './tables.mjs';

const own = readJson('build/bench.json');
const peers = readJson('build/bench-peers.json');

const style = readFileSync(new URL('report.css', import.meta.url), 'utf8');
writeFileSync('docs/figures/growth.svg', growthPlots(own, style));
replace('docs/performance.md', 'npm run bench', markdown(tables(own)));
replace('docs/performance.md', 'npm run bench:peers', markdown(peerTables(peers)));
replace('README.md', 'npm run bench:peers', ratios());
replace('README.md', 'npm run bench', `${bare(threadsTable(own))}\n\n${bare(browserTable(own))}`);

/** @param {string} file */
function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** @param {import('./tables.mjs').Table[]} all */
function markdown(all) {
  return all
    .map((table) => toMarkdown(table).replace(/^###/, '####'))
    .join('\n')
    .trim();
}

/** The README's table with the machine it is from. */
function ratios() {
  const { machine } = peers;
  return `${machine.processor}, ${machine.system}, Node ${machine.node}, ${machine.date}:\n\n${bare(ratiosTable(peers))}`;
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
