import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

// What `npm publish` would send, unpacked beside nothing else: no dependency could be found by accident.

const { directory: installed, files } = inject('packed');
const directory = mkdtempSync(join(tmpdir(), 'chainrule-package-'));

beforeAll(() => {
  cpSync(installed, join(directory, 'node_modules', 'chainrule'), { recursive: true });
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Runs a module next to the installed package. */
function run(name: string, source: string): string {
  writeFileSync(join(directory, name), source);
  const child = spawnSync(process.execPath, [join(directory, name)], { encoding: 'utf8' });
  expect(child.stderr.replace(/^.*ExperimentalWarning.*\n(.*--trace-warnings.*\n)?/m, '')).toBe('');
  return child.stdout.trim();
}

const training = `
  const xor = { x: [[0, 0], [0, 1], [1, 0], [1, 1]], y: [[0], [1], [1], [0]] };
  const spec = { input: 2, layers: [dense(8, 'tanh'), dense(1, 'sigmoid')], loss: 'binaryCrossEntropy', seed: 1 };
  for (const core of ['simd', 'js']) {
    const network = new Network(spec, { core });
    network.fitSync(xor, { epochs: 300, batchSize: 'all', optimizer: adam({ learningRate: 0.05 }) });
    console.log(Array.from(network.predict(xor.x), Math.round).join(''));
  }
`;

describe('the package', () => {
  it('shows of an error nobody caught a line that can be read, and what it went through', () => {
    const path = join(directory, 'uncaught.mjs');
    const wrong = "new Network({ input: 2, layers: [dense(0)], loss: 'meanSquaredError' });";
    writeFileSync(path, `import { dense, Network } from 'chainrule';\n${wrong}\n`);
    const { stderr } = spawnSync(process.execPath, [path], { encoding: 'utf8' });
    expect(stderr).toContain('RangeError: layers[0].units: expected a whole number ≥ 1, got 0.');
    expect(stderr).toMatch(/at new Network \(/);
    expect(stderr.length).toBeLessThan(3000);
  });

  it('holds the bundled module, its types and the legal texts, nothing else', () => {
    expect(files).toEqual(
      expect.arrayContaining([
        'CHANGELOG.md',
        'LICENSE',
        'README.md',
        'build/index.d.ts',
        'build/index.js',
        'build/csv.js',
        'build/csv/index.d.ts',
        'build/loader.LICENSE',
        'build/thread.js',
        'build/pictures.LICENSE',
        'build/pictures.js',
        'build/pictures/index.d.ts',
        'build/papaparse.LICENSE',
        'package.json',
      ]),
    );
    const expected =
      /^(build\/(index|train|predict|worker|csv|pictures)\.js(\.map)?|build\/thread\.js|build\/[\w/.-]+\.d\.ts|build\/(loader|papaparse|pictures)\.(LICENSE|NOTICE)|[A-Z]+(\.md)?|package\.json)$/;
    expect(files.filter((file) => !expected.test(file))).toEqual([]);
  });

  it('imports nothing but its own files, in code and in types', () => {
    const modules = files.filter((file) => /\.(js|d\.ts)$/.test(file));
    expect(modules.length).toBeGreaterThan(20);
    const imports = modules.flatMap((file) => {
      const text = readFileSync(join(installed, file), 'utf8');
      const specifiers = text.matchAll(
        /^(?:import|export)\b(?:[^'";]*?\bfrom)?\s*['"]([^'"]+)['"]/gm,
      );
      return Array.from(specifiers, ([, specifier]) => ({ file, specifier }));
    });
    expect(imports.length).toBeGreaterThan(20);
    expect(imports.filter(({ specifier }) => !specifier!.startsWith('.'))).toEqual([]);
    for (const file of modules) {
      expect(readFileSync(join(installed, file), 'utf8'), file).not.toMatch(/\b(import|require)\(/);
    }
  });

  it('exports what package.json says', () => {
    const { exports, sideEffects } = JSON.parse(
      readFileSync(join(installed, 'package.json'), 'utf8'),
    );
    expect(Object.keys(exports)).toEqual([
      '.',
      './csv',
      './pictures',
      './predict',
      './thread',
      './train',
      './worker',
      './package.json',
    ]);
    for (const entry of [
      '.',
      './csv',
      './pictures',
      './predict',
      './thread',
      './train',
      './worker',
    ]) {
      expect(files).toContain(exports[entry].types.slice(2));
      expect(files).toContain(exports[entry].default.slice(2));
    }
    expect(sideEffects).toEqual(['./build/thread.js', './build/worker.js']);
  });

  it('is imported and trains on both cores', () => {
    const source = `import { adam, dense, Network } from 'chainrule';${training}`;
    expect(run('module.mjs', source)).toBe('0110\n0110');
  });

  it('reads CSV with an entry of its own, which makes the same data sets', () => {
    const source = `
      import { dense, Network } from 'chainrule';
      import { readCsv } from 'chainrule/csv';
      const data = await readCsv('a,b,y\\n1,p,0\\n2,q,1\\n', { target: 'y' });
      const { input } = data;
      const network = new Network({ input, layers: [dense(1)], loss: 'meanSquaredError' });
      network.fitSync(data, { epochs: 1 });
      console.log(JSON.stringify(input));`;
    const expected = { features: ['a', { name: 'b', categories: ['p', 'q'] }] };
    expect(JSON.parse(run('csv.mjs', source))).toEqual(expected);
  });

  it('draws with an entry of its own, which imports nothing, licences of what is in it included', () => {
    const source = `
      import { dense, Network } from 'chainrule';
      import { drawNetwork } from 'chainrule/pictures';
      const network = new Network({ input: 2, layers: [dense(3, 'tanh'), dense(1)], loss: 'huber' });
      console.log(drawNetwork(network).slice(0, 4));`;
    expect(run('pictures.mjs', source)).toBe('<svg');
    const text = readFileSync(join(installed, 'build/pictures.js'), 'utf8');
    expect(text).not.toMatch(/\bfrom\s*["']/);
    const licences = readFileSync(join(installed, 'build/pictures.LICENSE'), 'utf8');
    for (const name of ['d3-array', 'd3-contour', 'd3-scale', 'd3-scale-chromatic']) {
      expect(licences).toContain(`${name}\n`);
    }
  });

  it('keeps the CSV parser out of the library', () => {
    const csv = readFileSync(join(installed, 'build/csv.js'), 'utf8');
    expect(csv).toContain('papaparse');
    expect(csv).not.toMatch(/\.amd\b/);
    expect(readFileSync(join(installed, 'build/index.js'), 'utf8')).not.toMatch(/papa/i);
  });

  it('predicts with an entry of its own, to the same bits', () => {
    const source = `
      import { dense, Network } from 'chainrule';
      import { Predictor } from 'chainrule/predict';
      const network = new Network({ input: 2, layers: [dense(3, 'tanh'), dense(1)], loss: 'meanSquaredError' });
      const x = [[1, 2], [3, 4]];
      console.log(String(Predictor.load(network.save()).predict(x)) === String(network.predict(x)));`;
    expect(run('predict.mjs', source)).toBe('true');
  });

  it('trains with a small entry of its own, to the same bits', () => {
    const source = `
      import * as library from 'chainrule';
      import * as small from 'chainrule/train';
      const x = [[1, 2], [3, -4], [0, 1]];
      const hashes = [library, small].map(({ adam, dense, Network }) => {
        const layers = [dense(3, 'tanh'), dense(2, 'softmax')];
        const network = new Network({ input: 2, normalize: 'standard', layers, loss: 'crossEntropy', seed: 1 });
        network.fitSync({ x, y: [0, 1, 1] }, { epochs: 20, batchSize: 2, optimizer: adam(), warnings: false });
        return network.hash();
      });
      console.log(hashes[0] === hashes[1]);`;
    expect(run('train.mjs', source)).toBe('true');
  });

  it('is required from CommonJS and trains on both cores', () => {
    const source = `const { adam, dense, Network } = require('chainrule');${training}`;
    expect(run('script.cjs', source)).toBe('0110\n0110');
  });
});
