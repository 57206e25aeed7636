import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NGrams } from '../../examples/characters/ngrams.mjs';
import { readCorpus, Vocabulary } from '../../examples/characters/text.mjs';
import { randomSource } from '../reference/random.ts';
import { runExample } from './run.ts';

let directory = '';
beforeAll(() => void (directory = mkdtempSync(join(tmpdir(), 'chainrule-'))));
afterAll(() => rmSync(directory, { recursive: true }));

function write(name: string, content: string | Uint8Array): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

/** The number behind a name at the beginning of a line. */
const figure = (out: string, name: string): number =>
  Number(new RegExp(`^ *${name} +([\\d.]+)`, 'm').exec(out)?.[1]);

describe('n-grams', () => {
  const random = randomSource(5);
  const text = Array.from({ length: 300 }, () => Math.floor(random() ** 2 * 7));

  it.each([1, 2, 3, 4])(
    'of order %i give all characters together 1, whatever came before',
    (order) => {
      const ngrams = new NGrams(order, 9, text); // 7 and 8 never occur
      for (let position = 0; position < 60; position++) {
        const beginning = Array.from({ length: position }, () => Math.floor(random() * 9));
        let sum = 0;
        for (let token = 0; token < 9; token++) {
          const probability = ngrams.probability([...beginning, token], position);
          expect(probability).toBeGreaterThan(0);
          sum += probability;
        }
        expect(sum).toBeCloseTo(1, 12);
      }
    },
  );

  it('are what Witten and Bell would compute by hand', () => {
    const counted = [0, 1, 0, 1, 0];
    const single = new NGrams(1, 3, counted); // N = 5, D = 2: (count + 2/3) / 7
    const pairs = new NGrams(2, 3, counted); // behind 0: N = 2, D = 1: (count + p(c)) / 3
    for (const [token, once, behind0] of [
      [0, 11 / 21, 11 / 63],
      [1, 8 / 21, 50 / 63],
      [2, 2 / 21, 2 / 63],
    ]) {
      expect(single.probability([0, token], 1)).toBeCloseTo(once, 14);
      expect(pairs.probability([0, token], 1)).toBeCloseTo(behind0, 14);
      expect(pairs.probability([2, token], 1)).toBeCloseTo(once, 14); // nothing is known of what follows 2
    }
    const bits = -(Math.log2(50 / 63) + Math.log2(2 / 63)) / 2;
    expect(
      pairs.bitsPerCharacter([
        [0, 1],
        [0, 2],
      ]),
    ).toBeCloseTo(bits, 12);
  });

  it('of order 1 need the entropy of the characters', () => {
    const even = Array.from({ length: 4001 }, (_, position) => position % 4);
    expect(new NGrams(1, 4, even.slice(1)).bitsPerCharacter([even])).toBeCloseTo(2, 12); // (1000 + 4/4) / 4004
    const uneven = Array.from({ length: 40_001 }, (_, position) => (position % 4 === 1 ? 1 : 0));
    const entropy = 2 - 0.75 * Math.log2(3);
    expect(new NGrams(1, 2, uneven).bitsPerCharacter([uneven])).toBeCloseTo(entropy, 3);
  });

  it('know a text of period 3 from order 3 on', () => {
    const periodic = Array.from({ length: 3000 }, (_, position) => [0, 0, 1][position % 3]);
    const bits = [1, 2, 3].map((order) =>
      new NGrams(order, 2, periodic).bitsPerCharacter([periodic]),
    );
    expect(bits[0]).toBeCloseTo(Math.log2(3) - 2 / 3, 3);
    expect(bits[1]).toBeCloseTo(2 / 3, 3); // what follows 0 is 0 or 1, what follows 1 is 0
    expect(bits[2]).toBeLessThan(0.01);
  });
});

