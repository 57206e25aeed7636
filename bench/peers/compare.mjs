import { largestDifference, median } from '../statistics.mjs';
import { Unable } from './process.mjs';

/** Seconds a timed request should take; a peer slower than that does its work once. */
const TARGET = 0.25;

/** Relative difference of a loss or output beyond which a library does not compute the same. */
const TOLERANCE = 1e-3;

/** @typedef {import('./process.mjs').PeerProcess} PeerProcess */
/** @typedef {{ name: string, process: PeerProcess }} Peer */
/** @typedef {{ peer: Peer, values: number[], difference: number, times: number }} Ready */

/**
 * Compares libraries on one task: each first shows that it computes the same, then they are timed in turn.
 *
 * @param {Peer[]} peers - the first is what the others are compared with
 * @param {import('./task.mjs').Task} task
 * @param {{ rounds: number, calibration: import('../calibration.mjs').Calibration }} options
 */
export async function compare(peers, task, { rounds, calibration }) {
  const absent = /** @type {{ peer: string, reason: string }[]} */ ([]);
  const ready = /** @type {Ready[]} */ ([]);
  for (const peer of peers) {
    try {
      ready.push(await prepare(peer, task, ready[0]?.values));
    } catch (error) {
      if (!(error instanceof Unable)) throw error;
      absent.push({ peer: peer.name, reason: error.message });
    }
  }
  const before = calibration.read();
  const seconds = ready.map(() => /** @type {number[]} */ ([]));
  for (let round = 0; round < rounds; round++) {
    for (const [index, entry] of ready.entries()) seconds[index].push(await time(entry));
  }
  const entries = ready.map(({ peer, values, difference }, index) => ({
    peer: peer.name,
    rate: task.count / median(seconds[index]),
    difference,
    values,
  }));
  return { kind: task.kind, peak: Math.min(before, calibration.read()), entries, absent };
}

/**
 * @param {Peer} peer
 * @param {import('./task.mjs').Task} task
 * @param {number[] | undefined} reference - absent for the first
 * @returns {Promise<Ready>}
 */
async function prepare(peer, task, reference) {
  await peer.process.ask({ ask: 'prepare', task });
  const { values } = await peer.process.ask({ ask: 'check' });
  const difference = largestDifference(values, reference ?? values);
  if (!(difference <= TOLERANCE)) {
    throw new Unable(`computes something else: relative difference ${difference.toExponential(1)}`);
  }
  const ready = { peer, values, difference, times: 1 };
  for (let seconds = await time(ready); seconds * ready.times < TARGET;) {
    ready.times = Math.ceil(Math.min(4 * ready.times, TARGET / seconds));
    const next = await time(ready);
    if (next * ready.times >= 0.8 * TARGET) break;
    seconds = next;
  }
  return ready;
}

/** @param {Ready} ready */
async function time({ peer, times }) {
  const { seconds } = await peer.process.ask({ ask: 'run', times });
  return seconds / times;
}
