import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

test.each([
  ['simd', 'tile5x8'],
  ['relaxed', 'tile6x8'],
])('assembly/gemm/micro.%s.ts is what generate.mjs prints', (core, tile) => {
  const generator = path('../../assembly/gemm/generate.mjs');
  const printed = execFileSync(process.execPath, [generator, core], { encoding: 'utf8' });
  expect(printed).toContain(`export function ${tile}(`);
  expect(readFileSync(path(`../../assembly/gemm/micro.${core}.ts`), 'utf8')).toBe(printed);
});
