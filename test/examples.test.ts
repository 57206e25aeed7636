import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadMnist, loadScans } from '../examples/digits/data.mjs';
import { drawBars, drawImage } from '../examples/digits/draw.mjs';
import { readIdxFile } from '../examples/digits/idx.mjs';
import { recipes } from '../examples/nielsen/recipes.mjs';
import { figureOf, trainRecipe } from '../examples/nielsen/train.mjs';
import { type Output, runExample } from './examples/run.ts';

// The examples run as a user runs them, on the built package (`npm test` builds first).

let directory = '';
beforeAll(() => void (directory = mkdtempSync(join(tmpdir(), 'chainrule-'))));
afterAll(() => rmSync(directory, { recursive: true }));

function runDigits(...options: string[]): Output {
  return runExample('digits', ...options);
}

/** An IDX file of unsigned bytes: 0, 0, 8, dimensions, their lengths, the values. */
function idx(shape: number[], values: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.set([0, 0, 8, shape.length]);
  shape.forEach((length, d) => header.writeUInt32BE(length, 4 + 4 * d));
  return Buffer.concat([header, values]);
}

function write(name: string, bytes: Uint8Array): string {
  const path = join(directory, name);
  writeFileSync(path, bytes);
  return path;
}

describe('npm start', () => {
  let scans: ReturnType<typeof runDigits>;
  beforeAll(() => void (scans = runDigits()), 120_000);

  it('trains to at least 97 % on the held-out fifth', () => {
    expect(scans).toMatchObject({ status: 0, error: '' });
    const [, accuracy, images] = /Test accuracy: ([\d.]+) % of (\d+)/.exec(scans.out) ?? [];
    expect(Number(accuracy)).toBeGreaterThanOrEqual(97);
    expect(Number(images)).toBe(loadScans().test.y.length);
  });

  it('prints the shapes and the number of parameters first', () => {
    const beforeTraining = scans.out.slice(0, scans.out.indexOf('\nepoch '));
    expect(beforeTraining).toContain('1 442 images to learn from, 355 held out');
    expect(beforeTraining).toContain('7 510 parameters'); // 64·100 + 100 + 100·10 + 10
  });

  it('prints plain lines of progress when nobody watches', () => {
    const lines =
      scans.out.match(/^epoch +\d+\/\d+ · cost [\d.]+ · accuracy [\d.]+ % · .*$/gm) ?? [];
    expect(lines.length).toBeGreaterThan(1);
    expect(scans.out).not.toContain('\u001b');
    expect(scans.out).not.toContain('\r');
  });

  it('draws three images with their probabilities, a mistake last if there is one', () => {
    const verdicts = scans.out.match(/^A \d, read as \d: (right|a mistake)$/gm) ?? [];
    expect(verdicts).toHaveLength(3);
    const perfect = scans.out.includes('Test accuracy: 100.00 %');
    expect(verdicts[2]).toMatch(perfect ? /right$/ : /a mistake$/);
    expect(scans.out.match(/^.{16} {3}[0-7] +[\d.]+ %/gm)).toHaveLength(3 * 8);
    expect(scans.out.match(/◀$/gm)).toHaveLength(3);
  });

  it('says how much faster the SIMD core was, and that both learnt the same', () => {
    expect(scans.out).toMatch(/\d+\.\d times faster/);
    expect(scans.out).toContain('the same parameters, bit for bit');
  });

  it('explains a wrong command line in one line', () => {
    for (const options of [['--mnits', 'x'], ['x'], ['--mnist']]) {
      const { status, out, error } = runDigits(...options);
      expect(status).toBe(1);
      expect(out).toBe('');
      expect(error).toMatch(/^digits: .+\. Usage: npm start, or .+\n$/);
    }
  });

  it('explains missing MNIST files in one line', () => {
    const { status, error } = runDigits('--mnist', join(directory, 'nowhere'));
    expect(status).toBe(1);
    expect(error).toMatch(/^digits: .*train-images-idx3-ubyte: no such file, gzipped.*\n$/);
  });
});

describe('the regression', () => {
  it('predicts held-out houses nearly as well as their noise allows', () => {
    const { status, out, error } = runExample('regression');
    expect({ status, error }).toEqual({ status: 0, error: '' });
    const figure = (name: string): number =>
      Number(new RegExp(`${name} +(-?[\\d.]+)`).exec(out)?.[1]);
    expect(figure('the noise in the table')).toBe(0.58);
    expect(figure('the network')).toBeLessThan(0.75);
    expect(figure('the mean of the training set')).toBeGreaterThan(10);
    expect(figure('R²')).toBeGreaterThan(0.995);
    // 120 · (220 − 1.4 · 65) · 1.25 / 1000
    expect(Math.abs(figure('open to the wind:') - 19.35)).toBeLessThan(0.5);
  });
});

describe('the scans', () => {
  it('are split by digit: every fifth of each is held out', () => {
    const { train, test } = loadScans();
    const countOf = (labels: Uint8Array): number[] =>
      Array.from({ length: 10 }, (_, digit) => labels.filter((label) => label === digit).length);
    const total = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]; // see ATTRIBUTION.md for the source
    expect(countOf(test.y)).toEqual(total.map((count) => Math.floor(count / 5)));
    expect(countOf(train.y)).toEqual(total.map((count) => count - Math.floor(count / 5)));
    const ink = [...train.x, ...test.x].reduce((sum, value) => sum + value, 0);
    expect(ink * 16).toBe(561718);
  });
});

