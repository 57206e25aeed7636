import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { SLOW } from './calibration.mjs';
import { barChart, lineChart, stackedChart } from './charts.mjs';
import { tables } from './figures.mjs';
import { peerTables } from './peers/figures.mjs';
import { element, escapeText } from './svg.mjs';
import { percent, short, times } from './tables.mjs';

/** @typedef {import('./figures.mjs').Results} Results */
/** @typedef {import('./peers/figures.mjs').PeerResults} PeerResults */
/** @typedef {import('./tables.mjs').Table} Table */

const PAGE = 'build/bench.html';

/**
 * Writes one page with everything in it, charts and tables, from the results that there are.
 *
 * @param {string} own - JSON of `npm run bench`
 * @param {string} peers - JSON of `npm run bench:peers`
 * @returns {string} the file
 */
export function writeReport(own = 'build/bench.json', peers = 'build/bench-peers.json') {
  const style = readFileSync(new URL('report.css', import.meta.url), 'utf8');
  writeFileSync(PAGE, createReport({ own: readJson(own), peers: readJson(peers) }, style));
  return PAGE;
}

/** @param {string} file */
function readJson(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

/**
 * @param {{ own?: Results | undefined, peers?: PeerResults | undefined }} results
 * @param {string} style - CSS
 */
export function createReport({ own, peers }, style) {
  const head = [
    element('meta', { charset: 'utf-8' }),
    element('meta', { name: 'viewport', content: 'width=device-width' }),
    element('title', {}, 'Chainrule: bench'),
    element('style', {}, style),
  ];
  const body = [
    element('h1', {}, 'Chainrule: how fast it is'),
    ...(own ? [...ownCharts(own)] : []),
    ...(peers ? peerCharts(peers) : []),
    element('h2', {}, 'All figures'),
    ...(own ? tables(own) : []).map(tableSection),
    ...(peers ? peerTables(peers) : []).map(tableSection),
  ];
  const page = element(
    'html',
    { lang: 'en' },
    element('head', {}, ...head),
    element('body', {}, ...body),
  );
  return `<!doctype html>\n${page}\n`;
}

/**
 * @param {Results} results
 * @returns {string[]}
 */
function ownCharts(results) {
  const { machine, calibration, training, matmul, growth } = results;
  const where = `${machine.processor}, ${machine.system}, Node ${machine.node}, ${machine.date}`;
  const isMuted = (/** @type {{ peak: number }} */ { peak }) => peak < SLOW * calibration.best;
  const share = (/** @type {number} */ gflops) => gflops / calibration.best;
  const bars = (
    /** @type {{ label: string, gflops: number, text: string, peak: number }[]} */ rows,
  ) =>
    barChart(
      rows.map((row) => ({
        ...row,
        value: share(row.gflops),
        text: `${percent(share(row.gflops))}, ${row.text}`,
        muted: isMuted(row),
      })),
      { maximum: Math.max(1, ...rows.map((row) => share(row.gflops))) },
    );
  return [
    paragraph(
      `Version ${machine.chainrule}. ${where}. Peak of one core with 128-bit vectors: ${short(calibration.best)} GFLOP/s, measured. ` +
        'All figures are of one core. Grey bars were measured while the machine was slow.',
    ),
    section(
      'Training: share of the peak',
      'FLOP of the matrix products, zeros counted as if multiplied; examples per second.',
      bars(training.map((row) => ({ ...row, label: row.name, text: `${short(row.simd)}/s` }))),
    ),
    section(
      'Training: times the plain-TypeScript core',
      'The same training with the same bits.',
      barChart(
        training.map((row) => ({
          label: row.name,
          value: row.simd / row.js,
          text: times(row.simd, row.js),
          muted: isMuted(row),
        })),
      ),
    ),
    section(
      'Where the time of a training step goes',
      'Each instruction of the compiled program repeated on its own; rest: what the step takes beyond their sum.',
      stackedChart(
        training.map((row) => ({
          label: row.name,
          parts: row.parts,
          text: duration(row.batchSize / row.simd),
        })),
      ),
    ),
    section(
      'Matrix products: share of the peak',
      'm × n × k: out[m, n], summed over k. N: as stored, T: transposed.',
      bars(
        matmul.map((row) => ({
          ...row,
          label: `${row.m} × ${row.n} × ${row.k} ${row.layout}`,
          gflops: row.simd,
          text: `${short(row.simd)} GFLOP/s`,
        })),
      ),
    ),
    ...growth.map(({ name, title, points }) =>
      section(
        `Growth with the ${name}`,
        `128 inputs, 10 classes, ReLU, Adam. Along the axis: ${title}.`,
        element(
          'div',
          { class: 'pair' },
          lineChart(
            points.map(({ value, rate }) => ({ x: value, y: rate })),
            { logarithmic: true, format: short, unit: 'examples per second' },
          ),
          lineChart(
            points.map(({ value, gflops }) => ({ x: value, y: share(gflops) })),
            { logarithmic: false, format: percent, unit: 'share of the peak' },
          ),
        ),
      ),
    ),
  ].filter((part) => part !== '');
}

/**
 * @param {PeerResults} results
 * @returns {string[]}
 */
function peerCharts({ workloads, calibration }) {
  return [
    element('h2', {}, 'Against others'),
    paragraph(
      'The same data, starting values and formula; equal losses were checked first. Examples per second on one thread, on a logarithmic scale.',
    ),
    ...workloads.map(({ title, entries, peak }) => {
      const [ours] = entries;
      const rows = entries.map(({ peer, rate }) => ({
        label: peer,
        value: rate,
        text:
          peer === ours.peer
            ? `${short(rate)}/s`
            : `${short(rate)}/s, ours is ${times(ours.rate, rate)}`,
        muted: peer !== ours.peer,
      }));
      const isSlow = peak < SLOW * calibration.best;
      const remark = isSlow ? paragraph('Measured while the machine was slow.') : '';
      return element('h3', {}, escapeText(title)) + remark + barChart(rows, { logarithmic: true });
    }),
  ];
}

/**
 * @param {string} title
 * @param {string} text
 * @param {string} content
 */
function section(title, text, content) {
  return content === '' ? '' : element('h2', {}, escapeText(title)) + paragraph(text) + content;
}

/** @param {number} seconds */
function duration(seconds) {
  return seconds < 1e-3 ? `${short(seconds * 1e6)} µs` : `${short(seconds * 1e3)} ms`;
}

/** @param {string} text */
function paragraph(text) {
  return element('p', { class: 'note' }, escapeText(text));
}

/** @param {Table} table */
function tableSection({ title, note, columns, rows }) {
  const line = (/** @type {string} */ cell, /** @type {(string | number)[]} */ cells) =>
    element('tr', {}, ...cells.map((text) => element(cell, {}, escapeText(text))));
  const content = element('table', {}, line('th', columns), ...rows.map((row) => line('td', row)));
  return element(
    'details',
    {},
    element('summary', {}, escapeText(title)),
    note ? paragraph(note) : '',
    element('div', { class: 'scroll' }, content),
  );
}
