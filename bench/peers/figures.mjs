import { slowMark } from '../figures.mjs';
import { short, times } from '../tables.mjs';

/** @typedef {import('../tables.mjs').Table} Table */

/**
 * A library on a workload: examples per second, and how far its losses or outputs are from the first entry's.
 *
 * @typedef {{ peer: string, rate: number, difference: number, values: number[] }} Entry
 */

/**
 * @typedef {object} PeerResults
 * @property {ReturnType<typeof import('../machine.mjs').describeMachine>} machine
 * @property {import('../figures.mjs').Results['calibration']} calibration
 * @property {{ name: string, version: string, note: string }[]} peers
 * @property {{ name: string, title: string, kind: 'train' | 'predict', peak: number, entries: Entry[], absent: { peer: string, reason: string }[] }[]} workloads
 */

/**
 * @param {PeerResults} results
 * @returns {Table[]}
 */
export function peerTables(results) {
  const all = [
    peersTable(results),
    ratesTable(results),
    checksTable(results),
    absentTable(results),
  ];
  return all.filter(({ rows }) => rows.length > 0);
}

/**
 * @param {PeerResults} results
 * @returns {Table}
 */
function peersTable({ peers }) {
  return {
    title: 'Libraries compared, one thread each',
    columns: ['library', 'version', 'how it is used'],
    rows: peers.map(({ name, version, note }) => [name, version, note]),
  };
}

/**
 * @param {PeerResults} results
 * @returns {Table}
 */
function ratesTable({ peers, workloads, calibration }) {
  const names = peers.map(({ name }) => name);
  return {
    title: 'Examples per second, and how many times faster chainrule is',
    columns: ['workload', ...names, ''],
    rows: workloads.map((workload) => {
      const [ours] = workload.entries;
      const cells = names.map((name) => {
        const entry = workload.entries.find(({ peer }) => peer === name);
        if (!entry) return '–';
        const ratio = entry === ours ? '' : ` (${times(ours.rate, entry.rate)})`;
        return `${short(entry.rate)}${ratio}`;
      });
      return [workload.name, ...cells, slowMark(calibration, workload)];
    }),
  };
}

/** Columns of the README's table: those a reader is most likely to know. */
const KNOWN = ['chainrule, js core', 'tfjs, wasm', 'jax-js, wasm', 'PyTorch', 'NumPy'];

/**
 * The short table of the README.
 *
 * @param {PeerResults} results
 * @returns {Table}
 */
export function ratiosTable({ peers, workloads }) {
  const known = peers.filter(({ name }) => KNOWN.includes(name));
  return {
    title: 'How many times faster chainrule is',
    columns: ['work', 'examples per second', ...known.map(({ name }) => name)],
    rows: workloads.map(({ name, entries }) => {
      const [ours] = entries;
      const ratios = known.map((peer) =>
        times(ours.rate, entries.find((entry) => entry.peer === peer.name)?.rate),
      );
      return [name, short(ours.rate), ...ratios];
    }),
  };
}

/**
 * @param {PeerResults} results
 * @returns {Table}
 */
function checksTable({ peers, workloads }) {
  const names = peers.slice(1).map(({ name }) => name);
  return {
    title: 'Checked first: largest relative difference from chainrule',
    note: 'Of the losses of the first 20 steps from the same starting values, in the same order of examples; or of the outputs.',
    columns: ['workload', 'first loss', 'last loss', ...names],
    rows: workloads.map(({ name, kind, entries }) => {
      const [ours] = entries;
      const losses = kind === 'train' ? [ours.values[0], ours.values.at(-1) ?? NaN] : [];
      const differences = names.map((name) => {
        const entry = entries.find(({ peer }) => peer === name);
        return entry ? entry.difference.toExponential(1) : '–';
      });
      return [
        name,
        ...(losses.length > 0 ? losses.map((loss) => loss.toFixed(6)) : ['–', '–']),
        ...differences,
      ];
    }),
  };
}

/**
 * @param {PeerResults} results
 * @returns {Table}
 */
function absentTable({ workloads }) {
  const reasons = /** @type {Map<string, string[]>} */ (new Map());
  for (const { name, absent } of workloads) {
    for (const { peer, reason } of absent) {
      const key = `${peer}\n${reason}`;
      reasons.set(key, [...(reasons.get(key) ?? []), name]);
    }
  }
  return {
    title: 'Not measured',
    columns: ['library', 'reason', 'workloads'],
    rows: [...reasons].map(([key, names]) => [
      ...key.split('\n'),
      names.length === workloads.length ? 'all' : names.join('; '),
    ]),
  };
}
