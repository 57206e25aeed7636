import { beforeAll, describe, expect, test } from 'vitest';
import * as coefficients from '../../src/core/coefficients.ts';
import { erf, exp, log, log1p, sigmoid, tanh } from '../../src/core/js/math.ts';
import * as reference from '../reference/functions.ts';
import { compileProbe } from './probe.ts';
import type { Probe } from './probe.ts';

type VectorFunction = (out: number, x: number, count: number) => void;
const scalar = { exp, log, log1p, tanh, sigmoid, erf };
type Name = keyof typeof scalar;

/** The largest error allowed in units in the last place of the true value, the truth, and the least argument allowed. */
interface Case {
  ulp: number;
  truth: (x: number) => number;
  lowest: number;
}

/** e^x is the smallest normal number here; exp and sigmoid return 0 below. */
const FLUSH = -87.33654022216797;

const CASES: Record<Name, Case> = {
  exp: { ulp: 1, truth: (x) => (x < FLUSH ? 0 : Math.exp(x)), lowest: -Infinity },
  log: { ulp: 1, truth: Math.log, lowest: -Infinity },
  log1p: { ulp: 1.5, truth: Math.log1p, lowest: 0 },
  tanh: { ulp: 2, truth: Math.tanh, lowest: -Infinity },
  sigmoid: { ulp: 2.5, truth: (x) => (x < FLUSH ? 0 : reference.sigmoid(x)), lowest: -Infinity },
  erf: { ulp: 1.25, truth: reference.erf, lowest: -Infinity },
};
const NAMES = Object.keys(CASES) as Name[];

/** Smallest subnormal, largest subnormal, smallest and largest normal number, and what lies around the limits of exp. */
const SPECIAL = [
  0,
  1.401298464324817e-45,
  1.1754942106924411e-38,
  1.1754943508222875e-38,
  3.4028234663852886e38,
  87.33654022216797,
  87.3365478515625,
  88.72283172607422,
  88.72283935546875,
  104,
  0.5,
  1,
  1.5,
  2,
  16.7,
  20,
  1e10,
  Infinity,
  NaN,
];

/** Every special value with both signs, 205,000 bit patterns over all binades, and 200,000 numbers in [−20, 20). */
function samples(): Float32Array<ArrayBuffer> {
  const patterns = 205_000;
  const range = 200_000;
  const signed = SPECIAL.flatMap((x) => [x, -x]);
  const all = new Float32Array(signed.length + patterns + range);
  const bits = new Uint32Array(all.buffer);
  all.set(signed);
  for (let i = 0; i < patterns; i++) bits[signed.length + i] = i * 20_947;
  for (let i = 0; i < range; i++) all[signed.length + patterns + i] = i / 5000 - 20 + 1e-5;
  return all;
}

/** As many samples from `lowest` on, and NaN, as fill whole vectors. */
function samplesFrom(lowest: number): Float32Array<ArrayBuffer> {
  const allowed = SAMPLES.filter((x) => !(x < lowest));
  return allowed.slice(0, allowed.length & ~3);
}

/** The distance between neighbouring f32 at y. */
function spacing(y: number): number {
  const magnitude = Math.abs(y);
  if (magnitude < 2 ** -125) return 2 ** -149;
  let exponent = Math.floor(Math.log2(magnitude));
  if (2 ** exponent > magnitude) exponent--;
  return 2 ** (exponent - 23);
}

/** In units in the last place of the true value; NaN when a result is NaN that should not be, or the other way round. */
function largestError(name: Name, x: Float32Array, y: Float32Array): number {
  const { truth } = CASES[name];
  let largest = 0;
  for (let i = 0; i < x.length; i++) {
    const expected = truth(x[i]);
    if (Object.is(Math.fround(expected), y[i])) continue;
    largest = Math.max(largest, Math.abs(y[i] - expected) / spacing(expected));
  }
  return largest;
}

const SAMPLES = samples();
let probe: Probe<Record<Name | 'expNegative', VectorFunction>>;

beforeAll(async () => {
  probe = await compileProbe('test/core/assembly/math.ts', 64);
}, 60_000);

function applyVector(name: Name | 'expNegative', input: Float32Array): Float32Array<ArrayBuffer> {
  const from = probe.base;
  const to = from + input.byteLength;
  new Float32Array(probe.memory.buffer, from, input.length).set(input);
  probe.functions[name](to, from, input.length);
  return new Float32Array(probe.memory.buffer, to, input.length).slice();
}

