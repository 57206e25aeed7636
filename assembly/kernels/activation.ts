// Activation functions and their derivatives, one class each: the formula stands next to its derivative.
//
// Both sweeps run over `count` contiguous floats, a multiple of 4 (rows × stride, padding included).
// The classes have no instances: `changetype<F>(0)` only names the functions, and each sweep is compiled once per class.
// Every derivative is finite for every finite operand below 1e18, so a zero gradient in the padding stays zero.
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
} from '../../src/core/abi';
import { HALF, ONE } from '../math/constants';
import { Erf } from '../math/erf';
import { Exp } from '../math/exp';
import { Log } from '../math/log';
import { Sigmoid, Tanh } from '../math/tanh';

// Loaded from memory: V8 rebuilds a v128 literal in every iteration of a loop.
const LEAK = memory.data<v128>([f32x4.splat(0.01)], 16);
/** 1/√2. */
const ROOT_HALF = memory.data<v128>([f32x4.splat(0.7071067811865476)], 16);
/** 1/√(2π), the height of the normal density. */
const DENSITY = memory.data<v128>([f32x4.splat(0.3989422804014327)], 16);
/** √(2/π). */
const ROOT_TWO_OVER_PI = memory.data<v128>([f32x4.splat(0.7978845608028654)], 16);
const CUBIC = memory.data<v128>([f32x4.splat(0.044715)], 16);
/** 3 · 0.044715. */
const CUBIC_SLOPE = memory.data<v128>([f32x4.splat(0.134145)], 16);

/** out = f(a), f chosen by kind (ACTIVATION_*). out may be a. */
export function activate(kind: i32, out: usize, a: usize, count: i32): void {
  switch (kind) {
    case ACTIVATION_SIGMOID:
      return sweep<SigmoidActivation>(out, a, count);
    case ACTIVATION_TANH:
      return sweep<TanhActivation>(out, a, count);
    case ACTIVATION_RELU:
      return sweep<ReluActivation>(out, a, count);
    case ACTIVATION_LEAKY_RELU:
      return sweep<LeakyReluActivation>(out, a, count);
    case ACTIVATION_ELU:
      return sweep<EluActivation>(out, a, count);
    case ACTIVATION_SOFTPLUS:
      return sweep<SoftplusActivation>(out, a, count);
    case ACTIVATION_GELU:
      return sweep<GeluActivation>(out, a, count);
    case ACTIVATION_GELU_TANH:
      return sweep<GeluTanhActivation>(out, a, count);
    case ACTIVATION_SILU:
      return sweep<SiluActivation>(out, a, count);
    default:
      unreachable();
  }
}

/** out = a ⊙ f′(b), f chosen by kind; b holds outputs or pre-activations, see abi.ts. out may be a. */
export function activateGradient(kind: i32, out: usize, a: usize, b: usize, count: i32): void {
  switch (kind) {
    case ACTIVATION_SIGMOID:
      return sweepGradient<SigmoidActivation>(out, a, b, count);
    case ACTIVATION_TANH:
      return sweepGradient<TanhActivation>(out, a, b, count);
    case ACTIVATION_RELU:
      return sweepGradient<ReluActivation>(out, a, b, count);
    case ACTIVATION_LEAKY_RELU:
      return sweepGradient<LeakyReluActivation>(out, a, b, count);
    case ACTIVATION_ELU:
      return sweepGradient<EluActivation>(out, a, b, count);
    case ACTIVATION_SOFTPLUS:
      return sweepGradient<SoftplusActivation>(out, a, b, count);
    case ACTIVATION_GELU:
      return sweepGradient<GeluActivation>(out, a, b, count);
    case ACTIVATION_GELU_TANH:
      return sweepGradient<GeluTanhActivation>(out, a, b, count);
    case ACTIVATION_SILU:
      return sweepGradient<SiluActivation>(out, a, b, count);
    default:
      unreachable();
  }
}

/** Two vectors at a time: the steps of their polynomials overlap. */
function sweep<F>(out: usize, a: usize, count: i32): void {
  const f = changetype<F>(0);
  const end = out + (((<usize>count) & ~7) << 2);
  for (; out < end; out += 32, a += 32) {
    const first = f.value(v128.load(a));
    const second = f.value(v128.load(a, 16));
    v128.store(out, first);
    v128.store(out, second, 16);
  }
  if (count & 4) v128.store(out, f.value(v128.load(a)));
}

function sweepGradient<F>(out: usize, a: usize, b: usize, count: i32): void {
  const f = changetype<F>(0);
  const end = out + ((<usize>count) << 2);
  for (; out < end; out += 16, a += 16, b += 16) {
    v128.store(out, f.gradient(v128.load(a), v128.load(b)));
  }
}

@unmanaged
class SigmoidActivation {
  /** σ(z) */
  @inline value(z: v128): v128 {
    return Sigmoid.of(z);
  }
  /** g · (a (1 − a)) */
  @inline gradient(g: v128, a: v128): v128 {
    return f32x4.mul(g, f32x4.mul(a, f32x4.sub(v128.load(ONE), a)));
  }
}

@unmanaged
class TanhActivation {
  /** tanh z */
  @inline value(z: v128): v128 {
    return Tanh.of(z);
  }
  /** g (1 − a²) */
  @inline gradient(g: v128, a: v128): v128 {
    return f32x4.mul(g, f32x4.sub(v128.load(ONE), f32x4.mul(a, a)));
  }
}

