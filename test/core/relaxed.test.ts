import { describe, expect, test, vi } from 'vitest';
import * as abi from '../../src/core/abi.ts';
import { createCore } from '../../src/core/create.ts';
import { adam, dense, Network, type NetworkSpec } from '../../src/index.ts';
import { Bench, KINDS, numbers, type Operands, place, type Product, rightOf } from './product.ts';
import { hasRelaxedCore } from './relaxed.ts';

const spec: NetworkSpec = {
  input: 20,
  layers: [dense(33, 'tanh'), dense(17, 'relu'), dense(5, 'softmax')],
  loss: 'crossEntropy',
  seed: 3,
};

/** 256 examples of 5 classes, some features of which say which. */
function examples() {
  const next = numbers(1);
  const y = Array.from({ length: 256 }, (_, i) => i % 5);
  return { x: y.map((label) => Array.from({ length: 20 }, (_, j) => next() + +(j === label))), y };
}

/** |got − exact| ≤ (inner + 1) · 2⁻²⁴ · (|start| + Σ |a||b|), and 2 % for the terms of second order. */
function expectWithinBound(
  bench: Bench,
  product: Product,
  { a, b, start, out }: Operands,
  i: number,
  j: number,
): void {
  const { kind, inner } = product;
  let exact = bench.at(start, 0, j);
  let magnitude = Math.abs(exact);
  for (let k = 0; k < inner; k++) {
    const left = kind === abi.MATMUL_TN ? bench.at(a, k, i) : bench.at(a, i, k);
    const right = rightOf(bench, product, b, k, j);
    exact += left * right;
    magnitude += Math.abs(left * right);
  }
  const bound = 1.02 * (inner + 1) * 2 ** -24 * magnitude;
  const error = Math.abs(bench.at(out, i, j) - exact);
  if (!(error <= bound)) expect.fail(`[${i}, ${j}]: the error is ${error}, more than ${bound}`);
}

describe.runIf(hasRelaxedCore())('the relaxed core', () => {
  describe.each(Object.entries(KINDS))('%s', (_, kind) => {
    test.each([
      [1, 70, 513],
      [10, 30, 784],
      [6, 8, 300],
      [155, 68, 300],
      [33, 130, 257],
    ])('%i × %i, inner %i: no error is beyond its bound', (rows, columns, inner) => {
      const bench = new Bench(createCore('relaxed'));
      const product = { kind, rows, columns, inner, biased: true };
      const operands = place(bench, product);
      bench.multiply(product, operands);
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) expectWithinBound(bench, product, operands, i, j);
      }
    });
  });

  test('starts from the same parameters as simd and trains to nearly the same', () => {
    const [simd, relaxed] = (['simd', 'relaxed'] as const).map((core) => {
      const network = new Network(spec, { core });
      expect(network.core).toBe(core);
      const start = network.hash();
      network.fitSync(examples(), { epochs: 5, batchSize: 16, optimizer: adam() });
      const parameters = network.parameters.flatMap((parameter) => [...parameter.get()]);
      return { start, parameters };
    });
    expect(relaxed.start).toBe(simd.start);
    const largest = Math.max(...simd.parameters.map((p, i) => Math.abs(p - relaxed.parameters[i])));
    // 80 steps of at most 0.001: an error of 2⁻²⁴ in a gradient may turn the sign of a step where the gradient is nearly zero.
    expect(largest).toBeLessThan(0.01);
    expect(largest).toBeGreaterThan(0);
  });
});

test('an engine without relaxed SIMD is told so, with a way out', async () => {
  vi.spyOn(WebAssembly, 'validate').mockReturnValue(false);
  vi.resetModules();
  const { Network } = await import('../../src/index.ts');
  expect(() => new Network(spec, { core: 'relaxed' })).toThrow(RangeError);
  expect(() => new Network(spec, { core: 'relaxed' })).toThrow(/^core 'relaxed' needs .*'simd'$/);
  vi.restoreAllMocks();
});
