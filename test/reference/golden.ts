import type { FitOptions, Network, TrainingData } from '../../src/index.ts';
import { GOLDEN_RUNS, runData, runNetwork, runOptions } from './determinism.ts';
import { RECURRENT_RUNS, recurrentTraining } from './recurrent-determinism.ts';

/** A training run with a golden digest, ready to begin. */
interface GoldenCase {
  readonly name: string;
  prepare(core: 'js' | 'simd'): { network: Network; data: TrainingData; options: FitOptions };
}

/** All runs of the fixtures golden.json and golden-recurrent.json. */
export const GOLDEN_CASES: readonly GoldenCase[] = [
  ...GOLDEN_RUNS.map((run) => ({
    name: run.name,
    prepare: (core: 'js' | 'simd') => ({
      network: runNetwork(run, core),
      data: runData(run),
      options: runOptions(run),
    }),
  })),
  ...RECURRENT_RUNS.map((run) => ({
    name: run.name,
    prepare: (core: 'js' | 'simd') => recurrentTraining(run, core),
  })),
];

/**
 * Digest of the parameters after a run.
 *
 * @param more - where to train: `worker`, `threads`
 */
export async function goldenHash(
  { prepare }: GoldenCase,
  core: 'js' | 'simd',
  more: Partial<FitOptions> = {},
): Promise<string> {
  const { network, data, options } = prepare(core);
  await network.fit(data, { ...options, ...more });
  const hash = network.hash();
  network.dispose();
  return hash;
}
