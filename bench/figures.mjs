import { SLOW } from './calibration.mjs';
import { percent, short, SLOW_MARK, times } from './tables.mjs';

/**
 * The results of a run, as they are written to JSON. Rates are per second; `peak` is what the calibration loop reached around a
 * measurement, `calibration.best` the most it reached at all.
 *
 * @typedef {object} Results
 * @property {ReturnType<typeof import('./machine.mjs').describeMachine>} machine
 * @property {boolean} quick
 * @property {{ best: number, median: number, lowest: number, readings: number }} calibration
 * @property {ReturnType<typeof import('./matmul.mjs').benchMatmul>[]} matmul
 * @property {ReturnType<typeof import('./train.mjs').benchTraining>[]} training
 * @property {Awaited<ReturnType<typeof import('./threads.mjs').benchThreads>>} threads
 * @property {Awaited<ReturnType<typeof import('./browser/measure.mjs').measureBrowser>>} browser
 * @property {ReturnType<typeof import('./predict.mjs').benchPrediction>} prediction
 * @property {Awaited<ReturnType<typeof import('./progress.mjs').benchProgress>>} watched
 * @property {ReturnType<typeof import('./start.mjs').benchStart> | undefined} start
 * @property {ReturnType<typeof import('./start.mjs').measureSizes>} sizes
 * @property {ReturnType<typeof import('./growth.mjs').benchGrowth>} growth
 */

/** @typedef {import('./tables.mjs').Table} Table */

/**
 * @param {Results['calibration']} calibration
 * @param {{ peak: number }} row
 */
export function slowMark({ best }, { peak }) {
  return peak < SLOW * best ? `${SLOW_MARK} (${percent(peak / best)})` : '';
}

/**
 * The tables of a run, without those that have nothing to show.
 *
 * @param {Results} results
 */
export function tables(results) {
  const all = [
    machineTable(results),
    matmulTable(results),
    trainingTable(results),
    partsTable(results),
    threadsTable(results),
    browserTable(results),
    predictionTable(results),
    watchedTable(results),
    startTable(results),
    ...results.growth.map((sweep) => growthTable(results, sweep)),
  ];
  return all.filter(({ rows }) => rows.length > 0);
}

/**
 * @param {Results} results
 * @returns {Table}
 */
function machineTable({ machine, calibration, quick }) {
  const { best, median, lowest, readings } = calibration;
  const figures = `${short(best)} GFLOP/s at best, ${short(median)} median, ${short(lowest)} lowest of ${readings} readings`;
  return {
    title: `Machine and calibration${quick ? ' (--quick: rough figures)' : ''}`,
    columns: ['what', 'value'],
    rows: [...Object.entries(machine), ['peak of one core, 128-bit', figures]],
  };
}

/**
 * @param {Results} results
 * @returns {Table}
 */
function matmulTable({ matmul, calibration }) {
  const extra = relaxedColumn(matmul);
  return {
    title: 'Matrix products, one core',
    note: 'out[m, n] summed over k. GFLOP/s; one multiplication and one addition are 2 FLOP.',
    columns: [
      'product',
      'layout',
      'm × n × k',
      'simd',
      'of the peak',
      ...extra,
      'js',
      'simd / js',
      '',
    ],
    rows: matmul.map((row) => [
      row.name,
      row.layout,
      `${row.m} × ${row.n} × ${row.k}`,
      short(row.simd),
      percent(row.simd / calibration.best),
      ...extra.map(() => short(row.relaxed)),
      short(row.js),
      times(row.simd, row.js),
      slowMark(calibration, row),
    ]),
  };
}

/**
 * The column of the relaxed core, where the engine has it.
 *
 * @param {{ relaxed?: number }[]} rows
 */
function relaxedColumn(rows) {
  return rows.some(({ relaxed }) => relaxed !== undefined) ? ['relaxed'] : [];
}

/**
 * @param {Results} results
 * @returns {Table}
 */
function trainingTable({ training, calibration }) {
  const extra = relaxedColumn(training);
  return {
    title: 'Training, one core',
    note: 'Examples per second. Share of the peak: the FLOP of all matrix products, zeros counted as if multiplied.',
    columns: ['network', 'simd', 'steps/s', 'of the peak', ...extra, 'js', 'simd / js', ''],
    rows: training.map((row) => [
      row.title,
      short(row.simd),
      short(row.simd / row.batchSize),
      percent(row.gflops / calibration.best),
      ...extra.map(() => short(row.relaxed)),
      short(row.js),
      times(row.simd, row.js),
      slowMark(calibration, row),
    ]),
  };
}

/**
 * @param {Results} results
 * @returns {Table}
 */
function partsTable({ training }) {
  const classes = [...new Set(training.flatMap(({ parts }) => Object.keys(parts)))];
  const ordered = [...classes.filter((name) => name !== 'rest'), 'rest'];
  return {
    title: 'Where the time of a training step goes, µs',
    note: 'Each instruction repeated on its own; rest: what the step takes beyond their sum (operands that have left the caches).',
    columns: ['network', ...ordered],
    rows: training.map(({ name, parts }) => [
      name,
      ...ordered.map((part) => (parts[part] === undefined ? '–' : microseconds(parts[part]))),
    ]),
  };
}

