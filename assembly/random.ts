// Random numbers: the counter-based generator Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as
// easy as 1, 2, 3", 2011). A number depends on its place only, (seed, stream, substream, index), never on what was drawn
// before. The key is the seed and the counter is (block, 0, stream, substream); a block has four words, so element i of
// a fill uses word i mod 4 of block ⌊i/4⌋.

/** out[i] = low + u (high − low) in f32, u = the upper 24 bits of word i · 2⁻²⁴; count floats, none beyond. */
export function randomUniform(
  out: usize,
  count: i32,
  low: f32,
  high: f32,
  seedLow: u32,
  seedHigh: u32,
  stream: u32,
  substream: u32,
): void {
  for (let i = 0; i < count; i += 4, out += 16) {
    const words = Philox.block((<u32>i) >> 2, 0, stream, substream, seedLow, seedHigh);
    const u = f32x4.mul(
      f32x4.convert_i32x4_s(i32x4.shr_u(words, 8)),
      f32x4.splat(<f32>(1.0 / 16777216)),
    );
    const value = f32x4.add(f32x4.splat(low), f32x4.mul(u, f32x4.splat(high - low)));
    // A value that rounds up to the open end of the interval starts again at the closed one.
    const inside = f32x4.lt(value, f32x4.splat(high));
    storeFirst(out, v128.bitselect(value, f32x4.splat(low), inside), count - i);
  }
}

/** out[i] = mean + deviation · Φ⁻¹((word i + ½) · 2⁻³²), in f64 and then rounded; count floats, none beyond. */
export function randomNormal(
  out: usize,
  count: i32,
  mean: f32,
  deviation: f32,
  seedLow: u32,
  seedHigh: u32,
  stream: u32,
  substream: u32,
): void {
  for (let i = 0; i < count; i += 4, out += 16) {
    const words = Philox.block((<u32>i) >> 2, 0, stream, substream, seedLow, seedHigh);
    const normals = f32x4(
      scaledNormal(i32x4.extract_lane(words, 0), mean, deviation),
      scaledNormal(i32x4.extract_lane(words, 1), mean, deviation),
      scaledNormal(i32x4.extract_lane(words, 2), mean, deviation),
      scaledNormal(i32x4.extract_lane(words, 3), mean, deviation),
    );
    storeFirst(out, normals, count - i);
  }
}

/** out[0 … count) (u32) = a random permutation of 0 … count−1: Fisher and Yates' shuffle, from the last place down. */
export function shuffle(
  out: usize,
  count: i32,
  seedLow: u32,
  seedHigh: u32,
  stream: u32,
  substream: u32,
): void {
  for (let i = 0; i < count; i++) store<u32>(out + ((<usize>i) << 2), i);
  for (let i = (count - 1) & ~3; i >= 0; i -= 4) {
    const words = Philox.block((<u32>i) >> 2, 0, stream, substream, seedLow, seedHigh);
    if (i + 3 < count) exchange(out, i + 3, i32x4.extract_lane(words, 3));
    if (i + 2 < count) exchange(out, i + 2, i32x4.extract_lane(words, 2));
    if (i + 1 < count) exchange(out, i + 1, i32x4.extract_lane(words, 1));
    exchange(out, i, i32x4.extract_lane(words, 0));
  }
}

/** Exchanges element i with element j ≤ i, j = ⌊word · (i + 1) · 2⁻³²⌋. */
function exchange(out: usize, i: u32, word: u32): void {
  const j = <usize>((<u64>word * <u64>(i + 1)) >> 32);
  const a = out + ((<usize>i) << 2);
  const b = out + (j << 2);
  const kept = load<u32>(a);
  store<u32>(a, load<u32>(b));
  store<u32>(b, kept);
}

function scaledNormal(word: u32, mean: f32, deviation: f32): f32 {
  const p = (<f64>word + 0.5) / 4294967296;
  return <f32>(<f64>mean + <f64>deviation * Normal.quantile(p));
}

/** Stores all four lanes, or only the first `count` where the output ends earlier. */
function storeFirst(out: usize, values: v128, count: i32): void {
  if (count >= 4) {
    v128.store(out, values);
    return;
  }
  store<f32>(out, f32x4.extract_lane(values, 0));
  if (count > 1) store<f32>(out, f32x4.extract_lane(values, 1), 4);
  if (count > 2) store<f32>(out, f32x4.extract_lane(values, 2), 8);
}

/** The generator itself. */
export class Philox {
  /** The four words of counter (c0, c1, c2, c3) under key (k0, k1). */
  static block(c0: u32, c1: u32, c2: u32, c3: u32, k0: u32, k1: u32): v128 {
    for (let round = 0; round < 10; round++) {
      const first = <u64>0xd2511f53 * <u64>c0;
      const second = <u64>0xcd9e8d57 * <u64>c2;
      c0 = (<u32>(second >> 32)) ^ c1 ^ k0;
      c1 = <u32>second;
      c2 = (<u32>(first >> 32)) ^ c3 ^ k1;
      c3 = <u32>first;
      k0 += 0x9e3779b9; // the golden ratio
      k1 += 0xbb67ae85; // √3 − 1
    }
    return i32x4(c0, c1, c2, c3);
  }
}

/** The normal distribution. */
export class Normal {
  /**
   * Φ⁻¹(p): Wichura's algorithm AS 241, PPND7 (Applied Statistics 37, 1988), seven digits.
   *
   * 2⁻³³ ≤ p ≤ 1 − 2⁻³³, as for every p made of a 32-bit word, so the third of its ranges, below e⁻²⁵, is left out.
   */
  static quantile(p: f64): f64 {
    const q = p - 0.5;
    if (abs<f64>(q) <= 0.425) {
      const r = 0.180625 - q * q;
      const top = ((59.10937472 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179;
      return (q * top) / (((67.1875636 * r + 78.757757664) * r + 17.895169469) * r + 1);
    }
    const r = sqrt<f64>(-Normal.log(q < 0 ? p : 1 - p)) - 1.6;
    const top = ((0.17023821103 * r + 1.3067284816) * r + 2.75681539) * r + 1.4234372777;
    const result = top / ((0.12021132975 * r + 0.7370016425) * r + 1);
    return q < 0 ? -result : result;
  }

  /**
   * ln p for 2⁻³³ ≤ p < ¼; relative error 1e-13.
   *
   * p = 2ᵏ m with ¾ ≤ m < 3/2; ln m = 2 artanh s = 2 (s + s³/3 + s⁵/5 + …) with s = (m − 1)/(m + 1), |s| ≤ 1/5.
   */
  static log(p: f64): f64 {
    const scaled = p * 8589934592;
    let k = 31 - <i32>clz<u32>(<u32>scaled);
    let m = scaled / <f64>((<u32>1) << k);
    if (m >= 1.5) {
      m *= 0.5;
      k++;
    }
    const s = (m - 1) / (m + 1);
    const t = s * s;
    let sum: f64 = 0;
    for (let odd = 17; odd > 1; odd -= 2) sum = (sum + 1 / <f64>odd) * t;
    return <f64>(k - 33) * 0.6931471805599453 + 2 * (s + s * sum);
  }
}
