import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

// The lint rule that keeps the rings really fires: src/core ← src/plan ← src/nn ← everything else.

/** Imports of one folder, each in a file of its own. */
function from(folder: string, allowed: boolean, ...specifiers: string[]) {
  return specifiers.map((specifier, index) => ({
    file: `${folder}/${allowed ? 'may' : 'mustNot'}${index}.ts`,
    specifier,
    allowed,
  }));
}

const loader = '@assemblyscript/loader';

const imports = [
  ...from('src', true, './network.ts', './nn/layers/dense.ts'),
  ...from('src', false, loader, 'node:fs'),
  ...from('src/core', true, './abi.ts'),
  ...from('src/core', false, '../plan/arena.ts', '../errors.ts', loader),
  { file: 'src/core/loader.ts', specifier: loader, allowed: true },
  ...from('src/core/js', true, '../abi.ts'),
  ...from('src/core/js', false, '../../plan/arena.ts', '../../network.ts'),
  ...from('src/plan', true, '../core/abi.ts', '../errors.ts'),
  ...from('src/plan', false, '../nn/losses.ts', '../network.ts', '../data/labels.ts', 'node:fs'),
  ...from('src/nn', true, '../core/abi.ts', '../plan/arena.ts', '../errors.ts'),
  ...from('src/nn', false, '../network.ts', '../data/labels.ts', 'node:fs'),
  ...from('src/nn/layers', true, '../losses.ts', '../../core/abi.ts', '../../plan/arena.ts'),
  ...from('src/nn/layers', false, '../../network.ts', '../../data/labels.ts'),
];

const directory = mkdtempSync(join(tmpdir(), 'chainrule-rings-'));
let report = '';
afterAll(() => rmSync(directory, { recursive: true }));

beforeAll(() => {
  cpSync('.oxlintrc.json', join(directory, '.oxlintrc.json'));
  for (const { file, specifier } of imports) {
    mkdirSync(join(directory, dirname(file)), { recursive: true });
    writeFileSync(join(directory, file), `export { value } from '${specifier}';\n`);
  }
  const oxlint = resolve('node_modules/oxlint/bin/oxlint');
  const options = { cwd: directory, encoding: 'utf8' } as const;
  report = spawnSync(process.execPath, [oxlint, '--format', 'unix'], options).stdout;
});

describe('the lint', () => {
  it('refuses nothing else', () => {
    const refused = imports.filter(({ allowed }) => !allowed);
    expect(report).toContain(`\n${refused.length} problems\n`);
  });

  it.each(imports)('$file: $specifier', ({ file, specifier, allowed }) => {
    const complaint = `${file}:1:1: '${specifier}' import is restricted`;
    expect(report.includes(complaint)).toBe(!allowed);
  });
});
