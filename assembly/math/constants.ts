// The constants of the vector functions as vectors in memory: V8 rebuilds a v128 literal in every iteration of a loop, but
// loads a vector in one instruction. Each name is the address of four copies of the number; read it with `v128.load`.
import * as c from '../../src/core/coefficients';

export const ONE = memory.data<v128>([f32x4.splat(1)], 16);
export const HALF = memory.data<v128>([f32x4.splat(0.5)], 16);
export const MINUS_TWO = memory.data<v128>([f32x4.splat(-2)], 16);
export const INFINITE = memory.data<v128>([f32x4.splat(Infinity)], 16);

// ── e^x = 2ⁿ eʳ, n = x/ln 2 rounded, |r| ≤ ½ ln 2 ──

export const LOG2_E = memory.data<v128>([f32x4.splat(<f32>c.LOG2_E)], 16);
export const ROUNDER = memory.data<v128>([f32x4.splat(<f32>c.ROUNDER)], 16);
export const LN2_HIGH = memory.data<v128>([f32x4.splat(<f32>c.LN2_HIGH)], 16);
export const LN2_LOW = memory.data<v128>([f32x4.splat(<f32>c.LN2_LOW)], 16);
export const EXP_2 = memory.data<v128>([f32x4.splat(<f32>c.EXP_2)], 16);
export const EXP_3 = memory.data<v128>([f32x4.splat(<f32>c.EXP_3)], 16);
export const EXP_4 = memory.data<v128>([f32x4.splat(<f32>c.EXP_4)], 16);
export const EXP_5 = memory.data<v128>([f32x4.splat(<f32>c.EXP_5)], 16);
export const EXP_6 = memory.data<v128>([f32x4.splat(<f32>c.EXP_6)], 16);
export const EXP_7 = memory.data<v128>([f32x4.splat(<f32>c.EXP_7)], 16);
export const EXP_HIGHEST = memory.data<v128>([f32x4.splat(<f32>c.EXP_HIGHEST)], 16);
export const EXP_LOWEST = memory.data<v128>([f32x4.splat(<f32>c.EXP_LOWEST)], 16);

// ── ln x = k ln 2 + ln(1 + f), √½ ≤ 1 + f < √2 ──

export const ROOT_HALF_BITS = memory.data<v128>([i32x4.splat(<i32>c.ROOT_HALF_BITS)], 16);
export const LOG_3 = memory.data<v128>([f32x4.splat(<f32>c.LOG_3)], 16);
export const LOG_4 = memory.data<v128>([f32x4.splat(<f32>c.LOG_4)], 16);
export const LOG_5 = memory.data<v128>([f32x4.splat(<f32>c.LOG_5)], 16);
export const LOG_6 = memory.data<v128>([f32x4.splat(<f32>c.LOG_6)], 16);
export const LOG_7 = memory.data<v128>([f32x4.splat(<f32>c.LOG_7)], 16);
export const LOG_8 = memory.data<v128>([f32x4.splat(<f32>c.LOG_8)], 16);
export const LOG_9 = memory.data<v128>([f32x4.splat(<f32>c.LOG_9)], 16);
export const LOG_10 = memory.data<v128>([f32x4.splat(<f32>c.LOG_10)], 16);
export const SMALLEST_NORMAL = memory.data<v128>([f32x4.splat(<f32>c.SMALLEST_NORMAL)], 16);
export const NORMALISER = memory.data<v128>([f32x4.splat(<f32>c.NORMALISER)], 16);
export const NORMALISER_EXPONENT = memory.data<v128>([f32x4.splat(<f32>c.NORMALISER_EXPONENT)], 16);
export const LOG_BOUND = memory.data<v128>([i32x4.splat(<i32>c.LOG_BOUND)], 16);

// ── tanh x ──

export const TANH_BOUND = memory.data<v128>([f32x4.splat(<f32>c.TANH_BOUND)], 16);

// ── erf x ──

export const ERF_SPLIT = memory.data<v128>([f32x4.splat(<f32>c.ERF_SPLIT)], 16);
export const ERF_0 = memory.data<v128>([f32x4.splat(<f32>c.ERF_0)], 16);
export const ERF_2 = memory.data<v128>([f32x4.splat(<f32>c.ERF_2)], 16);
export const ERF_4 = memory.data<v128>([f32x4.splat(<f32>c.ERF_4)], 16);
export const ERF_6 = memory.data<v128>([f32x4.splat(<f32>c.ERF_6)], 16);
export const ERF_8 = memory.data<v128>([f32x4.splat(<f32>c.ERF_8)], 16);
export const ERF_10 = memory.data<v128>([f32x4.splat(<f32>c.ERF_10)], 16);
export const ERF_12 = memory.data<v128>([f32x4.splat(<f32>c.ERF_12)], 16);
export const ERFC_0 = memory.data<v128>([f32x4.splat(<f32>c.ERFC_0)], 16);
export const ERFC_1 = memory.data<v128>([f32x4.splat(<f32>c.ERFC_1)], 16);
export const ERFC_2 = memory.data<v128>([f32x4.splat(<f32>c.ERFC_2)], 16);
export const ERFC_3 = memory.data<v128>([f32x4.splat(<f32>c.ERFC_3)], 16);
export const ERFC_4 = memory.data<v128>([f32x4.splat(<f32>c.ERFC_4)], 16);
export const ERFC_5 = memory.data<v128>([f32x4.splat(<f32>c.ERFC_5)], 16);
export const ERFC_6 = memory.data<v128>([f32x4.splat(<f32>c.ERFC_6)], 16);
export const ERF_BOUND = memory.data<v128>([f32x4.splat(<f32>c.ERF_BOUND)], 16);
