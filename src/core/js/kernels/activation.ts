// Twin of assembly/kernels/activation.ts: activation functions and their derivatives over `count` contiguous floats.
// Addresses are in bytes. One loop per function, so that each stays a loop over one typed array with one formula in it.
import {
  ACTIVATION_ELU,
  ACTIVATION_GELU,
  ACTIVATION_GELU_TANH,
  ACTIVATION_LEAKY_RELU,
  ACTIVATION_RELU,
  ACTIVATION_SIGMOID,
  ACTIVATION_SILU,
  ACTIVATION_SOFTPLUS,
  ACTIVATION_TANH,
} from '../../abi.ts';
import { erf, exp, log1p, sigmoid, tanh } from '../math.ts';

const { fround } = Math;

const LEAK = fround(0.01);
/** 1/√2. */
const ROOT_HALF = fround(0.7071067811865476);
/** 1/√(2π), the height of the normal density. */
const DENSITY = fround(0.3989422804014327);
/** √(2/π). */
const ROOT_TWO_OVER_PI = fround(0.7978845608028654);
const CUBIC = fround(0.044715);
/** 3 · 0.044715. */
const CUBIC_SLOPE = fround(0.134145);

/** out = f(a), f chosen by kind (ACTIVATION_*). out may be a. */
export function activate(
  f32: Float32Array,
  kind: number,
  out: number,
  a: number,
  count: number,
): void {
  const to = out >>> 2;
  const from = a >>> 2;
  switch (kind) {
    case ACTIVATION_SIGMOID:
      for (let i = 0; i < count; i++) f32[to + i] = sigmoid(f32[from + i]!);
      break;
    case ACTIVATION_TANH:
      for (let i = 0; i < count; i++) f32[to + i] = tanh(f32[from + i]!);
      break;
    case ACTIVATION_RELU:
      for (let i = 0; i < count; i++) f32[to + i] = relu(f32[from + i]!);
      break;
    case ACTIVATION_LEAKY_RELU:
      for (let i = 0; i < count; i++) f32[to + i] = leakyRelu(f32[from + i]!);
      break;
    case ACTIVATION_ELU:
      for (let i = 0; i < count; i++) f32[to + i] = elu(f32[from + i]!);
      break;
    case ACTIVATION_SOFTPLUS:
      for (let i = 0; i < count; i++) f32[to + i] = softplus(f32[from + i]!);
      break;
    case ACTIVATION_GELU:
      for (let i = 0; i < count; i++) f32[to + i] = gelu(f32[from + i]!);
      break;
    case ACTIVATION_GELU_TANH:
      for (let i = 0; i < count; i++) f32[to + i] = geluTanh(f32[from + i]!);
      break;
    case ACTIVATION_SILU:
      for (let i = 0; i < count; i++) f32[to + i] = silu(f32[from + i]!);
      break;
    default:
      throw new RangeError(`program: expected an activation of abi.ts, got ${kind}`);
  }
}

/** out = a ⊙ f′(b), f chosen by kind; b holds outputs or pre-activations, see abi.ts. out may be a. */
export function activateGradient(
  f32: Float32Array,
  kind: number,
  out: number,
  a: number,
  b: number,
  count: number,
): void {
  const to = out >>> 2;
  const g = a >>> 2;
  const x = b >>> 2;
  switch (kind) {
    case ACTIVATION_SIGMOID:
      for (let i = 0; i < count; i++) f32[to + i] = f32[g + i]! * sigmoidSlope(f32[x + i]!);
      break;
    case ACTIVATION_TANH:
      for (let i = 0; i < count; i++) f32[to + i] = f32[g + i]! * tanhSlope(f32[x + i]!);
      break;
    case ACTIVATION_RELU:
      for (let i = 0; i < count; i++) f32[to + i] = f32[x + i]! > 0 ? f32[g + i]! : 0;
      break;
    case ACTIVATION_LEAKY_RELU:
      for (let i = 0; i < count; i++) f32[to + i] = f32[g + i]! * (f32[x + i]! > 0 ? 1 : LEAK);
      break;
    case ACTIVATION_ELU:
      for (let i = 0; i < count; i++) f32[to + i] = f32[g + i]! * eluSlope(f32[x + i]!);
      break;
    case ACTIVATION_SOFTPLUS:
      for (let i = 0; i < count; i++) f32[to + i] = f32[g + i]! * sigmoid(f32[x + i]!);
      break;
    case ACTIVATION_GELU:
      for (let i = 0; i < count; i++) f32[to + i] = f32[g + i]! * geluSlope(f32[x + i]!);
      break;
    case ACTIVATION_GELU_TANH:
      for (let i = 0; i < count; i++) f32[to + i] = f32[g + i]! * geluTanhSlope(f32[x + i]!);
      break;
    case ACTIVATION_SILU:
      for (let i = 0; i < count; i++) f32[to + i] = f32[g + i]! * siluSlope(f32[x + i]!);
      break;
    default:
      throw new RangeError(`program: expected an activation of abi.ts, got ${kind}`);
  }
}

