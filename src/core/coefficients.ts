/**
 * The coefficients of exp, log, tanh and erf, compiled by both asc and tsc like `abi.ts`, so that both cores compute
 * the same polynomials. Every value is exact in f32.
 *
 * The polynomials are minimax fits (Remez exchange in 40 digits, weighted for the error of the function relative to its
 * value); each coefficient was rounded to f32 before the ones above it were fitted again. The number in a name is the
 * power it belongs to.
 */

// ── e^x = 2ⁿ eʳ, n = x/ln 2 rounded, |r| ≤ ½ ln 2 ──

/** 1/ln 2. */
export const LOG2_E = 1.44269502162933349609375;
/** 1.5 · 2²³: adding it rounds to an integer, which then stands in the low bits. */
export const ROUNDER = 12582912;
/** ln 2 in two parts (Cody and Waite): the first has 10 bits, so its product with any exponent is exact. */
export const LN2_HIGH = 0.693359375;
export const LN2_LOW = -0.000212194441701285541057586669921875;
/** eʳ = 1 + r + EXP_2 r² + … + EXP_7 r⁷; relative error 1e-9. */
export const EXP_2 = 0.5;
export const EXP_3 = 0.16666647791862488;
export const EXP_4 = 0.04166648909449577;
export const EXP_5 = 0.008337880484759808;
export const EXP_6 = 0.0013932049041613936;
export const EXP_7 = 0.00017312835552729666;
/** The largest x whose e^x is finite. */
export const EXP_HIGHEST = 88.72283172607421875;
/** The smallest x whose e^x is not subnormal. */
export const EXP_LOWEST = -87.33654022216796875;

// ── ln x = k ln 2 + ln(1 + f), √½ ≤ 1 + f < √2 ──

/** The bits of √½. */
export const ROOT_HALF_BITS = 0x3f3504f3;
/** ln(1 + f) = f − ½ f² + LOG_3 f³ + … + LOG_10 f¹⁰; relative error 2e-8. */
export const LOG_3 = 0.3333333134651184;
export const LOG_4 = -0.250008225440979;
export const LOG_5 = 0.20001260936260223;
export const LOG_6 = -0.1662331223487854;
export const LOG_7 = 0.14200885593891144;
export const LOG_8 = -0.13157890737056732;
export const LOG_9 = 0.12755557894706726;
export const LOG_10 = -0.07624746114015579;
/** 2⁻¹²⁶, the smallest normal number. */
export const SMALLEST_NORMAL = 1.1754943508222875e-38;
/** 2²³ makes every subnormal number normal. */
export const NORMALISER = 8388608;
export const NORMALISER_EXPONENT = 23;
/** 1 + e rounds to e long before e reaches 2⁶⁴. */
export const LOG_BOUND = 64;

// ── tanh x ──

/** Above 9.02 tanh x rounds to 1; any bound from there on keeps e^(−2x) normal. */
export const TANH_BOUND = 20;

// ── erf x ──

/** erf a = a + a (ERF_0 + ERF_2 a² + … + ERF_12 a¹²) below ERF_SPLIT; relative error 2e-9. */
export const ERF_SPLIT = 1;
export const ERF_0 = 0.12837916612625122;
export const ERF_2 = -0.3761262595653534;
export const ERF_4 = 0.11283578723669052;
export const ERF_6 = -0.026853347197175026;
export const ERF_8 = 0.005187162198126316;
export const ERF_10 = -0.0007997853099368513;
export const ERF_12 = 7.806903886375949e-5;
/** 1 − erf a = e^(ERFC_0 + ERFC_1 a + … + ERFC_6 a⁶) from ERF_SPLIT to ERF_BOUND; error relative to erf a 1e-9. */
export const ERFC_0 = -0.00034152675652876496;
export const ERFC_1 = -1.1270891427993774;
export const ERFC_2 = -0.6381449699401855;
export const ERFC_3 = -0.10310658067464828;
export const ERFC_4 = 0.021837953478097916;
export const ERFC_5 = -0.0029476238414645195;
export const ERFC_6 = 0.00018637493485584855;
/** Above 3.92 erf a rounds to 1. */
export const ERF_BOUND = 4;