/**
 * @param {Results} results
 * @returns {Table}
 */
export function threadsTable({ threads }) {
  return {
    title: 'Training on two threads',
    note:
      'Examples per second, medians of calls in turn; 2 / 1: median of the pairs. The parameters are the same to the last bit. Apart: two ' +
      'networks that share nothing, trained at the same time by a thread each, over one alone, which is what the machine has to give. ' +
      'Undisturbed: both of the calls, so many, before and behind which one thread, and two networks apart, reached 95 % of their best, and ' +
      'the two cores had a cache in common, by the time a word took from one to the other.',
    columns: [
      'network',
      '1 thread',
      '2 threads',
      '2 / 1',
      'apart',
      'undisturbed 2 / 1',
      'undisturbed apart',
      'calls',
    ],
    rows: threads.map(({ title, alone, together, all, calm, calls }) => [
      title,
      short(alone),
      short(together),
      ratio(all.ratio),
      ratio(all.apart),
      calm ? ratio(calm.ratio) : '–',
      calm ? ratio(calm.apart) : '–',
      `${calm?.calls ?? 0} of ${calls}`,
    ]),
  };
}

/** @param {number} value */
function ratio(value) {
  return `${value.toFixed(2)}×`;
}

/**
 * @param {Pick<Results, 'browser'>} results
 * @returns {Table}
 */
export function browserTable({ browser }) {
  return {
    title: 'The same work in a browser',
    note:
      '784-128-10, Adam, batch 128, images of which a fifth is ink, read anew by each call: examples per second of `fitSync`, and of the ' +
      'others relative to it; milliseconds in which `fit` checks 60,000 images; then the longest time without a turn of the event loop, and ' +
      'tasks of more than 50 ms, on the thread that calls.',
    columns: [
      'where',
      'fitSync',
      'fit',
      'in a worker',
      '2 threads',
      'checking',
      'wait',
      'long tasks',
    ],
    rows: browser.map(({ where, rates: { fitSync, here, worker, threads } }) => [
      where,
      short(fitSync),
      ...[here, worker, threads].map(({ rate }) => percent(rate / fitSync)),
      `${here.reading.toFixed(0)} ms`,
      `${here.wait.toFixed(0)} ms`,
      where.startsWith('Node') ? '–' : String(here.longTasks),
    ]),
  };
}

/** @param {number} value */
function microseconds(value) {
  return value < 10 ? value.toFixed(2) : value.toFixed(0);
}

/**
 * @param {Results} results
 * @returns {Table}
 */
function predictionTable({ prediction, calibration }) {
  return {
    title: 'Prediction through the public API, one core',
    columns: ['what', 'simd, µs per call', 'samples/s', 'of the peak', 'js, µs', 'simd / js', ''],
    rows: prediction.map((row) => [
      row.name,
      microseconds(row.simd * 1e6),
      short(row.rows / row.simd),
      percent(row.gflops / calibration.best),
      microseconds(row.js * 1e6),
      times(row.js, row.simd),
      slowMark(calibration, row),
    ]),
  };
}

/**
 * @param {Results} results
 * @returns {Table}
 */
function watchedTable({ watched = [], calibration }) {
  const microseconds = (/** @type {number} */ seconds) => `${short(seconds * 1e6)} µs`;
  return {
    title: 'Training that somebody watches',
    note:
      'Time relative to the same run that nobody watches. A loop over the reports sees the network after every epoch, so each ' +
      'epoch is a call of its own.',
    columns: ['network', 'epoch', 'onProgress', 'onEpoch', 'loop', 'per report of the loop', ''],
    rows: watched.map((row) => [
      row.title,
      microseconds(row.secondsPerEpoch),
      row.onProgress.toFixed(2),
      row.onEpoch.toFixed(2),
      row.loop.toFixed(2),
      microseconds(Math.max(row.secondsPerReport, 0)),
      slowMark(calibration, row),
    ]),
  };
}

/**
 * @param {Results} results
 * @returns {Table}
 */
function startTable({ start, sizes, calibration }) {
  const times = start && [
    ['import to first prediction, simd core', `${start.simd.toFixed(1)} ms`],
    ['import to first prediction, js core', `${start.js.toFixed(1)} ms`],
  ];
  const kilobytes = (/** @type {number} */ bytes) => `${(bytes / 1000).toFixed(1)} kB`;
  return {
    title: 'Start and size',
    columns: ['what', 'value', ''],
    rows: [
      ...(start && times ? times.map((row) => [...row, slowMark(calibration, start)]) : []),
      ...sizes.map(({ name, bytes, gzipped }) => [
        name,
        `${kilobytes(bytes)}, ${kilobytes(gzipped)} gzipped`,
        '',
      ]),
    ],
  };
}

/**
 * @param {Results} results
 * @param {Results['growth'][number]} sweep
 * @returns {Table}
 */
function growthTable({ calibration }, { name, title, points }) {
  return {
    title: `How training speed changes with the ${name}`,
    note: `128 inputs, 10 classes, ReLU, Adam; ${title}.`,
    columns: [name, 'examples/s', 'of the peak', ''],
    rows: points.map((point) => [
      point.value,
      short(point.rate),
      percent(point.gflops / calibration.best),
      slowMark(calibration, point),
    ]),
  };
}
