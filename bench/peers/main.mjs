/**
 * Compares with other libraries: the same data, starting values and formula, equal losses first, then speed in turn.
 *
 *   npm run bench:peers                     tables, build/bench-peers.json and build/bench.html
 *   npm run bench:peers -- --quick          one round
 *   npm run bench:peers -- --peer TEXT      only libraries whose name contains TEXT, and chainrule
 *   npm run bench:peers -- --mnist DIR      real images from the four IDX files of MNIST instead of random ones
 *   npm run bench:peers -- --json FILE      where the results go
 *   npm run bench:peers -- --markdown FILE  writes the tables to FILE as well
 *
 * The libraries from npm are installed in this folder first if they are not; those of Python are used if the machine has them.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Calibration } from '../calibration.mjs';
import { describeMachine } from '../machine.mjs';
import { writeReport } from '../report.mjs';
import { toMarkdown } from '../tables.mjs';
import { compare } from './compare.mjs';
import { peerTables } from './figures.mjs';
import { PeerProcess, Unable } from './process.mjs';
import { roster } from './roster.mjs';
import { createTasks } from './tasks.mjs';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    peer: { type: 'string', default: '' },
    mnist: { type: 'string' },
    json: { type: 'string', default: 'build/bench-peers.json' },
    markdown: { type: 'string' },
  },
});
const rounds = options.quick ? 1 : 5;

install();
const calibration = await Calibration.create();
const directory = mkdtempSync(join(tmpdir(), 'chainrule-peers-'));
const contenders = roster()
  .filter(({ name }) => name === 'chainrule' || name.includes(options.peer))
  .map(({ name, command, parameters }) => ({
    name,
    process: new PeerProcess(command, parameters),
  }));
try {
  const results = await measure();
  const text = peerTables(results).map(toMarkdown).join('\n');
  console.log(text);
  if (options.markdown) writeFileSync(options.markdown, text);
  writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`);
  console.error(`written: ${options.json}, ${writeReport('build/bench.json', options.json)}`);
} finally {
  for (const { process } of contenders) process.end();
  rmSync(directory, { recursive: true });
}

/** Installs the libraries from npm, exactly as locked and without their scripts. */
function install() {
  const folder = fileURLToPath(new URL('.', import.meta.url));
  if (existsSync(join(folder, 'node_modules'))) return;
  console.error('installing the libraries to compare with …');
  try {
    execFileSync('npm', ['ci', '--ignore-scripts', '--prefix', folder], { stdio: 'inherit' });
  } catch (error) {
    console.error(`could not: ${error}. Going on with what there is.`);
  }
}

async function measure() {
  const workloads = [];
  const { peers, missing } = await describePeers();
  for (const { name, title, task } of await createTasks(directory, options.mnist)) {
    const seconds = (performance.now() / 1000).toFixed(0).padStart(4);
    console.error(`${seconds} s  ${calibration.best.toFixed(1)} GFLOP/s  ${title}`);
    const able = contenders.filter((contender) =>
      peers.some((peer) => peer.name === contender.name),
    );
    const result = await compare(able, task, { rounds, calibration });
    workloads.push({ name, title, ...result, absent: [...missing, ...result.absent] });
  }
  return { machine: describeMachine(), calibration: calibration.summary(), peers, workloads };
}

/** Versions of the libraries that answer, and why the others do not. */
async function describePeers() {
  const peers = [];
  const missing = [];
  for (const { name, process } of contenders) {
    try {
      const { version, note } = await process.ask({ ask: 'describe' });
      peers.push({ name, version, note });
    } catch (error) {
      if (!(error instanceof Unable)) throw error;
      missing.push({ peer: name, reason: error.message });
    }
  }
  return { peers, missing };
}
