// What happens to gradients between the backward pass and the update: penalty, check, clipping. Ranges are `count` contiguous
// floats, a multiple of 4. Sums over a range are made in double precision, one for each of the four lanes, which ascend over the
// vectors and are added in the end as (0 + 1) + (2 + 3): four chains of additions instead of one, the same bits in every core.

/**
 * ½ l₂ Σ w² + l₁ Σ |w|, whose derivative is added to the gradients: g += l₂ w + l₁ sign w with sign 0 = 0.
 *
 * The sum is exact to a few double-precision roundings and cannot overflow. l₁ and l₂ are rounded to f32 for the derivative.
 */
export function penalty(g: usize, w: usize, count: i32, l1: f64, l2: f64): f64 {
  return l1 == 0 ? squarePenalty(g, w, count, l2) : mixedPenalty(g, w, count, l1, l2);
}

/** ½ l₂ Σ w²; g += l₂ w. The usual penalty, without the work for the other one. */
export function squarePenalty(g: usize, w: usize, count: i32, l2: f64): f64 {
  const end = w + ((<usize>count) << 2);
  const factor = f32x4.splat(<f32>l2);
  let squares0 = f64x2.splat(0);
  let squares1 = f64x2.splat(0);
  for (; w < end; w += 16, g += 16) {
    const weights = v128.load(w);
    const low = Lanes.low(weights);
    const high = Lanes.high(weights);
    squares0 = f64x2.add(squares0, f64x2.mul(low, low));
    squares1 = f64x2.add(squares1, f64x2.mul(high, high));
    v128.store(g, f32x4.add(v128.load(g), f32x4.mul(factor, weights)));
  }
  return 0.5 * l2 * Lanes.sum(squares0, squares1);
}

/** ½ l₂ Σ w² + l₁ Σ |w|; g += l₂ w + l₁ sign w. */
export function mixedPenalty(g: usize, w: usize, count: i32, l1: f64, l2: f64): f64 {
  const end = w + ((<usize>count) << 2);
  const slope = f32x4.splat(<f32>l1);
  const factor = f32x4.splat(<f32>l2);
  const signBit = i32x4.splat(i32.MIN_VALUE);
  let squares0 = f64x2.splat(0);
  let squares1 = f64x2.splat(0);
  let sizes0 = f64x2.splat(0);
  let sizes1 = f64x2.splat(0);
  for (; w < end; w += 16, g += 16) {
    const weights = v128.load(w);
    const low = Lanes.low(weights);
    const high = Lanes.high(weights);
    squares0 = f64x2.add(squares0, f64x2.mul(low, low));
    squares1 = f64x2.add(squares1, f64x2.mul(high, high));
    sizes0 = f64x2.add(sizes0, f64x2.abs(low));
    sizes1 = f64x2.add(sizes1, f64x2.abs(high));
    const signed = v128.bitselect(weights, slope, signBit);
    const sign = v128.and(signed, f32x4.ne(weights, f32x4.splat(0)));
    const derivative = f32x4.add(f32x4.mul(factor, weights), sign);
    v128.store(g, f32x4.add(v128.load(g), derivative));
  }
  return 0.5 * l2 * Lanes.sum(squares0, squares1) + l1 * Lanes.sum(sizes0, sizes1);
}

/** start + Σ a², double precision; finite exactly when every a is. */
export function addSquares(start: f64, a: usize, count: i32): f64 {
  const end = a + ((<usize>count) << 2);
  let sum0 = f64x2.splat(0);
  let sum1 = f64x2.splat(0);
  for (; a < end; a += 16) {
    const values = v128.load(a);
    const low = Lanes.low(values);
    const high = Lanes.high(values);
    sum0 = f64x2.add(sum0, f64x2.mul(low, low));
    sum1 = f64x2.add(sum1, f64x2.mul(high, high));
  }
  return start + Lanes.sum(sum0, sum1);
}

/** Four floats as double-precision lanes. */
class Lanes {
  @inline static low(values: v128): v128 {
    return f64x2.promote_low_f32x4(values);
  }
  @inline static high(values: v128): v128 {
    return f64x2.promote_low_f32x4(v128.shuffle<i32>(values, values, 2, 3, 2, 3));
  }
  /** (0 + 1) + (2 + 3). */
  @inline static sum(low: v128, high: v128): f64 {
    const left = f64x2.extract_lane(low, 0) + f64x2.extract_lane(low, 1);
    const right = f64x2.extract_lane(high, 0) + f64x2.extract_lane(high, 1);
    return left + right;
  }
}

/**
 * The largest |a| of [rows, columns], padding left out; NaN when there is one.
 *
 * Without its sign bit a float is larger as an integer exactly when it is larger, and a NaN is larger than infinity. Four vectors
 * at a time; memory is the limit.
 */
export function largestMagnitude(a: usize, rows: i32, columns: i32, stride: i32): f32 {
  let largest0 = i32x4.splat(0);
  let largest1 = i32x4.splat(0);
  let largest2 = i32x4.splat(0);
  let largest3 = i32x4.splat(0);
  for (let i = 0; i < rows; i++, a += (<usize>stride) << 2) {
    const end = a + ((<usize>columns) << 2);
    let from = a;
    for (; from + 64 <= end; from += 64) {
      largest0 = Magnitude.max(largest0, v128.load(from));
      largest1 = Magnitude.max(largest1, v128.load(from, 16));
      largest2 = Magnitude.max(largest2, v128.load(from, 32));
      largest3 = Magnitude.max(largest3, v128.load(from, 48));
    }
    for (; from + 16 <= end; from += 16) largest0 = Magnitude.max(largest0, v128.load(from));
    for (; from < end; from += 4) largest0 = Magnitude.max(largest0, v128.load32_zero(from));
  }
  const pairs0 = i32x4.max_u(largest0, largest1);
  const pairs1 = i32x4.max_u(largest2, largest3);
  return Magnitude.largestLane(i32x4.max_u(pairs0, pairs1));
}

class Magnitude {
  @inline static max(largest: v128, values: v128): v128 {
    return i32x4.max_u(largest, i32x4.shl(values, 1));
  }
  @inline static largestLane(values: v128): f32 {
    const halves = i32x4.max_u(values, v128.shuffle<i32>(values, values, 2, 3, 2, 3));
    const all = i32x4.max_u(halves, v128.shuffle<i32>(halves, halves, 1, 1, 1, 1));
    return f32.reinterpret_i32(i32x4.extract_lane(all, 0) >>> 1);
  }
}

/** g = g within ±limit. Precondition: no g is NaN. */
export function clipValue(g: usize, count: i32, limit: f64): void {
  const end = g + ((<usize>count) << 2);
  const high = f32x4.splat(<f32>limit);
  const low = f32x4.neg(high);
  for (; g < end; g += 16) v128.store(g, f32x4.min(high, f32x4.max(low, v128.load(g))));
}

/** g *= limit / norm where norm > limit: the direction stays, the length becomes the limit. */
export function clipNorm(g: usize, count: i32, limit: f64, norm: f64): void {
  if (norm <= limit) return;
  const end = g + ((<usize>count) << 2);
  const factor = f32x4.splat(<f32>(limit / norm));
  for (; g < end; g += 16) v128.store(g, f32x4.mul(factor, v128.load(g)));
}
