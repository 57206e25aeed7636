import { GOLDEN_RUNS, trainedHash } from '../../reference/determinism.ts';

/** The digests of the golden runs, as this page computes them. */
function goldenHashes(core: 'js' | 'simd'): Record<string, string> {
  return Object.fromEntries(GOLDEN_RUNS.map((run) => [run.name, trainedHash(run, core)]));
}

Object.assign(globalThis, { app: { goldenHashes } });
