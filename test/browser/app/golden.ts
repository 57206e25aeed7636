import type { FitOptions } from '../../../src/index.ts';
import { GOLDEN_CASES, goldenHash } from '../../reference/golden.ts';
import { wideHashes } from '../../threads/wide.ts';

/** The digests of the golden runs, as this page computes them. */
async function goldenHashes(
  core: 'js' | 'simd',
  more: Partial<FitOptions>,
): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for (const each of GOLDEN_CASES) hashes[each.name] = await goldenHash(each, core, more);
  return hashes;
}

Object.assign(globalThis, { app: { goldenHashes, wideHashes } });
