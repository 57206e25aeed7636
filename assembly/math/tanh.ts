import { MINUS_TWO, ONE, TANH_BOUND } from './constants';
import { Exp } from './exp';

/**
 * tanh x = sign x · (1 − E)/(1 + E), E = e^(−2|x|).
 *
 * E = s + s (eʳ − 1) with s = 2ⁿ is never rounded to one number: 1 ± s is exact or nearly so, and the polynomial
 * eʳ − 1 is accurate relative to its value. So the difference does not cancel for small x and one formula serves every x.
 *
 * Error: 1.96 ulp over all f32. ±1 from |x| = 8.5 on; −0 and NaN stay what they are.
 */
export class Tanh {
  /** tanh x */
  @inline static of(x: v128): v128 {
    const magnitude = f32x4.abs(x);
    const sign = v128.xor(x, magnitude);
    const one = v128.load(ONE);
    // The operand that may be NaN comes first: pmin then returns it.
    const exponent = f32x4.mul(f32x4.pmin(magnitude, v128.load(TANH_BOUND)), v128.load(MINUS_TWO));
    const shifted = Exp.shiftedExponent(exponent);
    const s = Exp.powerOfTwo(shifted);
    const rest = f32x4.mul(s, Exp.minusOne(Exp.remainder(exponent, shifted)));
    const numerator = f32x4.sub(f32x4.sub(one, s), rest);
    const denominator = f32x4.add(f32x4.add(one, s), rest);
    return v128.or(f32x4.div(numerator, denominator), sign);
  }
}

/**
 * σ(x) = 1/(1 + e⁻ˣ) for x ≥ 0 and eˣ/(1 + eˣ) below, which is one division: the exponential of −|x| never overflows.
 *
 * Error: 2.41 ulp over all f32. Exactly 0 where σ would be subnormal (x < −87.33654), 1 from 16.64 on; NaN stays NaN.
 */
export class Sigmoid {
  /** σ(x) */
  @inline static of(x: v128): v128 {
    const one = v128.load(ONE);
    const e = Exp.ofNegative(f32x4.neg(f32x4.abs(x)));
    const numerator = v128.bitselect(e, one, f32x4.lt(x, f32x4.splat(0)));
    return f32x4.div(numerator, f32x4.add(one, e));
  }
}
