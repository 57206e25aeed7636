// The random functions and the words they are made of, for test/core/random.test.ts.
import { Normal, Philox } from '../../../assembly/random';

export { randomNormal, randomUniform, shuffle } from '../../../assembly/random';

export function philox(out: usize, c0: u32, c1: u32, c2: u32, c3: u32, k0: u32, k1: u32): void {
  v128.store(out, Philox.block(c0, c1, c2, c3, k0, k1));
}

export function quantile(p: f64): f64 {
  return Normal.quantile(p);
}
