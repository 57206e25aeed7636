// Costs of single examples and the deltas they start backpropagation with. a and b are [rows, columns], y = b are the
// targets, c[rows] receives one cost per example. The padding of out becomes zero. Sums ascend over columns.
import { LOSS_ABSOLUTE, LOSS_HUBER, LOSS_SQUARED } from '../../src/core/abi';
import { Exp } from '../math/exp';
import { Log } from '../math/log';
import { Sigmoid } from '../math/tanh';
import { clearPadding, rowExponentials, rowMaximum, rowSum } from './row';

/** c[i] = scale2 Σⱼ f(eᵢⱼ), out = scale f′(e) with e = a − y; f is chosen by kind (LOSS_*). */
export function loss(
  kind: i32,
  out: usize,
  a: usize,
  b: usize,
  c: usize,
  rows: i32,
  columns: i32,
  outStride: i32,
  aStride: i32,
  bStride: i32,
  scale: f32,
  scale2: f32,
): void {
  const outBytes = (<usize>outStride) << 2;
  const aBytes = (<usize>aStride) << 2;
  const bBytes = (<usize>bStride) << 2;
  for (let i = 0; i < rows; i++, out += outBytes, a += aBytes, b += bBytes, c += 4) {
    let cost: f32 = 0;
    switch (kind) {
      case LOSS_SQUARED:
        cost = lossRow<SquaredError>(out, a, b, columns, scale);
        break;
      case LOSS_ABSOLUTE:
        cost = lossRow<AbsoluteError>(out, a, b, columns, scale);
        break;
      case LOSS_HUBER:
        cost = lossRow<HuberError>(out, a, b, columns, scale);
        break;
      default:
        unreachable();
    }
    store<f32>(c, scale2 * cost);
    clearPadding(out, columns, outStride);
  }
}

/** One row for the error function F. Scalar: the chain of additions of the cost is the limit, not the arithmetic. */
function lossRow<F>(out: usize, a: usize, b: usize, columns: i32, scale: f32): f32 {
  const f = changetype<F>(0);
  const end = out + ((<usize>columns) << 2);
  let cost: f32 = 0;
  for (; out < end; out += 4, a += 4, b += 4) {
    const error = load<f32>(a) - load<f32>(b);
    cost += f.cost(error);
    store<f32>(out, scale * f.derivative(error));
  }
  return cost;
}

/** e²; its derivative without the factor 2, which the caller puts into scale. */
@unmanaged
class SquaredError {
  @inline cost(error: f32): f32 {
    return error * error;
  }
  @inline derivative(error: f32): f32 {
    return error;
  }
}

/** |e|; sign e. */
@unmanaged
class AbsoluteError {
  @inline cost(error: f32): f32 {
    return f32.abs(error);
  }
  @inline derivative(error: f32): f32 {
    return error > 0 ? <f32>1 : error < 0 ? <f32>-1 : <f32>0;
  }
}

/** ½e² where |e| ≤ 1 and |e| − ½ elsewhere; e clamped to ±1. */
@unmanaged
class HuberError {
  @inline cost(error: f32): f32 {
    const distance = f32.abs(error);
    return distance <= 1 ? <f32>0.5 * (error * error) : distance - <f32>0.5;
  }
  @inline derivative(error: f32): f32 {
    return error > 1 ? <f32>1 : error < -1 ? <f32>-1 : error;
  }
}

/**
 * z = a: c[i] = Σⱼ yⱼ (ln s − (zⱼ − m)), out = δ = scale (eⱼ/s · Σy − yⱼ) with m = max z, eⱼ = exp(zⱼ − m), s = Σⱼ eⱼ.
 *
 * No exponent is above 0 and s ≥ 1: finite as long as zⱼ − m is. out is scratch for e, so it must not be a or b.
 * Per row: e and its sum, the cost, then δ over e.
 */
export function softmaxCrossEntropy(
  out: usize,
  a: usize,
  b: usize,
  c: usize,
  rows: i32,
  columns: i32,
  outStride: i32,
  aStride: i32,
  bStride: i32,
  scale: f32,
): void {
  const outBytes = (<usize>outStride) << 2;
  const aBytes = (<usize>aStride) << 2;
  const bBytes = (<usize>bStride) << 2;
  const rowBytes = (<usize>columns) << 2;
  const scales = f32x4.splat(scale);
  for (let i = 0; i < rows; i++, out += outBytes, a += aBytes, b += bBytes, c += 4) {
    const maximum = rowMaximum(a, columns);
    rowExponentials(out, a, maximum, columns);
    const sum = rowSum(out, columns);
    store<f32>(c, crossEntropyRow(a, b, columns, maximum, sum));
    const sums = f32x4.splat(sum);
    const targetSums = f32x4.splat(rowSum(b, columns));
    for (let offset: usize = 0; offset < rowBytes; offset += 16) {
      const softmax = f32x4.div(v128.load(out + offset), sums);
      const error = f32x4.sub(f32x4.mul(softmax, targetSums), v128.load(b + offset));
      v128.store(out + offset, f32x4.mul(scales, error));
    }
    clearPadding(out, columns, outStride);
  }
}

/** Σⱼ yⱼ (ln sum − (zⱼ − maximum)). */
function crossEntropyRow(z: usize, y: usize, columns: i32, maximum: f32, sum: f32): f32 {
  const logarithm = f32x4.extract_lane(Log.of(f32x4.splat(sum)), 0);
  const end = z + ((<usize>columns) << 2);
  let cost: f32 = 0;
  for (; z < end; z += 4, y += 4) {
    cost += load<f32>(y) * (logarithm - (load<f32>(z) - maximum));
  }
  return cost;
}

/**
 * z = a: c[i] = Σⱼ max(zⱼ, 0) − zⱼ yⱼ + ln(1 + e^−|zⱼ|), out = δ = scale (σ(zⱼ) − yⱼ).
 *
 * No exponent is above 0: finite for every finite z with y in [0, 1]. out is scratch for the terms of the cost, so it must
 * not be a or b. Per row: the terms, their sum, then δ over the terms.
 */
export function sigmoidCrossEntropy(
  out: usize,
  a: usize,
  b: usize,
  c: usize,
  rows: i32,
  columns: i32,
  outStride: i32,
  aStride: i32,
  bStride: i32,
  scale: f32,
): void {
  const outBytes = (<usize>outStride) << 2;
  const aBytes = (<usize>aStride) << 2;
  const bBytes = (<usize>bStride) << 2;
  const rowBytes = (<usize>columns) << 2;
  const scales = f32x4.splat(scale);
  for (let i = 0; i < rows; i++, out += outBytes, a += aBytes, b += bBytes, c += 4) {
    for (let offset: usize = 0; offset < rowBytes; offset += 16) {
      const z = v128.load(a + offset);
      const positive = f32x4.pmax(z, f32x4.splat(0));
      const linear = f32x4.sub(positive, f32x4.mul(z, v128.load(b + offset)));
      const tail = Log.onePlus(Exp.of(f32x4.neg(f32x4.abs(z))));
      v128.store(out + offset, f32x4.add(linear, tail));
    }
    store<f32>(c, rowSum(out, columns));
    for (let offset: usize = 0; offset < rowBytes; offset += 16) {
      const error = f32x4.sub(Sigmoid.of(v128.load(a + offset)), v128.load(b + offset));
      v128.store(out + offset, f32x4.mul(scales, error));
    }
    clearPadding(out, columns, outStride);
  }
}
