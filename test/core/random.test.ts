import { beforeAll, describe, expect, test } from 'vitest';
import * as js from '../../src/core/js/random.ts';
import { compileProbe } from './probe.ts';
import type { Probe } from './probe.ts';

type Place = [seedLow: number, seedHigh: number, stream: number, substream: number];

interface Functions {
  randomUniform(out: number, count: number, low: number, high: number, ...place: Place): void;
  randomNormal(out: number, count: number, mean: number, deviation: number, ...place: Place): void;
  shuffle(out: number, count: number, ...place: Place): void;
  philox(out: number, ...counterAndKey: number[]): void;
  quantile(p: number): number;
}

let probe: Probe<Functions>;

beforeAll(async () => {
  probe = await compileProbe('test/core/assembly/random.ts', 8);
}, 60_000);

const GUARD = 0xdeadbeef;

/** What the vector functions write for `count` elements; fails when the word behind them has changed. */
function written(count: number, fill: (out: number) => void): Uint32Array {
  const words = new Uint32Array(probe.memory.buffer, probe.base, count + 1);
  words[count] = GUARD;
  fill(probe.base);
  expect(words[count]).toBe(GUARD);
  return words.slice(0, count);
}

const bitsOf = (values: Float32Array): Uint32Array =>
  new Uint32Array(values.buffer, values.byteOffset, values.length);

function uniform(count: number, place: Place, low = 0, high = 1): Float32Array {
  const out = new Float32Array(count);
  js.randomUniform(out, low, high, ...place);
  return out;
}

function normal(count: number, place: Place, mean = 0, deviation = 1): Float32Array {
  const out = new Float32Array(count);
  js.randomNormal(out, mean, deviation, ...place);
  return out;
}

function permutation(count: number, place: Place): Uint32Array {
  const out = new Uint32Array(count);
  js.shuffle(out, ...place);
  return out;
}

describe('Philox4x32-10', () => {
  // The known answers of Random123, the authors' own implementation: counter, key, words.
  const f = 0xffffffff;
  test.each([
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [f, f, f, f],
      [f, f],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ])('of counter %j and key %j', (counter, key, words) => {
    const [c0, c1, c2, c3] = counter;
    const out = new Uint32Array(4);
    js.philox(out, c0, c1, c2, c3, key[0], key[1]);
    expect([...out]).toEqual(words);
    expect([...written(4, (to) => probe.functions.philox(to, ...counter, ...key))]).toEqual(words);
  });
});

test('element i uses word i mod 4 of block i / 4, counter (block, 0, stream, substream)', () => {
  const words = new Uint32Array(4);
  js.philox(words, 2, 0, 5, 6, 7, 8);
  const expected = Array.from(words, (word) => (word >>> 8) / 2 ** 24);
  expect([...uniform(12, [7, 8, 5, 6]).subarray(8)]).toEqual(expected);
});

describe('both languages give the same bits', () => {
  const places: Place[] = [
    [0, 0, 0, 0],
    [1, 0, 1, 0],
    [0xffffffff, 0x80000001, 2, 3],
    [123456789, 987654321, 2, 0xffffffff],
  ];
  const cases = [0, 1, 3, 4, 5, 1000].flatMap((count) =>
    places.map((place): [number, Place] => [count, place]),
  );

  test.each(cases)('for %i elements at %j', (count, place) => {
    const { randomUniform, randomNormal, shuffle } = probe.functions;
    const low = Math.fround(-0.1);
    const high = Math.fround(0.3);
    const deviation = Math.fround(0.7);
    expect(written(count, (out) => randomUniform(out, count, low, high, ...place))).toEqual(
      bitsOf(uniform(count, place, low, high)),
    );
    expect(written(count, (out) => randomNormal(out, count, low, deviation, ...place))).toEqual(
      bitsOf(normal(count, place, low, deviation)),
    );
    expect(written(count, (out) => shuffle(out, count, ...place))).toEqual(
      permutation(count, place),
    );
  });
});

test('seed, stream and substream each change every sequence', () => {
  const places: Place[] = [
    [0, 0, 0, 0],
    [1, 0, 0, 0],
    [0, 1, 0, 0],
    [0, 0, 1, 0],
    [0, 0, 0, 1],
  ];
  for (const draw of [uniform, normal, permutation]) {
    const sequences = places.map((place) => draw(100, place).join());
    expect(new Set(sequences).size).toBe(places.length);
  }
});

