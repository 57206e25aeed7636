import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  constant,
  cosine,
  exponential,
  inverseTime,
  oneCycle,
  reduceOnPlateau,
  type Schedule,
  step,
  warmUp,
} from '../../src/index.ts';
import { cosineFall, power } from '../../src/nn/portable.ts';
import { scheduleFactor } from '../../src/nn/schedules.ts';
import { halfCosine, powerOf } from '../reference/high-precision.ts';

/** The factors of the first `count` steps, in a run of `epochs` epochs of 10 steps. */
function table(schedule: Schedule, count: number, epochs = 10): number[] {
  return Array.from({ length: count }, (_, index) =>
    scheduleFactor(schedule, {
      step: index,
      steps: 10 * epochs,
      stepsPerEpoch: 10,
      plateau: 1,
    }),
  );
}

function expectRelative(actual: number, expected: number, bound: number): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(bound * Math.abs(expected));
}

function expectTables(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  for (const [index, value] of expected.entries()) expectRelative(actual[index]!, value, 1e-14);
}

describe('functions of + − × ÷ √', () => {
  it('½ (1 + cos πx) is right to 10⁻¹⁵ from 0 to 1', () => {
    for (let index = 0; index <= 1000; index++) {
      expectRelative(cosineFall(index / 1000), halfCosine(index / 1000), 1e-15);
    }
    expect(cosineFall(0)).toBe(1);
    expect(cosineFall(1)).toBe(0);
    expectRelative(cosineFall(1 - 2 ** -50), halfCosine(1 - 2 ** -50), 1e-15);
  });

  it('powers are right to 4 · 10⁻¹⁵, for whole and fractional exponents, few and many', () => {
    for (const base of [0.1, 0.5, 0.9, 0.95, 0.999, 0.99999, 1 - 2 ** -40]) {
      for (const t of [0, 1, 2, 3, 10, 17, 0.5, 0.1, 1 / 3, 2.75, 20.3, 1000, 12345.678]) {
        const expected = powerOf(base, t);
        // The reference has 60 digits behind the point.
        if (expected > 1e-40) expectRelative(power(base, t), expected, 4e-15);
      }
    }
    expect(power(0.7, 1)).toBe(0.7);
    expect(power(1, 1e9)).toBe(1);
    expect(power(0.5, 800)).toBe(2 ** -800);
    expect(power(0.1, 1e6)).toBe(0);
  });

  it('powers never rise with the exponent by more than their error', () => {
    const base = fc.double({ min: 0.01, max: 1, noNaN: true });
    const exponent = fc.double({ min: 0, max: 300, noNaN: true });
    fc.assert(
      fc.property(base, exponent, exponent, (b, s, t) => {
        const [low, high] = [power(b, Math.max(s, t)), power(b, Math.min(s, t))];
        expect(low).toBeLessThanOrEqual(high * (1 + 8e-15));
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});

describe('schedules', () => {
  it('step, exponential and inverse time follow their formulas', () => {
    expectTables(table(constant(), 3), [1, 1, 1]);
    expectTables(
      table(step({ epochs: 2, factor: 0.5 }), 50),
      Array.from({ length: 50 }, (_, index) => 0.5 ** Math.floor(index / 20)),
    );
    expectTables(
      table(exponential({ factor: 0.95 }), 40),
      Array.from({ length: 40 }, (_, index) => powerOf(0.95, index / 10)),
    );
    expectTables(
      table(exponential({ factor: 0.9, steps: 7 }), 40),
      Array.from({ length: 40 }, (_, index) => powerOf(0.9, index / 7)),
    );
    expectTables(
      table(inverseTime({ decay: 0.5, epochs: 4 }), 40),
      Array.from({ length: 40 }, (_, index) => 1 / (1 + (0.5 * index) / 40)),
    );
  });

  it('cosine falls to its minimum and stays there, over the whole run by default', () => {
    const expected = (index: number): number => 0.1 + 0.9 * halfCosine(index / 30);
    const falling = Array.from({ length: 30 }, (_, index) => expected(index));
    expectTables(table(cosine({ epochs: 3, minimum: 0.1 }), 32), [...falling, 0.1, 0.1]);
    expectTables(table(cosine({ minimum: 0.1 }), 30, 3), falling);
  });

  it('cosine starts again after each period', () => {
    const again = table(cosine({ epochs: 1, restarts: 1 }), 30);
    expect(again.slice(10, 20)).toEqual(again.slice(0, 10));
    expect(again.slice(20)).toEqual(again.slice(0, 10));
    const longer = table(cosine({ epochs: 1, restarts: 2 }), 100);
    expect([0, 10, 30, 70].map((index) => longer[index])).toEqual([1, 1, 1, 1]);
    expect(longer.filter((factor) => factor === 1)).toHaveLength(4);
  });

  it('a warm-up rises to 1 and hands over to the beginning of the next', () => {
    const schedule = warmUp({ steps: 4, from: 0.2, next: step({ steps: 2, factor: 0.5 }) });
    expectTables(table(schedule, 9), [0.4, 0.6, 0.8, 1, 1, 1, 0.5, 0.5, 0.25]);
    // What follows has the rest of the run: 100 − 15 steps.
    const cosines = table(warmUp({ epochs: 1.5, next: cosine() }), 100);
    expectTables(cosines.slice(15), table(cosine({ steps: 85 }), 85));
    const seen: [number, number][] = [];
    table(warmUp({ epochs: 0.25, next: (...time) => seen.push(time) }), 5);
    expect(seen).toEqual([
      [0, 0],
      [1, 0],
    ]);
  });

  it('a function is told the step and the epoch', () => {
    expect(table((now, epoch) => now + 100 * epoch, 12).slice(9)).toEqual([9, 110, 111]);
    for (const factor of [NaN, -1, Infinity, '1', undefined]) {
      expect(() => table(() => factor as number, 1)).toThrow(/schedule\(0, 0\).*≥ 0/);
    }
  });

  // Printed by PyTorch 1.13, learning rate 1.
  it('gives the numbers of PyTorch', () => {
    expectTables(
      table(oneCycle({ steps: 20 }), 21),
      [
        0.040000000000000036, 0.1316718427000253, 0.3716718427000253, 0.6683281572999747,
        0.9083281572999747, 1.0, 0.9874640062350873, 0.9504846320134737, 0.89091617757105,
        0.8117456539497631, 0.7169430017913008, 0.6112620219362893, 0.500002, 0.38874197806371075,
        0.28306099820869923, 0.18825834605023697, 0.10908782242895004, 0.049519367986526286,
        0.012539993764912554, 4e-6, 4e-6,
      ],
    );
    expectTables(
      table(oneCycle({ epochs: 2.5, rise: 0.5, start: 0.2, end: 0.02 }), 25),
      [
        0.19999999999999996, 0.21483308506088017, 0.2582322381814045, 0.32697874271253824,
        0.4159739849075391, 0.5186175947789464, 0.6272969653458683, 0.7339518448683944,
        0.8306721288459469, 0.910284516281768, 0.9668845206021811, 0.9962743784145323,
        0.9961362036440942, 0.9655904780852431, 0.9064183272437243, 0.822337754976858,
        0.7186318528668856, 0.6018168441470052, 0.4792326454306365, 0.35858167275627584,
        0.2474448704602915, 0.15280537256350843, 0.08060972677850695, 0.035394251046970776, 0.02,
      ],
    );
    expectTables(
      table(cosine({ steps: 4, minimum: 0.1, restarts: 2 }), 14),
      [
        1.0, 0.8681980515339464, 0.55, 0.23180194846605365, 1.0, 0.9657457896300791,
        0.8681980515339464, 0.7222075445642904, 0.55, 0.3777924554357096, 0.23180194846605365,
        0.13425421036992097, 1.0, 0.9913533761814537,
      ],
    );
  });

  it('are plain data', () => {
    const schedule = warmUp({ steps: 4, next: cosine({ epochs: 2 }) });
    expect(JSON.parse(JSON.stringify(schedule))).toEqual(schedule);
    expect(reduceOnPlateau()).toEqual({
      kind: 'reduceOnPlateau',
      factor: 0.1,
      patience: 10,
      minDelta: 0,
      minimum: 0,
    });
  });

  it('say what is wrong', () => {
    expect(() => step({ factor: 0.5 })).toThrow(/step: expected either epochs or steps, got none/);
    expect(() => cosine({ epochs: 1, steps: 2 })).toThrow(/cosine: .* got both/);
    for (const nothing of [undefined, null] as never[]) {
      expect(() => exponential(nothing)).toThrow(/exponential\.factor: expected a number/);
      expect(() => step(nothing)).toThrow(/step: expected either epochs or steps/);
      expect(() => warmUp(nothing)).toThrow(/warmUp: expected either epochs or steps/);
      for (const make of [constant, inverseTime, cosine, oneCycle, reduceOnPlateau]) {
        expect(make(nothing)).toEqual(make());
      }
    }
    expect(() => exponential({ factor: 1.5 })).toThrow(/exponential\.factor.*≤ 1, got 1.5/);
    expect(() => cosine({ minimun: 0 } as never)).toThrow(/Did you mean 'minimum'/);
    expect(() => cosine({ epochs: 0 })).toThrow(/cosine\.epochs.*> 0/);
    expect(() => cosine({ restarts: 0.5 })).toThrow(/cosine\.restarts.*≥ 1/);
    expect(() => warmUp({ steps: 3, next: 'cosine' as never })).toThrow(/warmUp\.next.*cosine\(\)/);
    expect(() => warmUp({ steps: 3, next: { kind: 'cosin' } as never })).toThrow(
      /warmUp\.next\.kind.*Did you mean 'cosine'/,
    );
  });
});