/** The bits of each float, with one pattern for every NaN: engines may choose its sign and payload. */
function bitsOf(values: Float32Array<ArrayBuffer>): Uint32Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length).slice();
  for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i])) bits[i] = 0x7fc00000;
  return bits;
}

/** Index of the first float whose bits differ, −1 when none does. */
function firstDifference(a: Float32Array<ArrayBuffer>, b: Float32Array<ArrayBuffer>): number {
  const bits = bitsOf(b);
  return bitsOf(a).findIndex((pattern, i) => pattern !== bits[i]);
}

test('every coefficient is an f32, or an integer of 32 bits', () => {
  for (const [name, value] of Object.entries(coefficients)) {
    expect(name.endsWith('_BITS') ? value | 0 : Math.fround(value), name).toBe(value);
  }
});

describe.each(NAMES)('%s', (name) => {
  const x = samplesFrom(CASES[name].lowest);

  test('is as exact as stated', () => {
    expect(largestError(name, x, applyVector(name, x))).toBeLessThanOrEqual(CASES[name].ulp);
  });

  test('has the same bits in both languages', () => {
    const different = firstDifference(x.map(scalar[name]), applyVector(name, x));
    expect(different, `at x = ${x[different]}`).toBe(-1);
  });

  test('returns f32 values', () => {
    const wider = x.findIndex((xi) => !Object.is(scalar[name](xi), Math.fround(scalar[name](xi))));
    expect(wider, `at x = ${x[wider]}`).toBe(-1);
  });
});

test('exp of negative numbers has the bits of exp', () => {
  const x = samplesFrom(-Infinity).map((xi) => -Math.abs(xi));
  expect(firstDifference(applyVector('expNegative', x), applyVector('exp', x))).toBe(-1);
});

/** [x, y] */
const SPECIAL_RESULTS: Record<Name, [number, number][]> = {
  exp: [
    [0, 1],
    [-0, 1],
    [Infinity, Infinity],
    [-Infinity, 0],
    [88.72283935546875, Infinity],
    [3e38, Infinity],
    [-87.3365478515625, 0],
    [-100, 0],
    [-3e38, 0],
    [NaN, NaN],
  ],
  log: [
    [0, -Infinity],
    [-0, -Infinity],
    [1, 0],
    [Infinity, Infinity],
    [-1e-45, NaN],
    [-1, NaN],
    [-Infinity, NaN],
    [NaN, NaN],
  ],
  log1p: [
    [0, 0],
    [1e-45, 1e-45],
    [1e-20, 1e-20],
    [Infinity, Infinity],
    [NaN, NaN],
  ],
  tanh: [
    [0, 0],
    [-0, -0],
    [1e-45, 1e-45],
    [-1e-20, -1e-20],
    [9.1, 1],
    [-9.1, -1],
    [3e38, 1],
    [Infinity, 1],
    [-Infinity, -1],
    [NaN, NaN],
  ],
  sigmoid: [
    [0, 0.5],
    [-0, 0.5],
    [17.4, 1],
    [Infinity, 1],
    [-87.3365478515625, 0],
    [-3e38, 0],
    [-Infinity, 0],
    [NaN, NaN],
  ],
  erf: [
    [0, 0],
    [-0, -0],
    [4, 1],
    [-4, -1],
    [3e38, 1],
    [Infinity, 1],
    [-Infinity, -1],
    [NaN, NaN],
  ],
};

describe.each(NAMES)('%s at special values', (name) => {
  test.each(SPECIAL_RESULTS[name])('of %f is %f', (argument, result) => {
    const four = new Float32Array(4).fill(argument);
    const expected = new Float32Array(4).fill(result);
    expect(applyVector(name, four)).toEqual(expected);
    expect(scalar[name](four[0])).toBe(expected[0]);
  });
});

test.each(['exp', 'sigmoid'] as const)('%s never returns a subnormal number', (name) => {
  const y = applyVector(name, samplesFrom(-Infinity));
  expect(y.findIndex((yi) => yi !== 0 && Math.abs(yi) < 2 ** -126)).toBe(-1);
});

test.each(['tanh', 'erf'] as const)('%s is odd and never beyond 1', (name) => {
  const x = samplesFrom(-Infinity);
  const y = applyVector(name, x);
  const mirrored = applyVector(
    name,
    x.map((xi) => -xi),
  );
  expect(
    firstDifference(
      mirrored.map((yi) => -yi),
      y,
    ),
  ).toBe(-1);
  expect(y.findIndex((yi) => Math.abs(yi) > 1)).toBe(-1);
});