describe('uniform numbers', () => {
  test('stay in [low, high), also where rounding would reach high', () => {
    for (const [low, high] of [
      [0, 1],
      [-0.1, 0.3],
      [2 ** 24, 2 ** 24 + 4],
      [-(2 ** 24) - 4, -(2 ** 24)],
    ].map((ends) => ends.map(Math.fround))) {
      const values = uniform(10_000, [1, 2, 3, 4], low, high);
      expect(values.findIndex((value) => !(value >= low && value < high))).toBe(-1);
    }
  });

  test('have the moments of the distribution', () => {
    const { mean, variance } = moments(uniform(100_000, [42, 0, 1, 0], -1, 1));
    expect(Math.abs(mean)).toBeLessThan(5 * Math.sqrt(1 / 3 / 100_000));
    expect(Math.abs(variance - 1 / 3)).toBeLessThan(5 * Math.sqrt(4 / 45 / 100_000));
  });
});

describe('normal numbers', () => {
  // Φ⁻¹ computed in 40 digits.
  test.each([
    [0.5, 0],
    [0.75, 0.67448975019608],
    [0.925, 1.4395314709385],
    [0.93, 1.4757910281792],
    [0.07, -1.4757910281792],
    [0.025, -1.9599639845401],
    [0.975, 1.9599639845401],
    [1e-3, -3.0902323061678],
    [1e-6, -4.7534243088229],
    [1e-9, -5.9978070150077],
    [2 ** -33, -6.3379577545538],
  ])('the quantile of %d is %d', (p, z) => {
    expect(Math.abs(js.normalQuantile(p) - z)).toBeLessThanOrEqual(2e-7 * Math.abs(z));
    expect(probe.functions.quantile(p)).toBe(js.normalQuantile(p));
  });

  test('have the moments of the distribution', () => {
    const n = 100_000;
    const values = normal(n, [42, 0, 1, 0]);
    const { mean, variance, skewness, kurtosis } = moments(values);
    expect(Math.abs(mean)).toBeLessThan(5 * Math.sqrt(1 / n));
    expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
    expect(Math.abs(skewness)).toBeLessThan(5 * Math.sqrt(6 / n));
    expect(Math.abs(kurtosis - 3)).toBeLessThan(5 * Math.sqrt(24 / n));
  });

  test('are scaled and shifted', () => {
    const standard = normal(100, [1, 0, 1, 0]);
    for (const [i, value] of normal(100, [1, 0, 1, 0], 10, 0.5).entries()) {
      expect(value).toBeCloseTo(10 + 0.5 * standard[i], 5);
    }
  });
});

describe('shuffle', () => {
  test.each([0, 1, 2, 3, 4, 5, 17, 1000])('of %i elements is a permutation', (count) => {
    const sorted = [...permutation(count, [3, 1, 4, 1])].sort((a, b) => a - b);
    expect(sorted).toEqual(Array.from({ length: count }, (_, i) => i));
  });

  test('follows Fisher and Yates with one word per element', () => {
    const count = 11;
    const place: Place = [9, 8, 7, 6];
    const expected = Array.from({ length: count }, (_, i) => i);
    for (let i = count - 1; i > 0; i--) {
      const words = new Uint32Array(4);
      js.philox(words, Math.floor(i / 4), 0, place[2], place[3], place[0], place[1]);
      const j = Number((BigInt(words[i % 4]) * BigInt(i + 1)) >> 32n);
      [expected[i], expected[j]] = [expected[j], expected[i]];
    }
    expect([...permutation(count, place)]).toEqual(expected);
  });

  test('puts every element first equally often', () => {
    const count = 10;
    const draws = 20_000;
    const frequency = new Array<number>(count).fill(0);
    for (let substream = 0; substream < draws; substream++) {
      frequency[permutation(count, [5, 0, 2, substream])[0]]++;
    }
    const expected = draws / count;
    const chiSquare = frequency.reduce((sum, f) => sum + (f - expected) ** 2 / expected, 0);
    // Nine degrees of freedom: 33.7 is exceeded once in ten thousand.
    expect(chiSquare).toBeLessThan(33.7);
  });
});

/** Mean, variance, skewness and kurtosis of a sample. */
function moments(values: Float32Array): Record<string, number> {
  const average = (f: (value: number) => number): number =>
    values.reduce((sum, value) => sum + f(value), 0) / values.length;
  const mean = average((value) => value);
  const variance = average((value) => (value - mean) ** 2);
  const deviation = Math.sqrt(variance);
  return {
    mean,
    variance,
    skewness: average((value) => ((value - mean) / deviation) ** 3),
    kurtosis: average((value) => ((value - mean) / deviation) ** 4),
  };
}
