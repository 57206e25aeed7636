import { GOLDEN_RUNS, trainedHash, trainedHashInWorker } from '../../reference/determinism.ts';

/** The digests of the golden runs, as this page computes them. */
function goldenHashes(core: 'js' | 'simd'): Record<string, string> {
  return Object.fromEntries(GOLDEN_RUNS.map((run) => [run.name, trainedHash(run, core)]));
}

/** The same, computed in a worker of it. */
async function goldenHashesInWorker(core: 'js' | 'simd'): Promise<Record<string, string>> {
  const entries: [string, string][] = [];
  for (const run of GOLDEN_RUNS) entries.push([run.name, await trainedHashInWorker(run, core)]);
  return Object.fromEntries(entries);
}

Object.assign(globalThis, { app: { goldenHashes, goldenHashesInWorker } });
