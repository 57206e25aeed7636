/**
 * Measures how fast the cores are, against the peak of the processor and against each other.
 *
 *   npm run bench                     all of it, a quarter of an hour; tables, build/bench.json and build/bench.html
 *   npm run bench -- --quick          fewer rounds and no growth: five minutes, rough figures
 *   npm run bench -- --growth         only how the speed grows with width, depth and batch
 *   npm run bench -- --mnist DIR      real images from the four IDX files of MNIST instead of random ones
 *   npm run bench -- --json FILE      where the results go
 *   npm run bench -- --markdown FILE  writes the tables to FILE as well
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Calibration } from './calibration.mjs';
import { tables } from './figures.mjs';
import { benchGrowth } from './growth.mjs';
import { describeMachine } from './machine.mjs';
import { benchMatmul, readShapes } from './matmul.mjs';
import { benchPrediction } from './predict.mjs';
import { benchProgress } from './progress.mjs';
import { writeReport } from './report.mjs';
import { benchStart, measureSizes } from './start.mjs';
import { toMarkdown } from './tables.mjs';
import { measureBrowser } from './browser/measure.mjs';
import { benchThreads } from './threads.mjs';
import { benchTraining } from './train.mjs';
import { createSequenceWorkloads } from './sequences.mjs';
import { createWorkloads } from './workloads.mjs';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    growth: { type: 'boolean', default: false },
    mnist: { type: 'string' },
    json: { type: 'string', default: 'build/bench.json' },
    markdown: { type: 'string' },
  },
});

/** A quick run times products up to this size, that of 256 × 256 × 256. */
const QUICK_PRODUCT = 256 ** 3;

const rounds = options.quick ? 1 : 5;
const calibration = await Calibration.create();
console.error(`calibration: ${calibration.best.toFixed(1)} GFLOP/s, 128-bit, one core`);
const results = { machine: describeMachine(), quick: options.quick, ...(await measureAll()) };

const text = tables(results).map(toMarkdown).join('\n');
console.log(text);
if (options.markdown) writeFileSync(options.markdown, text);
writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`);
console.error(`written: ${options.json}, ${writeReport()}`);

async function measureAll() {
  const common = { rounds, calibration };
  const all = !options.growth;
  const workloads = [...(await createWorkloads(options.mnist)), ...createSequenceWorkloads()];
  // First, since it needs both cores to itself: whoever starts a bench has just seen that the machine is calm.
  const threads = await benchThreads(all ? workloads : [], { rounds, progress });
  const matmul = shapes().map((shape) => {
    progress(`product ${shape.name} ${shape.layout}`);
    return benchMatmul(shape, common);
  });
  const training = (all ? workloads : []).map((workload) => {
    progress(workload.title);
    return benchTraining(workload, common);
  });
  if (all) progress('a browser');
  const browser = all ? await measureBrowser(rounds) : [];
  if (all) progress('prediction');
  const prediction = all ? benchPrediction(common) : [];
  if (all) progress('callbacks and loops');
  const watched = all ? await benchProgress(common) : [];
  if (all) progress('start');
  const start = all ? benchStart(common) : undefined;
  const growth =
    options.quick && all ? [] : benchGrowth({ ...common, rounds: Math.min(rounds, 3), progress });
  return {
    calibration: calibration.summary(),
    matmul,
    training,
    threads,
    browser,
    prediction,
    watched,
    start,
    sizes: measureSizes(),
    growth,
  };
}

/** The products to time; a quick run leaves the large ones out. */
function shapes() {
  if (options.growth) return [];
  return readShapes().filter(({ m, n, k }) => !options.quick || m * n * k <= QUICK_PRODUCT);
}

/** @param {string} text */
function progress(text) {
  const seconds = performance.now() / 1000;
  const now = calibration.readings.at(-1) ?? 0;
  console.error(`${seconds.toFixed(0).padStart(4)} s  ${now.toFixed(1)} GFLOP/s  ${text}`);
}
