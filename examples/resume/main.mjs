// Training that survives a crash. The run writes a checkpoint now and then; this program is killed in the midst of training, twice, and
// started again. Each start goes on where the file says, and the end is that of a run that never stopped: the same hash.
//
//   node examples/resume/main.mjs

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { adamw, cosine, dense, dropout, Network, readSafetensors } from '../../build/index.js';
import { loadScans } from '../digits/data.mjs';

const { train } = loadScans();
/** @type {import('../../build/index.js').NetworkSpec} */
const spec = {
  input: 64,
  layers: [dense(32, 'relu'), dropout(0.2), dense(10, 'softmax')],
  loss: 'crossEntropy',
  seed: 1,
};
const options = { epochs: 60, batchSize: 16, optimizer: adamw(), schedule: cosine() };

/**
 * What a program does that may be killed: go on from the file if there is one.
 *
 * @param {string} path
 */
async function trainWithCheckpoints(path) {
  const net = new Network(spec);
  const resume = existsSync(path) ? { resume: readFileSync(path) } : {};
  const checkpoint = { path, every: { steps: 50 } };
  const history = await net.fit(train, { ...options, ...resume, checkpoint });
  return { hash: net.hash(), epochs: history.reports.length };
}

/** The same without a stop. */
async function trainStraight() {
  const net = new Network(spec);
  await net.fit(train, options);
  return net.hash();
}

/**
 * Starts this program in a process of its own and kills it once the file has changed so many times.
 *
 * @param {string} path
 * @param {number} writes
 */
async function startAndKill(path, writes) {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), path]);
  let ended = false;
  child.on('exit', () => (ended = true));
  let seen = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  for (let count = 0; count < writes && !ended;) {
    await new Promise((resolve) => setTimeout(resolve, 2));
    const now = existsSync(path) ? readFileSync(path) : seen;
    if (!now.equals(seen)) count++;
    seen = now;
  }
  child.kill('SIGKILL');
  if (!ended) await new Promise((resolve) => child.on('exit', resolve));
}

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'chainrule-resume-'));
  const path = join(folder, 'checkpoint.safetensors');
  try {
    for (const writes of [3, 5]) {
      await startAndKill(path, writes);
      const { metadata } = readSafetensors(readFileSync(path));
      const { epoch, step } = JSON.parse(metadata['chainrule'] ?? '').run.position;
      console.log(`Killed. The file holds the run after ${epoch} epochs and ${step} steps.`);
    }
    const { hash, epochs } = await trainWithCheckpoints(path);
    console.log(`Resumed to the end: ${epochs} epochs, parameters ${hash}`);
    const straight = await trainStraight();
    console.log(`Never stopped:      ${options.epochs} epochs, parameters ${straight}`);
    console.log(hash === straight ? 'The same, bit for bit.' : 'They differ!');
    process.exitCode = hash === straight ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const [path] = process.argv.slice(2);
if (path) await trainWithCheckpoints(path);
else await main();