describe('the text of the character model', () => {
  it('keeps characters that are common, and has one token for the others', () => {
    const vocabulary = new Vocabulary([...'bbbaaaéé😀😀😀']);
    expect(vocabulary.size).toBe(4);
    expect(vocabulary.encode('abé😀?')).toEqual([1, 2, 0, 3, 0]);
    expect(vocabulary.decode([1, 2, 0, 3])).toBe('ab�😀');
  });

  it('holds out its last tenth, in the characters of the rest', async () => {
    const path = write('split', 'ab'.repeat(900) + 'aZ'.repeat(100));
    const { train, heldOut, vocabulary } = await readCorpus(path);
    expect(vocabulary.size).toBe(3);
    expect(train).toEqual(Array.from({ length: 1800 }, (_, position) => 1 + (position % 2)));
    const end = Array.from({ length: 200 }, (_, position) => (position % 2 === 0 ? 1 : 0));
    expect(heldOut).toEqual([end]);
  });
});

describe('the character model', () => {
  it('needs fewer bits than trigrams for the docs of the project, after three epochs already', () => {
    const { status, out, error } = runExample('characters', '--epochs', '3', '--length', '50');
    expect({ status, error }).toEqual({ status: 0, error: '' });
    const [single, pairs, trigrams] = ['single characters', 'pairs', 'trigrams'].map((name) =>
      figure(out, name),
    );
    expect(single).toBeGreaterThan(pairs);
    expect(pairs).toBeGreaterThan(trigrams);
    expect(figure(out, 'the network')).toBeLessThan(trigrams);
  }, 120_000);

  it('comes near the entropy of words drawn at random, and writes such words', () => {
    const random = randomSource(8);
    const letter = (): string => 'abcd'[Math.floor(random() * 4)];
    const words = Array.from({ length: 16 }, () => Array.from({ length: 9 }, letter).join(''));
    const text = Array.from({ length: 2000 }, () => words[Math.floor(random() * 16)]).join(' ');
    const path = write('words', text);
    const options = [path, '--epochs', '8', '--length', '200', '--temperature', '0.5'];
    const { status, out, error } = runExample('characters', ...options);
    expect({ status, error }).toEqual({ status: 0, error: '' });
    const entropy = 4 / 10; // 16 words of 10 characters
    const bits = figure(out, 'the network');
    expect(bits).toBeGreaterThan(0.95 * entropy); // 2,000 characters held out are not exactly typical
    expect(bits).toBeLessThan(1.15 * entropy);
    expect(figure(out, 'trigrams')).toBeGreaterThan(2 * entropy);
    const written = out.slice(out.indexOf('and goes on')).split('│ ')[1].trim().split(' ');
    expect(written.length).toBeGreaterThan(15);
    for (const word of written.slice(1, -1)) expect(words).toContain(word);
    const silent = (output: string): string => output.replaceAll(/[\d.]+ s$/gm, '');
    expect(silent(runExample('characters', ...options).out)).toBe(silent(out));
  }, 120_000);

  it('explains in one line what is wrong with a file or the command line', () => {
    const usage =
      'Usage: node examples/characters/main.mjs [FILE] [--epochs n] [--length n] [--temperature n] [--seed n]';
    for (const [options, message] of [
      [[join(directory, 'nowhere')], `${join(directory, 'nowhere')}: no such file`],
      [[directory], `${directory}: cannot be read (EISDIR)`],
      [
        [write('short', 'a short text')],
        `${join(directory, 'short')}: 12 characters are too few, at least 2000 are needed`,
      ],
      [
        [
          write(
            'all-different',
            String.fromCodePoint(...Array.from({ length: 2000 }, (_, i) => 0x4e00 + i)),
          ),
        ],
        `${join(directory, 'all-different')}: there is nothing to learn where no character occurs 3 times`,
      ],
      [
        [write('bytes', Uint8Array.of(255, 254))],
        `${join(directory, 'bytes')}: expected text in UTF-8`,
      ],
      [['--epochs', '0'], `--epochs: expected a whole number from 1, got "0". ${usage}`],
      [['--temperature', 'hot'], `--temperature: expected a number from 0, got "hot". ${usage}`],
      [['--epoch', '1'], `Unknown option '--epoch'. ${usage}`],
      [['a', 'b'], `Expected one file, got 2. ${usage}`],
    ] as [string[], string][]) {
      expect(runExample('characters', ...options)).toEqual({
        status: 1,
        out: '',
        error: `characters: ${message}\n`,
      });
    }
  });
});
