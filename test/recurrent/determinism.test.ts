import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CORES } from '../reference/library.ts';
import {
  RECURRENT_RUNS,
  type RecurrentRun,
  recurrentTraining,
} from '../reference/recurrent-determinism.ts';

// The same seed gives the same bits: on both cores, in every run, on every machine.

const goldenFile = new URL('../fixtures/golden-recurrent.json', import.meta.url);

function trainedHash(run: RecurrentRun, core: 'js' | 'simd'): string {
  const { network, data, options } = recurrentTraining(run, core);
  network.fitSync(data, options);
  const hash = network.hash();
  network.dispose();
  return hash;
}

const updating = process.env['UPDATE_GOLDEN'] === '1';
if (updating) {
  const entries = RECURRENT_RUNS.map((run) => [run.name, trainedHash(run, 'js')]);
  writeFileSync(goldenFile, `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`);
}
const golden = existsSync(goldenFile)
  ? (JSON.parse(readFileSync(goldenFile, 'utf8')) as Record<string, string>)
  : {};

it('golden-recurrent.json names exactly these runs', () => {
  expect(Object.keys(golden)).toEqual(RECURRENT_RUNS.map(({ name }) => name));
});

describe.each(CORES)('core %s', (core) => {
  it.each(RECURRENT_RUNS)('$name', (run) => {
    expect(trainedHash(run, core)).toBe(golden[run.name]);
    expect(trainedHash(run, core)).toBe(golden[run.name]);
  });
});
