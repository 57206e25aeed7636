// Every vector function applied to `count` floats, a multiple of 4, for test/core/math.test.ts.
import { Erf } from '../../../assembly/math/erf';
import { Exp } from '../../../assembly/math/exp';
import { Log } from '../../../assembly/math/log';
import { Sigmoid, Tanh } from '../../../assembly/math/tanh';

export function exp(out: usize, x: usize, count: i32): void {
  const end = out + (count << 2);
  for (; out < end; out += 16, x += 16) v128.store(out, Exp.of(v128.load(x)));
}

export function expNegative(out: usize, x: usize, count: i32): void {
  const end = out + (count << 2);
  for (; out < end; out += 16, x += 16) v128.store(out, Exp.ofNegative(v128.load(x)));
}

export function log(out: usize, x: usize, count: i32): void {
  const end = out + (count << 2);
  for (; out < end; out += 16, x += 16) v128.store(out, Log.of(v128.load(x)));
}

export function log1p(out: usize, x: usize, count: i32): void {
  const end = out + (count << 2);
  for (; out < end; out += 16, x += 16) v128.store(out, Log.onePlus(v128.load(x)));
}

export function tanh(out: usize, x: usize, count: i32): void {
  const end = out + (count << 2);
  for (; out < end; out += 16, x += 16) v128.store(out, Tanh.of(v128.load(x)));
}

export function sigmoid(out: usize, x: usize, count: i32): void {
  const end = out + (count << 2);
  for (; out < end; out += 16, x += 16) v128.store(out, Sigmoid.of(v128.load(x)));
}

export function erf(out: usize, x: usize, count: i32): void {
  const end = out + (count << 2);
  for (; out < end; out += 16, x += 16) v128.store(out, Erf.of(v128.load(x)));
}
