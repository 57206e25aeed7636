/**
 * Functions of double precision made of + − × ÷ √ alone, whose results IEEE 754 fixes: unlike those of `Math`, they have the same
 * bits in every engine. For hyper-parameters; what works on data is in the core.
 */

/** Splits a double into two halves of 26 bits whose products are exact (Veltkamp). */
const SPLITTER = 2 ** 27 + 1;

/** high + low: a number with twice the digits of a double. */
interface Pair {
  readonly high: number;
  readonly low: number;
}

/** A product of two pairs, its relative error below 2⁻¹⁰⁰ (Dekker 1971). */
function multiply(a: Pair, b: Pair): Pair {
  const product = a.high * b.high;
  const [a1, b1] = [upperHalf(a.high), upperHalf(b.high)];
  const [a2, b2] = [a.high - a1, b.high - b1];
  const error = a2 * b2 - (product - a1 * b1 - a2 * b1 - a1 * b2);
  const low = error + (a.high * b.low + a.low * b.high);
  const high = product + low;
  return { high, low: product - high + low };
}

function upperHalf(a: number): number {
  const scaled = SPLITTER * a;
  return scaled - (scaled - a);
}

/**
 * baseᵗ for 0 < base ≤ 1 and t ≥ 0: the whole part of t by repeated squaring in pairs of doubles, the fraction by repeated square
 * roots. Relative error below 4 · 10⁻¹⁵; a result below 10⁻²⁵⁰ is 0.
 */
export function power(base: number, t: number): number {
  const whole = Math.floor(t);
  return wholePower(base, whole) * fractionalPower(base, t - whole);
}

/** Below this the exact halves of a product would be lost to underflow. */
const SMALLEST = 1e-250;

function wholePower(base: number, exponent: number): number {
  let result: Pair = { high: 1, low: 0 };
  let square: Pair = { high: base, low: 0 };
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (square.high < SMALLEST) return 0;
    if (rest % 2 === 1) result = multiply(result, square);
    if (result.high < SMALLEST) return 0;
    square = multiply(square, square);
  }
  return result.high;
}

function fractionalPower(base: number, fraction: number): number {
  let result = 1;
  let root = base;
  for (let rest = fraction; rest > 0;) {
    root = Math.sqrt(root);
    rest *= 2;
    if (rest >= 1) {
      result *= root;
      rest -= 1;
    }
  }
  return result;
}

/** Terms of the Taylor series of sine and cosine, which for angles up to π/4 fall below 10⁻¹⁸. */
const TERMS = 9;

/** cos²(x π/2) = ½ (1 + cos xπ) for 0 ≤ x ≤ 1; relative error below 10⁻¹⁵. */
export function cosineFall(x: number): number {
  const root = x <= 0.5 ? series(x, 0) : series(1 - x, 1);
  return root * root;
}

/** cos(x π/2) with `odd` = 0, sin(x π/2) with `odd` = 1, for 0 ≤ x ≤ ½: Taylor's series, by Horner's rule. */
function series(x: number, odd: 0 | 1): number {
  const angle = x * (Math.PI / 2);
  const square = angle * angle;
  let sum = 1;
  for (let k = TERMS; k > 0; k--) {
    const index = 2 * k + odd;
    sum = 1 - (square / (index * (index - 1))) * sum;
  }
  return odd === 1 ? angle * sum : sum;
}