describe('MNIST files', () => {
  const values = Uint8Array.from({ length: 2 * 3 * 4 }, (_, i) => 10 * i);

  it('are read gzipped or not', async () => {
    const bytes = idx([2, 3, 4], values);
    for (const path of [write('plain', bytes), write('zipped.gz', gzipSync(bytes))]) {
      const read = await readIdxFile(path.replace(/\.gz$/, ''), 3);
      expect(read.shape).toEqual([2, 3, 4]);
      expect([...read.values]).toEqual([...values]);
    }
  });

  it('that are not what they should be are refused by name', async () => {
    const path = write('labels-as-images', idx([24], values));
    await expect(readIdxFile(path, 3)).rejects.toThrow(
      /labels-as-images: expected bytes in 3 dimensions, got 24/,
    );
    write('half.gz', gzipSync(idx([2, 3, 4], values)).subarray(0, 20));
    await expect(readIdxFile(join(directory, 'half'), 3)).rejects.toThrow(
      /half\.gz: idx: the file cannot be unzipped/,
    );
  });

  it('become examples when images and labels are equally many', async () => {
    const mnist = join(directory, 'mnist');
    mkdirSync(mnist);
    const save = (name: string, bytes: Uint8Array): void => void write(join('mnist', name), bytes);
    for (const set of ['train', 't10k']) {
      save(
        `${set}-images-idx3-ubyte`,
        idx([3, 2, 2], Uint8Array.of(0, 255, 51, ...Array(9).fill(0))),
      );
      save(`${set}-labels-idx1-ubyte.gz`, gzipSync(idx([3], Uint8Array.of(7, 2, 1))));
    }
    const { train } = await loadMnist(mnist);
    expect([...train.y]).toEqual([7, 2, 1]);
    expect([...train.x.subarray(0, 3)]).toEqual([0, 1, Math.fround(51 / 255)]);
    save('t10k-labels-idx1-ubyte.gz', gzipSync(idx([2], Uint8Array.of(7, 2))));
    await expect(loadMnist(mnist)).rejects.toThrow(/3 images but 2 labels in the t10k files/);
  });
});

describe('drawing', () => {
  it('gives each pixel of a small image two characters', () => {
    expect(drawImage(Float32Array.of(0, 1, 0.5, 0), 2)).toEqual(['  ██', '▒▒  ']);
  });

  it('gives two pixels of a large image one character', () => {
    const image = new Float32Array(28 * 28).fill(1, 0, 28).fill(1, 28, 42);
    const lines = drawImage(image, 28);
    expect(lines).toHaveLength(14);
    expect(lines[0]).toBe('█'.repeat(14) + '▒'.repeat(14));
    expect(lines[1]).toBe(' '.repeat(28));
  });

  it('draws a bar as long as the probability and marks the largest', () => {
    expect(drawBars(Float32Array.of(0.25, 0.75))).toEqual([
      `0  25.0 % ${'█'.repeat(6)}`,
      `1  75.0 % ${'█'.repeat(18)} ◀`,
    ]);
  });
});

describe('imbalanced classes', () => {
  it('are found with balanced weights and not without', () => {
    const { status, out, error } = runExample('imbalanced');
    expect({ status, error }).toEqual({ status: 0, error: '' });
    expect(out).toContain('1316 scans to learn from, 14 of them an 8');
    const recalls = [...out.matchAll(/^(\w+) weights: recall ([\d.]+) %/gm)];
    const [without, balanced] = recalls.map(([, , recall]) => Number(recall));
    expect(without).toBeLessThan(30);
    expect(balanced).toBeGreaterThan(80);
  });
});

describe('the recipes of Nielsen', () => {
  it('train, small as the data may be', async () => {
    const { train, test } = loadScans();
    const recipe = recipes.find(({ title }) => title === 'with L2')!;
    const quick = { ...recipe, epochs: 6 };
    const seen: number[] = [];
    const onEpoch = ({ epoch }: { epoch: number }): void => void seen.push(epoch);
    const data = { train, validation: test, test };
    const outcome = await trainRecipe(quick, data, { seed: 1, onEpoch });
    expect(seen).toEqual([1, 2, 3, 4, 5, 6]);
    expect(figureOf(outcome, 'first')).toBe(outcome.accuracies[0]);
    expect(figureOf(outcome, 'last')).toBe(outcome.accuracies[5]);
    expect(figureOf(outcome, 'best')).toBe(Math.max(...outcome.accuracies));
    expect(figureOf(outcome, 'best')).toBeGreaterThan(80);
    // The penalty is most of the cost while weights are large: N(0, 1) of 64·30 + 30·10 of them, λ/2n = 5/2884 each.
    expect(figureOf(outcome, 'cost')).toBeGreaterThan(1);
  });

  it('say in one line what is wrong with the command line', () => {
    for (const options of [[], ['--mnits', 'x'], ['--mnist', join(directory, 'nowhere')]]) {
      const { status, out, error } = runExample('nielsen', ...options);
      expect({ status, out }).toEqual({ status: 1, out: '' });
      expect(error).toMatch(/^nielsen: .+ Usage: node examples\/nielsen\/main\.mjs --mnist DIR\n$/);
    }
  });
});

describe('rows', () => {
  it.each(['lstm', 'gru', 'rnn'])(
    'reads at least 96 % of the digits row by row with %s',
    (layer) => {
      const { status, out } = runExample('rows', '--layer', layer);
      expect(status).toBe(0);
      const [, share] = /([\d.]+) % of 355 digits it had not seen/.exec(out)!;
      expect(Number(share)).toBeGreaterThanOrEqual(96);
    },
  );

  it('names what it does not know', () => {
    const { status, error } = runExample('rows', '--layer', 'conv');
    expect(status).toBe(1);
    expect(error).toMatch(/--layer: expected rnn, lstm or gru, got conv/);
  });
});
