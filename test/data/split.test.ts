import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Dataset } from '../../src/index.ts';

let warn = vi.spyOn(console, 'warn');
beforeEach(() => void (warn = vi.spyOn(console, 'warn').mockImplementation(() => {})));
afterEach(() => warn.mockRestore());

/** Examples whose only feature is their place, with labels that repeat in some order. */
function numbered(labels: ArrayLike<number>): Dataset {
  const x = Float32Array.from(labels, (_, index) => index);
  return new Dataset({ x, y: Uint8Array.from(labels) }, { width: 1 });
}

const places = (data: Dataset): number[] => [...data.x];
const countOf = (data: Dataset, label: number): number =>
  [...data.y].filter((value) => value === label).length;

const labels = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 10, maxLength: 80 });
const shares = fc.integer({ min: 10, max: 44 }).map((percent) => percent / 100);
const seeds = fc.nat({ max: Number.MAX_SAFE_INTEGER });

describe('split', () => {
  it.each(['random', 'stratified', 'tail'] as const)('by %s is a partition', (by) => {
    fc.assert(
      fc.property(labels, shares, shares, seeds, (y, test, validation, seed) => {
        const data = numbered(y);
        const parts = data.split({ test, validation, by, seed });
        const all = [parts.train, parts.validation, parts.test].flatMap(places);
        expect(all.sort((a, b) => a - b)).toEqual(places(data));
        expect(parts.test.length).toBe(Math.round(test * data.length));
        expect(parts.validation.length).toBe(Math.round(validation * data.length));
        for (const part of [parts.train, parts.test]) {
          expect(places(part)).toEqual(places(part).sort((a, b) => a - b));
          expect(places(part).map((place) => y[place])).toEqual([...part.y]);
        }
      }),
    );
  });

  it('by stratified gives each class its share within one example', () => {
    fc.assert(
      fc.property(labels, shares, seeds, (y, share, seed) => {
        const data = numbered(y);
        const { train, test } = data.split({ test: share, by: 'stratified', seed });
        const exact = test.length / data.length;
        for (const label of [0, 1, 2, 3]) {
          const total = countOf(data, label);
          expect(Math.abs(countOf(test, label) - exact * total)).toBeLessThan(1);
          expect(countOf(test, label) + countOf(train, label)).toBe(total);
        }
      }),
    );
  });

  it('by tail takes the last examples, for testing those behind the ones for validation', () => {
    const data = numbered(Array(10).fill(0));
    const { train, validation, test } = data.split({ test: 0.2, validation: 0.3, by: 'tail' });
    expect(places(train)).toEqual([0, 1, 2, 3, 4]);
    expect(places(validation)).toEqual([5, 6, 7]);
    expect(places(test)).toEqual([8, 9]);
  });

  it('repeats with its seed and differs without, in the same way everywhere', () => {
    const data = numbered(Array(20).fill(0));
    const draw = (seed?: number): number[] =>
      places(data.split({ test: 0.3, ...(seed !== undefined && { seed }) }).test);
    expect(draw(5)).toEqual(draw(5));
    expect(draw()).toEqual(draw(0));
    expect(draw(5)).not.toEqual(draw(6));
    expect(draw(2 ** 32)).not.toEqual(draw(0));
    // Any change of these numbers would change the results of those who published a seed.
    expect(draw(5)).toEqual([2, 4, 8, 10, 12, 16]);
  });

  it('chooses each example equally often', () => {
    const data = numbered(Array(10).fill(0));
    const counts = Array<number>(10).fill(0);
    for (let seed = 0; seed < 2000; seed++) {
      for (const place of places(data.split({ test: 0.3, seed }).test)) counts[place]++;
    }
    // 600 expected, standard deviation √(2000 · 0.3 · 0.7) = 20.5; five of them.
    for (const count of counts) expect(Math.abs(count - 600)).toBeLessThan(103);
  });

  it('works on one-hot targets and refuses stratified quantities', () => {
    const y = [[1, 0], [0, 1], [1, 0], [0, 1]]; // prettier-ignore
    const x = [[0], [1], [2], [3]];
    const { test } = new Dataset({ x, y }).split({ test: 0.5, by: 'stratified' });
    expect([...test.y].filter((_, i) => i % 2 === 0).sort()).toEqual([0, 1]);
    const quantities = new Dataset({ x, y: [1, 2, 3.5, 4] });
    expect(() => quantities.split({ test: 0.5, by: 'stratified' })).toThrow(/not whole/);
  });

  it('refuses parts without examples and options that make no sense', () => {
    const data = numbered([0, 1, 0, 1]);
    expect(() => data.split({ test: 0.1 })).toThrow('test: 0.1 of 4 examples is none.');
    expect(() => data.split({ test: 0.9 })).toThrow('4 of 4 examples would be held out');
    expect(() => data.split({ test: 0.5, validation: 0.5 })).toThrow(/leaves none to train with/);
    expect(() => data.split({ test: 0.5, validation: 0 })).toThrow(/^validation: expected a fin/);
    expect(() => data.split({ test: 0 })).toThrow(/^test: expected a finite number > 0/);
    expect(() => data.split({ test: 0.5, by: 'head' as 'tail' })).toThrow(/^by: unknown name/);
    expect(() => data.split({ test: 0.5, seed: -1 })).toThrow(/^seed/);
    expect(() => data.split({ tests: 0.5 } as never)).toThrow(/Did you mean 'test'/);
  });
});

