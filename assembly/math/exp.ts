import {
  EXP_2,
  EXP_3,
  EXP_4,
  EXP_5,
  EXP_6,
  EXP_7,
  EXP_HIGHEST,
  EXP_LOWEST,
  INFINITE,
  LN2_HIGH,
  LN2_LOW,
  LOG2_E,
  ONE,
  ROUNDER,
} from './constants';

/**
 * eˣ = 2ⁿ eʳ with n = x/ln 2 rounded to an integer and r = x − n ln 2, |r| ≤ ½ ln 2; eʳ is a polynomial of degree 7 in
 * Estrin's order (short chains of dependent operations).
 *
 * Error: 0.98 ulp over all f32. Exactly 0 where eˣ would be subnormal (x < −87.33654), because subnormal numbers are slow;
 * ∞ from 88.72284 up; NaN stays NaN.
 */
export class Exp {
  /** eˣ */
  @inline static of(x: v128): v128 {
    const shifted = Exp.shiftedExponent(x);
    const fraction = f32x4.add(v128.load(ONE), Exp.minusOne(Exp.remainder(x, shifted)));
    // n goes straight into the exponent bits. One addition is enough even for n = 128, where the fraction is below 1.
    const power = i32x4.add(fraction, i32x4.shl(shifted, 23));
    // x + ∞ is ∞ for the x that are too large and NaN for NaN, whose bits the addition has spoilt.
    const bounded = v128.bitselect(
      power,
      f32x4.add(x, v128.load(INFINITE)),
      f32x4.le(x, v128.load(EXP_HIGHEST)),
    );
    return v128.andnot(bounded, f32x4.lt(x, v128.load(EXP_LOWEST)));
  }

  /** eˣ for x ≤ 0 or NaN: the bits of {@link Exp.of}, but faster, as nothing overflows. */
  @inline static ofNegative(x: v128): v128 {
    const shifted = Exp.shiftedExponent(x);
    const fraction = f32x4.add(v128.load(ONE), Exp.minusOne(Exp.remainder(x, shifted)));
    const result = f32x4.mul(fraction, Exp.powerOfTwo(shifted));
    return v128.andnot(result, f32x4.lt(x, v128.load(EXP_LOWEST)));
  }

  /** n + ROUNDER: the lowest bits of this float are those of the integer n. */
  @inline static shiftedExponent(x: v128): v128 {
    return f32x4.add(f32x4.mul(x, v128.load(LOG2_E)), v128.load(ROUNDER));
  }

  /** 2ⁿ for −126 ≤ n ≤ 127: the shift drops all bits of ROUNDER, the bits of 1 add the bias of the exponent. */
  @inline static powerOfTwo(shifted: v128): v128 {
    return i32x4.add(i32x4.shl(shifted, 23), v128.load(ONE));
  }

  /** r = x − n ln 2; only the last product and the last difference are rounded. */
  @inline static remainder(x: v128, shifted: v128): v128 {
    const n = f32x4.sub(shifted, v128.load(ROUNDER));
    const r = f32x4.sub(x, f32x4.mul(n, v128.load(LN2_HIGH)));
    return f32x4.sub(r, f32x4.mul(n, v128.load(LN2_LOW)));
  }

  /** eʳ − 1 for |r| ≤ ½ ln 2. */
  @inline static minusOne(r: v128): v128 {
    const r2 = f32x4.mul(r, r);
    const low = f32x4.add(v128.load(EXP_2), f32x4.mul(v128.load(EXP_3), r));
    const middle = f32x4.add(v128.load(EXP_4), f32x4.mul(v128.load(EXP_5), r));
    const high = f32x4.add(v128.load(EXP_6), f32x4.mul(v128.load(EXP_7), r));
    const upper = f32x4.add(middle, f32x4.mul(high, r2));
    const q = f32x4.add(low, f32x4.mul(upper, r2));
    return f32x4.add(r, f32x4.mul(q, r2));
  }
}