/** a (1 − a) from the output a. */
function sigmoidSlope(a: number): number {
  return fround(a * fround(1 - a));
}

/** 1 − a² from the output a. */
function tanhSlope(a: number): number {
  return fround(1 - fround(a * a));
}

/** 0 where z < 0 and z elsewhere: keeps NaN, so that a broken network shows. */
function relu(z: number): number {
  return z < 0 ? 0 : z;
}

/** z where z > 0 and 0.01 z elsewhere. */
function leakyRelu(z: number): number {
  return z > 0 ? z : fround(LEAK * z);
}

/** z where z > 0 and eᶻ − 1 elsewhere. */
function elu(z: number): number {
  return z > 0 ? z : fround(exp(z) - 1);
}

/** 1 where the output a > 0 and a + 1 elsewhere. */
function eluSlope(a: number): number {
  return a > 0 ? 1 : fround(a + 1);
}

/** max(z, 0) + ln(1 + e^−|z|), which is ln(1 + eᶻ) without an overflow. */
function softplus(z: number): number {
  return fround(relu(z) + log1p(exp(-Math.abs(z))));
}

/** (½ z) (1 + erf(z/√2)). */
function gelu(z: number): number {
  return fround(fround(0.5 * z) * fround(1 + erf(fround(z * ROOT_HALF))));
}

/** Φ(z) + z φ(z) with Φ(z) = ½ (1 + erf(z/√2)) and φ(z) = e^(−½z²)/√(2π). */
function geluSlope(z: number): number {
  const cumulative = fround(0.5 * fround(1 + erf(fround(z * ROOT_HALF))));
  const density = fround(DENSITY * exp(-fround(0.5 * fround(z * z))));
  return fround(cumulative + fround(z * density));
}

/** t = tanh(√(2/π) (z + 0.044715 z z²)). */
function geluInnerTanh(z: number, square: number): number {
  const cube = fround(CUBIC * fround(z * square));
  return tanh(fround(ROOT_TWO_OVER_PI * fround(z + cube)));
}

/** (½ z) (1 + t). */
function geluTanh(z: number): number {
  return fround(fround(0.5 * z) * fround(1 + geluInnerTanh(z, fround(z * z))));
}

/** ½ (1 + t) + (½ z (1 − t²)) (√(2/π) (1 + 3 · 0.044715 z²)). */
function geluTanhSlope(z: number): number {
  const square = fround(z * z);
  const t = geluInnerTanh(z, square);
  const slope = fround(ROOT_TWO_OVER_PI * fround(1 + fround(CUBIC_SLOPE * square)));
  const bell = fround(fround(0.5 * z) * fround(1 - fround(t * t)));
  return fround(fround(0.5 * fround(1 + t)) + fround(bell * slope));
}

/** z σ(z). */
function silu(z: number): number {
  return fround(z * sigmoid(z));
}

/** σ (1 + z (1 − σ)). */
function siluSlope(z: number): number {
  const s = sigmoid(z);
  return fround(s * fround(1 + fround(z * fround(1 - s))));
}
