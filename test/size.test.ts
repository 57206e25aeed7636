import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import { describe, expect, inject, it } from 'vitest';

// What a page has to load, as a bundler makes it of the packed package: both binaries are in it.

const { directory } = inject('packed');

/** Bytes of a page's script after bundling, minifying and compressing. */
async function pageBytes(name: string, source: string): Promise<number> {
  const bundle = await rolldown({
    input: 'page',
    plugins: [
      {
        name: 'page',
        resolveId: (id) => (id === 'page' ? id : packedModule(id)),
        load: (id) => (id === 'page' ? source : null),
      },
    ],
  });
  const { output } = await bundle.generate({ format: 'es', minify: true });
  await bundle.close();
  const bytes = gzipSync(output[0].code, { level: 9 }).length;
  console.log(`${name}: ${bytes} bytes, gzipped`);
  return bytes;
}

/** Path of an entry of the package, for its specifier. */
function packedModule(specifier: string): string | null {
  if (!specifier.startsWith('chainrule')) return null;
  const { exports } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  return join(directory, exports[specifier.replace('chainrule', '.')].default);
}

describe('a page', () => {
  // What training alone needs is to stay within 45 kB. Every method of Network comes along, used or not, so this limit is wider.
  it('that trains loads at most 107 kB', async () => {
    const source = `
      import { adam, dense, Network } from 'chainrule';
      export function train(data) {
        const network = new Network({ input: 2, layers: [dense(1, 'sigmoid')], loss: 'binaryCrossEntropy' });
        return network.fit(data, { epochs: 10, optimizer: adam() });
      }`;
    expect(await pageBytes('a page that trains', source)).toBeLessThanOrEqual(107_000);
  });

  it('that only predicts loads at most 60 kB', async () => {
    const source = `
      import { Predictor } from 'chainrule/predict';
      export const predict = (file, x) => Predictor.load(file).predict(x);`;
    expect(await pageBytes('a page that predicts', source)).toBeLessThanOrEqual(60_000);
  });
});
