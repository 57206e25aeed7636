import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import { beforeAll, describe, expect, inject, it } from 'vitest';

// What a page has to load, as a bundler makes it of the packed package: both binaries are in it.

const { directory } = inject('packed');

/** A page's script after bundling and minifying. */
async function bundled(source: string): Promise<string> {
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
  return output[0].code;
}

/** Path of an entry of the package, for its specifier. */
function packedModule(specifier: string): string | null {
  if (!specifier.startsWith('chainrule')) return null;
  const { exports } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  return join(directory, exports[specifier.replace('chainrule', '.')].default);
}

/** A page that trains a classifier, shows how far it is, evaluates, predicts, saves and loads. */
const training = (entry: string): string => `
  import { adam, dense, Network } from '${entry}';
  export async function train(data, onProgress) {
    const layers = [dense(30, 'relu'), dense(10, 'softmax')];
    const network = new Network({ input: 784, layers, loss: 'crossEntropy' });
    await network.fit(data, { epochs: 10, optimizer: adam(), onProgress });
    const file = network.save();
    return { file, ...network.evaluate(data), predictions: Network.load(file).predict(data.x) };
  }`;

/** Every page with what it may load at most, in bytes after compressing. */
const pages = {
  trains: [training('chainrule/train'), 45_000],
  'trains with all there is': [training('chainrule'), 107_500],
  'only predicts': [
    `import { Predictor } from 'chainrule/predict';
     export const predict = (file, x) => Predictor.load(file).predict(x);`,
    42_500,
  ],
  'only describes layers': [
    `import { dense } from 'chainrule';
     export const layers = [dense(3, 'relu'), dense(1)];`,
    3_500,
  ],
  'only measures': [
    `import { metrics } from 'chainrule';
     export const f1 = (predictions, targets) => metrics.f1(predictions, targets);`,
    7_000,
  ],
} as const satisfies Record<string, readonly [source: string, most: number]>;

/** Words that the code of one thing alone has, and the pages that must not have it. */
const traces: readonly (readonly [what: string, trace: string, without: (keyof typeof pages)[]])[] =
  [
    ['the core of plain JavaScript', 'slower JavaScript core', ['trains', 'only predicts']],
    ['the loader', '--exportRuntime', ['trains', 'only predicts']],
    ['recurrent layers', 'lstm ${', ['trains', 'only describes layers', 'only measures']],
    ['training', 'is being trained by fit', ['only predicts', 'only describes layers']],
    ['workers', 'worker.js', ['trains', 'only predicts', 'only describes layers']],
    ['threads', 'thread.js', ['trains', 'only predicts', 'only measures']],
    ['schedules', 'oneCycle', ['trains', 'only predicts', 'only describes layers']],
    ['checkpoints', 'this file is of a network alone', ['trains', 'only predicts']],
    ['what looks into networks', 'central differences', ['trains', 'only predicts']],
    ['what looks at data', 'saturated', ['trains', 'only predicts']],
    ['formulas in words', 'a random permutation', ['trains', 'only predicts']],
  ];

describe('a page', () => {
  const codes = new Map<string, string>();
  beforeAll(async () => {
    for (const [name, [source]] of Object.entries(pages)) codes.set(name, await bundled(source));
  });

  it.each(Object.entries(pages))('that %s loads no more than it may', (name, [, most]) => {
    const bytes = gzipSync(codes.get(name)!, { level: 9 }).length;
    console.log(`a page that ${name}: ${bytes} bytes, gzipped`);
    expect(bytes).toBeLessThanOrEqual(most);
  });

  it.each(traces)('has no code of %s where it needs none', (_, trace, without) => {
    // The code itself would make a message of a hundred thousand characters.
    const has = (name: keyof typeof pages): boolean => codes.get(name)!.includes(trace);
    expect(has('trains with all there is')).toBe(true);
    for (const name of without) expect(has(name), name).toBe(false);
  });
});