describe('a class without an example in train', () => {
  const x = [[0], [1], [2], [3], [4], [5], [6], [7], [8], [9]];

  it('is named in the warnings and on the console, once', () => {
    const y = ['a', 'b', 'a', 'b', 'a', 'b', 'a', 'b', 'c', 'c'];
    const { warnings } = new Dataset({ x, y }).split({ test: 0.2, by: 'tail' });
    expect(warnings).toEqual([
      "split: class 'c' has no example in train, all 2 are held out, so the network cannot learn it. " +
        "Use by: 'stratified', or a smaller share for testing.",
    ]);
    expect(warn.mock.calls).toEqual([[warnings[0]]]);
    const stratified = new Dataset({ x, y }).split({ test: 0.2, by: 'stratified' });
    expect(stratified.warnings).toEqual([]);
  });

  it('is found among whole numbers too, but not among quantities', () => {
    const split = (y: number[]): readonly string[] =>
      new Dataset({ x, y }).split({ test: 0.2, by: 'tail' }).warnings;
    expect(split([0, 1, 0, 1, 0, 1, 0, 1, 2, 2])[0]).toMatch(/class '2' has no example in train/);
    expect(split([3, 1, 4, 1, 5, 9, 2, 6, 5, 8])).toEqual([]);
    expect(split([0, 1, 0, 1, 0, 1, 0, 1, 2.5, 2])).toEqual([]);
  });

  it('is found in a fold', () => {
    const y = ['a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'b'];
    const warnings = [...new Dataset({ x, y }).kFold(5)].flatMap((fold) => fold.warnings);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/^fold \d: class 'b'/);
  });
});

describe('kFold', () => {
  it.each(['random', 'stratified', 'blocks'] as const)('by %s tests each example once', (by) => {
    fc.assert(
      fc.property(labels, fc.integer({ min: 2, max: 7 }), seeds, (y, k, seed) => {
        const data = numbered(y);
        const folds = [...data.kFold(k, { by, seed })];
        expect(folds).toHaveLength(k);
        expect(folds.flatMap(({ test }) => places(test)).sort((a, b) => a - b)).toEqual(
          places(data),
        );
        const sizes = folds.map(({ test }) => test.length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        for (const { train, test } of folds) {
          const both = [...places(train), ...places(test)].sort((a, b) => a - b);
          expect(both).toEqual(places(data));
        }
        if (by !== 'stratified') return;
        for (const label of [0, 1, 2, 3]) {
          const counts = folds.map(({ test }) => countOf(test, label));
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it('by blocks tests runs of neighbours', () => {
    const folds = [...numbered(Array(7).fill(0)).kFold(3, { by: 'blocks' })];
    expect(folds.map(({ test }) => places(test))).toEqual([
      [0, 1, 2],
      [3, 4],
      [5, 6],
    ]);
  });

  it('refuses wrong options at once', () => {
    const data = numbered([0, 1, 0]);
    expect(() => data.kFold(1)).toThrow('k: expected a whole number from 2 to 3, got 1.');
    expect(() => data.kFold(4)).toThrow(/^k/);
    expect(() => data.kFold(2, { by: 'tail' as 'blocks' })).toThrow(/^by/);
  });
});
