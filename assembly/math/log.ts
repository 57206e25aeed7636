import {
  HALF,
  INFINITE,
  LN2_HIGH,
  LN2_LOW,
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
  ONE,
  ROOT_HALF_BITS,
  SMALLEST_NORMAL,
} from './constants';

/**
 * ln x = k ln 2 + ln(1 + f) with x = 2ᵏ (1 + f) and √½ ≤ 1 + f < √2; ln(1 + f) is a polynomial of degree 10.
 *
 * Error: 0.89 ulp for ln x and 1.5 ulp for ln(1 + e), over all f32.
 */
export class Log {
  /** ln x: −∞ at 0, NaN below 0, ∞ at ∞; subnormal numbers are as exact as the others. */
  @inline static of(x: v128): v128 {
    const small = f32x4.lt(x, v128.load(SMALLEST_NORMAL));
    const normal = v128.bitselect(f32x4.mul(x, v128.load(NORMALISER)), x, small);
    const k = Log.exponent(normal);
    const f = f32x4.sub(Log.significand(normal, k), v128.load(ONE));
    const offset = v128.and(small, v128.load(NORMALISER_EXPONENT));
    const result = Log.series(f, f32x4.sub(f32x4.convert_i32x4_s(k), offset));

    const zero = f32x4.splat(0);
    const infinite = v128.load(INFINITE);
    const ordinary = v128.and(f32x4.gt(x, zero), f32x4.lt(x, infinite));
    // The root has the value wanted everywhere else: NaN below 0, ∞ at ∞, NaN at NaN.
    const special = v128.bitselect(f32x4.neg(infinite), f32x4.sqrt(x), f32x4.eq(x, zero));
    return v128.bitselect(result, special, ordinary);
  }

  /** ln(1 + e) for e ≥ 0, with a small relative error however small e is. */
  @inline static onePlus(e: v128): v128 {
    const sum = f32x4.add(v128.load(ONE), e);
    const k = Log.exponent(sum);
    const f = f32x4.sub(Log.significand(sum, k), v128.load(ONE));
    // What the rounding of 1 + e lost, exactly; f gets it back at its own scale. For k = 0 the new f is e itself. The
    // bound only keeps 2⁻ᵏ finite: nothing is lost where it acts.
    const lost = f32x4.sub(e, f32x4.sub(sum, v128.load(ONE)));
    const bounded = i32x4.min_s(k, v128.load(LOG_BOUND));
    const scale = i32x4.sub(v128.load(ONE), i32x4.shl(bounded, 23));
    const restored = f32x4.add(f, f32x4.mul(lost, scale));
    const result = Log.series(restored, f32x4.convert_i32x4_s(k));
    return v128.bitselect(result, e, f32x4.lt(e, v128.load(INFINITE)));
  }

  /** k of a positive normal x: the exponent bits, counted from √½. */
  @inline static exponent(x: v128): v128 {
    return i32x4.shr_s(i32x4.sub(x, v128.load(ROOT_HALF_BITS)), 23);
  }

  /** x/2ᵏ by subtracting k from the exponent bits. */
  @inline static significand(x: v128, k: v128): v128 {
    return i32x4.sub(x, i32x4.shl(k, 23));
  }

  /** k ln 2 + ln(1 + f); k ln 2 in two parts, the small terms first. */
  @inline static series(f: v128, k: v128): v128 {
    const f2 = f32x4.mul(f, f);
    const c3 = f32x4.add(v128.load(LOG_3), f32x4.mul(v128.load(LOG_4), f));
    const c5 = f32x4.add(v128.load(LOG_5), f32x4.mul(v128.load(LOG_6), f));
    const c7 = f32x4.add(v128.load(LOG_7), f32x4.mul(v128.load(LOG_8), f));
    const c9 = f32x4.add(v128.load(LOG_9), f32x4.mul(v128.load(LOG_10), f));
    const low = f32x4.add(c3, f32x4.mul(c5, f2));
    const high = f32x4.add(c7, f32x4.mul(c9, f2));
    const p = f32x4.add(low, f32x4.mul(high, f32x4.mul(f2, f2)));
    const correction = f32x4.sub(f32x4.mul(k, v128.load(LN2_LOW)), f32x4.mul(v128.load(HALF), f2));
    const tail = f32x4.add(f32x4.mul(p, f32x4.mul(f, f2)), correction);
    return f32x4.add(f32x4.add(tail, f), f32x4.mul(k, v128.load(LN2_HIGH)));
  }
}
