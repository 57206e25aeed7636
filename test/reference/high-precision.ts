/** Elementary functions to 60 digits in fixed-point numbers of whole BigInts: the truth that double precision is held against. */

const DIGITS = 60n;
const ONE = 10n ** DIGITS;

/** A double as a fixed-point number; exact but for digits beyond the 60th. */
function fixed(value: number): bigint {
  let exponent = 0n;
  let mantissa = value;
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2;
    exponent++;
  }
  return (BigInt(mantissa) * ONE) / 2n ** exponent;
}

function toNumber(value: bigint): number {
  const text = value
    .toString()
    .replace('-', '')
    .padStart(Number(DIGITS) + 1, '0');
  const point = text.length - Number(DIGITS);
  return Number(`${value < 0n ? '-' : ''}${text.slice(0, point)}.${text.slice(point)}`);
}

/** Sum of termᵢ = termᵢ₋₁ · ratio(i) until a term vanishes. */
function series(first: bigint, ratio: (term: bigint, index: bigint) => bigint): bigint {
  let sum = first;
  let term = first;
  for (let index = 1n; term !== 0n; index++) {
    term = ratio(term, index);
    sum += term;
  }
  return sum;
}

/** arctan(1/n). */
function inverseTangent(n: bigint): bigint {
  let sum = 0n;
  let power = ONE / n;
  for (let index = 0n; power !== 0n; index++) {
    sum += (index % 2n === 0n ? power : -power) / (2n * index + 1n);
    power /= n * n;
  }
  return sum;
}

/** π by Machin's formula. */
const PI = 16n * inverseTangent(5n) - 4n * inverseTangent(239n);

/** ½ (1 + cos πx). */
export function halfCosine(x: number): number {
  const angle = (PI * fixed(x)) / ONE;
  const square = (angle * angle) / ONE;
  const cosine = series(ONE, (term, k) => (-term * square) / ONE / (2n * k * (2n * k - 1n)));
  return toNumber((ONE + cosine) / 2n);
}

/** The natural logarithm of 0 < x ≤ 1, by ln x = 2 artanh((x−1)/(x+1)) after halvings. */
function logarithm(x: bigint): bigint {
  const small = (value: bigint): bigint => {
    const ratio = ((value - ONE) * ONE) / (value + ONE);
    const square = (ratio * ratio) / ONE;
    let sum = 0n;
    let power = ratio;
    for (let index = 1n; power !== 0n; index += 2n) {
      sum += power / index;
      power = (power * square) / ONE;
    }
    return 2n * sum;
  };
  let value = x;
  let doublings = 0n;
  while (2n * value < ONE) {
    value *= 2n;
    doublings++;
  }
  return small(value) - doublings * -small(ONE / 2n);
}

/** baseᵗ for 0 < base ≤ 1 and t ≥ 0, to 60 digits behind the point. */
export function powerOf(base: number, t: number): number {
  const exponent = (logarithm(fixed(base)) * fixed(t)) / ONE;
  const pieces = 1n + -exponent / ONE;
  const piece = exponent / pieces;
  const root = series(ONE, (term, k) => (term * piece) / ONE / k);
  let result = ONE;
  for (let index = 0n; index < pieces; index++) result = (result * root) / ONE;
  return toNumber(result);
}
