import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { drawFigures } from '../../docs/figures.mjs';
import * as chainrule from '../../src/index.ts';
import * as pictures from '../../src/pictures/index.ts';
import { bodyOf, scriptOf } from './script.ts';

// The documents tell the truth: their code runs, in order, and gives what the comments behind it say.

const docs = new URL('../../docs/', import.meta.url);
const documents = readdirSync(docs).filter((name) => name.endsWith('.md'));

const modules: Readonly<Record<string, unknown>> = {
  chainrule,
  'chainrule/pictures': pictures,
};

/** Runs a script and returns what it claims, by the number of the claim. */
async function run(script: string): Promise<Map<number, unknown>> {
  const results = new Map<number, unknown>();
  const load = (specifier: string): unknown =>
    modules[specifier] ?? import(new URL(specifier, docs).href);
  const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
  const body = new AsyncFunction('load', 'claim', bodyOf(script)) as (
    ...parameters: unknown[]
  ) => Promise<void>;
  await body(load, (index: number, value: unknown) => results.set(index, value));
  return results;
}

describe.each(documents)('%s', (name) => {
  const text = readFileSync(new URL(name, docs), 'utf8');
  const { script, claims } = scriptOf(text);
  let results = new Map<number, unknown>();
  beforeAll(async () => {
    results = await run(script);
  });

  it.each(claims.map(({ code, value }, index) => [code, value, index] as const))(
    '%s',
    (_, value, index) => {
      expect(results.has(index)).toBe(true);
      expect(results.get(index)).toEqual(new Function(`return (${value});`)());
    },
  );

  it('shows figures that exist, and links to chapters that exist', () => {
    for (const [, file] of text.matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)) {
      expect(existsSync(new URL(file!, docs)), file).toBe(true);
    }
    const anchors = [...text.matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
      title!
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    );
    for (const [, anchor] of text.matchAll(/\]\(#([^)]+)\)/g)) expect(anchors).toContain(anchor);
  });
});

describe('the figures are those that docs/figures.mjs draws', () => {
  const drawn = drawFigures();

  it.each(Object.entries(drawn))('%s', (name, svg) => {
    expect(readFileSync(new URL(`figures/${name}.svg`, docs), 'utf8')).toBe(`${svg}\n`);
  });

  it('and each of them is in the text', () => {
    const text = readFileSync(new URL('backpropagation.md', docs), 'utf8');
    for (const name of Object.keys(drawn)) expect(text).toContain(`(figures/${name}.svg)`);
  });
});
