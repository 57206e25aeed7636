/**
 * The scalar twins of `assembly/math`: the same formulas and the same bits, one number at a time.
 *
 * Arguments and results are f32 values. `Math.fround` stands after every operation that can round; where it is missing
 * the operation is exact in f32 too (such as a product with a power of two). The vector functions compute all branches
 * and select, these return early.
 */
import {
  ERFC_0,
  ERFC_1,
  ERFC_2,
  ERFC_3,
  ERFC_4,
  ERFC_5,
  ERFC_6,
  ERF_0,
  ERF_10,
  ERF_12,
  ERF_2,
  ERF_4,
  ERF_6,
  ERF_8,
  ERF_BOUND,
  ERF_SPLIT,
  EXP_2,
  EXP_3,
  EXP_4,
  EXP_5,
  EXP_6,
  EXP_7,
  EXP_HIGHEST,
  EXP_LOWEST,
  LN2_HIGH,
  LN2_LOW,
  LOG2_E,
  LOG_10,
  LOG_3,
  LOG_4,
  LOG_5,
  LOG_6,
  LOG_7,
  LOG_8,
  LOG_9,
  LOG_BOUND,
  NORMALISER,
  NORMALISER_EXPONENT,
  ROOT_HALF_BITS,
  ROUNDER,
  SMALLEST_NORMAL,
  TANH_BOUND,
} from '../coefficients.ts';

const fround = Math.fround;

/** One float and its bits. */
const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** 2ⁿ at index n − LOWEST_POWER, for −126 ≤ n ≤ 128. 2¹²⁸ is no f32, but its product with a fraction below 1 is. */
const LOWEST_POWER = -126;
const POWERS_OF_TWO: Float64Array = powersOfTwo(128);

function powersOfTwo(highest: number): Float64Array {
  const powers = new Float64Array(highest - LOWEST_POWER + 1);
  for (let i = 0, power = SMALLEST_NORMAL; i < powers.length; i++, power *= 2) powers[i] = power;
  return powers;
}

/** eˣ; 0 where it would be subnormal. */
export function exp(x: number): number {
  if (!(x <= EXP_HIGHEST)) return x + Infinity;
  if (x < EXP_LOWEST) return 0;
  const n = exponentOf(x);
  return fround(1 + exponentialMinusOne(x, n)) * POWERS_OF_TWO[n - LOWEST_POWER]!;
}

/** n = x/ln 2 rounded to an integer. */
function exponentOf(x: number): number {
  return fround(fround(x * LOG2_E) + ROUNDER) - ROUNDER;
}

/** eʳ − 1 for r = x − n ln 2. */
function exponentialMinusOne(x: number, n: number): number {
  const r = fround(x - n * LN2_HIGH - fround(n * LN2_LOW));
  const r2 = fround(r * r);
  const low = fround(EXP_2 + fround(EXP_3 * r));
  const middle = fround(EXP_4 + fround(EXP_5 * r));
  const high = fround(EXP_6 + fround(EXP_7 * r));
  const upper = fround(middle + fround(high * r2));
  const q = fround(low + fround(upper * r2));
  return fround(r + fround(q * r2));
}

/** ln x: −∞ at 0, NaN below 0, ∞ at ∞. */
export function log(x: number): number {
  if (!(x > 0 && x < Infinity)) return x === 0 ? -Infinity : Math.sqrt(x);
  const small = x < SMALLEST_NORMAL;
  const k = splitExponent(small ? x * NORMALISER : x);
  return logarithm(float[0]! - 1, small ? k - NORMALISER_EXPONENT : k);
}

/** ln(1 + e) for e ≥ 0. */
export function log1p(e: number): number {
  if (!(e < Infinity)) return e;
  const sum = fround(1 + e);
  const k = splitExponent(sum);
  // What the rounding of 1 + e lost goes back to f at its own scale.
  const lost = e - fround(sum - 1);
  const scale = POWERS_OF_TWO[-Math.min(k, LOG_BOUND) - LOWEST_POWER]!;
  return logarithm(fround(float[0]! - 1 + lost * scale), k);
}

/** Leaves the significand x/2ᵏ, from √½ up to √2, in `float` and returns k; x positive and normal. */
function splitExponent(x: number): number {
  float[0] = x;
  const k = (bits[0]! - ROOT_HALF_BITS) >> 23;
  bits[0] = bits[0]! - (k << 23);
  return k;
}

/** k ln 2 + ln(1 + f) */
function logarithm(f: number, k: number): number {
  const f2 = fround(f * f);
  const c3 = fround(LOG_3 + fround(LOG_4 * f));
  const c5 = fround(LOG_5 + fround(LOG_6 * f));
  const c7 = fround(LOG_7 + fround(LOG_8 * f));
  const c9 = fround(LOG_9 + fround(LOG_10 * f));
  const low = fround(c3 + fround(c5 * f2));
  const high = fround(c7 + fround(c9 * f2));
  const p = fround(low + fround(high * fround(f2 * f2)));
  const correction = fround(fround(k * LN2_LOW) - fround(0.5 * f2));
  const tail = fround(fround(p * fround(f * f2)) + correction);
  return fround(fround(tail + f) + k * LN2_HIGH);
}

/** tanh x */
export function tanh(x: number): number {
  const magnitude = Math.abs(x);
  if (magnitude >= TANH_BOUND) return x < 0 ? -1 : 1;
  if (!(magnitude > 0)) return x;
  const exponent = -2 * magnitude;
  const n = exponentOf(exponent);
  const s = POWERS_OF_TWO[n - LOWEST_POWER]!;
  const rest = s * exponentialMinusOne(exponent, n);
  const numerator = fround(fround(1 - s) - rest);
  const denominator = fround(fround(1 + s) + rest);
  const result = fround(numerator / denominator);
  return x < 0 ? -result : result;
}

/** σ(x) = 1/(1 + e⁻ˣ) */
export function sigmoid(x: number): number {
  const e = exp(-Math.abs(x));
  return fround((x < 0 ? e : 1) / fround(1 + e));
}

/** erf x = 2/√π ∫₀ˣ e^(−t²) dt */
export function erf(x: number): number {
  const a = Math.min(Math.abs(x), ERF_BOUND);
  if (!(a > 0)) return x;
  const result = a < ERF_SPLIT ? erfNear(a) : fround(1 - exp(erfFarExponent(a)));
  return x < 0 ? -result : result;
}

/** erf a = a + a p(a²) */
function erfNear(a: number): number {
  const t = fround(a * a);
  const t2 = fround(t * t);
  const low = fround(ERF_0 + fround(ERF_2 * t));
  const middle = fround(ERF_4 + fround(ERF_6 * t));
  const high = fround(ERF_8 + fround(ERF_10 * t));
  const upper = fround(high + fround(ERF_12 * t2));
  const p = fround(low + fround(fround(middle + fround(upper * t2)) * t2));
  return fround(a + fround(a * p));
}

/** ln(1 − erf a) */
function erfFarExponent(a: number): number {
  const a2 = fround(a * a);
  const low = fround(ERFC_0 + fround(ERFC_1 * a));
  const middle = fround(ERFC_2 + fround(ERFC_3 * a));
  const high = fround(ERFC_4 + fround(ERFC_5 * a));
  const upper = fround(high + fround(ERFC_6 * a2));
  return fround(low + fround(fround(middle + fround(upper * a2)) * a2));
}
