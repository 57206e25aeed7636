/**
 * Random numbers: the twin of `assembly/random.ts`, with the same bits.
 *
 * Counter-based generator Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3",
 * 2011). A number depends on its place only, (seed, stream, substream, index), never on what was drawn before. The key
 * is the seed and the counter is (block, 0, stream, substream); a block has four words, so element i of a fill uses
 * word i mod 4 of block ⌊i/4⌋.
 */

/** The four words of the current block. */
const words = new Uint32Array(4);

/** out[i] = low + u (high − low) in f32, u = the upper 24 bits of word i · 2⁻²⁴. */
export function randomUniform(
  out: Float32Array,
  low: number,
  high: number,
  seedLow: number,
  seedHigh: number,
  stream: number,
  substream: number,
): void {
  const width = Math.fround(high - low);
  for (let i = 0; i < out.length; i++) {
    if ((i & 3) === 0) philox(words, i >>> 2, 0, stream, substream, seedLow, seedHigh);
    const u = (words[i & 3]! >>> 8) / 16777216;
    const value = Math.fround(low + Math.fround(u * width));
    // A value that rounds up to the open end of the interval starts again at the closed one.
    out[i] = value < high ? value : low;
  }
}

/** out[i] = mean + deviation · Φ⁻¹((word i + ½) · 2⁻³²), in f64 and then rounded. */
export function randomNormal(
  out: Float32Array,
  mean: number,
  deviation: number,
  seedLow: number,
  seedHigh: number,
  stream: number,
  substream: number,
): void {
  for (let i = 0; i < out.length; i++) {
    if ((i & 3) === 0) philox(words, i >>> 2, 0, stream, substream, seedLow, seedHigh);
    out[i] = mean + deviation * normalQuantile((words[i & 3]! + 0.5) / 4294967296);
  }
}

/** out = a random permutation of 0 … length−1: Fisher and Yates' shuffle, from the last place down. */
export function shuffle(
  out: Uint32Array,
  seedLow: number,
  seedHigh: number,
  stream: number,
  substream: number,
): void {
  const count = out.length;
  for (let i = 0; i < count; i++) out[i] = i;
  for (let i = count - 1; i >= 0; i--) {
    if (i === count - 1 || (i & 3) === 3) {
      philox(words, i >>> 2, 0, stream, substream, seedLow, seedHigh);
    }
    const j = multiplyHigh(words[i & 3]!, i + 1);
    const kept = out[i]!;
    out[i] = out[j]!;
    out[j] = kept;
  }
}

/** out = the four words of counter (c0, c1, c2, c3) under key (k0, k1). */
export function philox(
  out: Uint32Array,
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  k0: number,
  k1: number,
): void {
  for (let round = 0; round < 10; round++) {
    const firstHigh = multiplyHigh(0xd2511f53, c0);
    const firstLow = Math.imul(0xd2511f53, c0);
    const secondHigh = multiplyHigh(0xcd9e8d57, c2);
    const secondLow = Math.imul(0xcd9e8d57, c2);
    c0 = (secondHigh ^ c1 ^ k0) >>> 0;
    c1 = secondLow;
    c2 = (firstHigh ^ c3 ^ k1) >>> 0;
    c3 = firstLow;
    k0 = (k0 + 0x9e3779b9) | 0; // the golden ratio
    k1 = (k1 + 0xbb67ae85) | 0; // √3 − 1
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** The upper 32 bits of the product of two unsigned 32-bit integers, from products of their halves. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  // Neither sum reaches 2³², so both are exact.
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + (middle >>> 16) + (carry >>> 16)) >>> 0;
}

/**
 * Φ⁻¹(p): Wichura's algorithm AS 241, PPND7 (Applied Statistics 37, 1988), seven digits.
 *
 * 2⁻³³ ≤ p ≤ 1 − 2⁻³³, as for every p made of a 32-bit word, so the third of its ranges, below e⁻²⁵, is left out.
 */
export function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    const top = ((59.10937472 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179;
    return (q * top) / (((67.1875636 * r + 78.757757664) * r + 17.895169469) * r + 1);
  }
  const r = Math.sqrt(-logarithm(q < 0 ? p : 1 - p)) - 1.6;
  const top = ((0.17023821103 * r + 1.3067284816) * r + 2.75681539) * r + 1.4234372777;
  const result = top / ((0.12021132975 * r + 0.7370016425) * r + 1);
  return q < 0 ? -result : result;
}

/**
 * ln p for 2⁻³³ ≤ p < ¼; relative error 1e-13.
 *
 * p = 2ᵏ m with ¾ ≤ m < 3/2; ln m = 2 artanh s = 2 (s + s³/3 + s⁵/5 + …) with s = (m − 1)/(m + 1), |s| ≤ 1/5.
 */
function logarithm(p: number): number {
  const scaled = p * 8589934592;
  let k = 31 - Math.clz32(scaled);
  let m = scaled / (1 << k);
  if (m >= 1.5) {
    m *= 0.5;
    k++;
  }
  const s = (m - 1) / (m + 1);
  const t = s * s;
  let sum = 0;
  for (let odd = 17; odd > 1; odd -= 2) sum = (sum + 1 / odd) * t;
  return (k - 33) * 0.6931471805599453 + 2 * (s + s * sum);
}