@unmanaged
class ReluActivation {
  /** 0 where z < 0 and z elsewhere: keeps NaN, so that a broken network shows. */
  @inline value(z: v128): v128 {
    return f32x4.pmax(z, f32x4.splat(0));
  }
  /** g where a > 0 and 0 elsewhere */
  @inline gradient(g: v128, a: v128): v128 {
    return v128.and(g, f32x4.gt(a, f32x4.splat(0)));
  }
}

@unmanaged
class LeakyReluActivation {
  /** z where z > 0 and 0.01 z elsewhere: the larger of the two */
  @inline value(z: v128): v128 {
    return f32x4.pmax(f32x4.mul(v128.load(LEAK), z), z);
  }
  /** g where a > 0 and 0.01 g elsewhere */
  @inline gradient(g: v128, a: v128): v128 {
    return v128.bitselect(g, f32x4.mul(v128.load(LEAK), g), f32x4.gt(a, f32x4.splat(0)));
  }
}

@unmanaged
class EluActivation {
  /** z where z > 0 and eᶻ − 1 elsewhere; absolute error of eᶻ near 0 */
  @inline value(z: v128): v128 {
    const curve = f32x4.sub(Exp.of(z), v128.load(ONE));
    return v128.bitselect(z, curve, f32x4.gt(z, f32x4.splat(0)));
  }
  /** g where a > 0 and g (a + 1) elsewhere */
  @inline gradient(g: v128, a: v128): v128 {
    const slope = f32x4.add(a, v128.load(ONE));
    return v128.bitselect(g, f32x4.mul(g, slope), f32x4.gt(a, f32x4.splat(0)));
  }
}

@unmanaged
class SoftplusActivation {
  /** max(z, 0) + ln(1 + e^−|z|), which is ln(1 + eᶻ) without an overflow */
  @inline value(z: v128): v128 {
    const tail = Log.onePlus(Exp.of(f32x4.neg(f32x4.abs(z))));
    return f32x4.add(f32x4.pmax(z, f32x4.splat(0)), tail);
  }
  /** g σ(z) */
  @inline gradient(g: v128, z: v128): v128 {
    return f32x4.mul(g, Sigmoid.of(z));
  }
}

@unmanaged
class GeluActivation {
  /** (½ z) (1 + erf(z/√2)) */
  @inline value(z: v128): v128 {
    const erf = Erf.of(f32x4.mul(z, v128.load(ROOT_HALF)));
    return f32x4.mul(f32x4.mul(v128.load(HALF), z), f32x4.add(v128.load(ONE), erf));
  }
  /** g (Φ(z) + z φ(z)) with Φ(z) = ½ (1 + erf(z/√2)) and φ(z) = e^(−½z²)/√(2π) */
  @inline gradient(g: v128, z: v128): v128 {
    const erf = Erf.of(f32x4.mul(z, v128.load(ROOT_HALF)));
    const cumulative = f32x4.mul(v128.load(HALF), f32x4.add(v128.load(ONE), erf));
    const exponent = f32x4.neg(f32x4.mul(v128.load(HALF), f32x4.mul(z, z)));
    const density = f32x4.mul(v128.load(DENSITY), Exp.of(exponent));
    return f32x4.mul(g, f32x4.add(cumulative, f32x4.mul(z, density)));
  }
}

@unmanaged
class GeluTanhActivation {
  /** t = tanh(√(2/π) (z + 0.044715 z z²)) */
  @inline tanh(z: v128, square: v128): v128 {
    const cube = f32x4.mul(v128.load(CUBIC), f32x4.mul(z, square));
    return Tanh.of(f32x4.mul(v128.load(ROOT_TWO_OVER_PI), f32x4.add(z, cube)));
  }
  /** (½ z) (1 + t) */
  @inline value(z: v128): v128 {
    const t = this.tanh(z, f32x4.mul(z, z));
    return f32x4.mul(f32x4.mul(v128.load(HALF), z), f32x4.add(v128.load(ONE), t));
  }
  /** g (½ (1 + t) + (½ z (1 − t²)) (√(2/π) (1 + 3 · 0.044715 z²))) */
  @inline gradient(g: v128, z: v128): v128 {
    const square = f32x4.mul(z, z);
    const t = this.tanh(z, square);
    const one = v128.load(ONE);
    const half = v128.load(HALF);
    const inner = f32x4.add(one, f32x4.mul(v128.load(CUBIC_SLOPE), square));
    const slope = f32x4.mul(v128.load(ROOT_TWO_OVER_PI), inner);
    const bell = f32x4.mul(f32x4.mul(half, z), f32x4.sub(one, f32x4.mul(t, t)));
    const step = f32x4.mul(half, f32x4.add(one, t));
    return f32x4.mul(g, f32x4.add(step, f32x4.mul(bell, slope)));
  }
}

@unmanaged
class SiluActivation {
  /** z σ(z) */
  @inline value(z: v128): v128 {
    return f32x4.mul(z, Sigmoid.of(z));
  }
  /** g (σ (1 + z (1 − σ))) */
  @inline gradient(g: v128, z: v128): v128 {
    const one = v128.load(ONE);
    const sigmoid = Sigmoid.of(z);
    const factor = f32x4.add(one, f32x4.mul(z, f32x4.sub(one, sigmoid)));
    return f32x4.mul(g, f32x4.mul(sigmoid, factor));
  }
}
