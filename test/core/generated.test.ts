import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

test('assembly/gemm/micro.ts is what generate.mjs prints', () => {
  const printed = execFileSync(process.execPath, [path('../../assembly/gemm/generate.mjs')], {
    encoding: 'utf8',
  });
  expect(printed).toContain('export function tile3x12(');
  expect(readFileSync(path('../../assembly/gemm/micro.ts'), 'utf8')).toBe(printed);
});
