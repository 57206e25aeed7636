import { describe, expect, it } from 'vitest';
import { Network, adam, dense, momentum, nesterov, sgd } from '../src/index.ts';
import type { FlatValues } from '../src/index.ts';
import { compile } from '../src/plan/compile.ts';
import { isSparse } from '../src/plan/nonzeros.ts';
import { ParameterLayout } from '../src/plan/parameters.ts';
import { Tensor } from '../src/plan/tensor.ts';
import { resolveSpec } from '../src/nn/spec.ts';
import { resolveStep, stepPlan } from '../src/training/step.ts';
import { CORES } from './reference/library.ts';
import { randomSource } from './reference/random.ts';

// `fit` leaves out inputs that are zero where the data are mostly zero. `trainBatch` never does, so it is the truth here.

const INPUTS = 23;
const EXAMPLES = 11;
const spec = {
  input: INPUTS,
  layers: [dense(18, 'tanh'), dense(3, 'softmax')],
  loss: 'crossEntropy',
  seed: 3,
} as const;

/** One input in eight is not zero, one in three of those negative, and one zero in two is −0; one row and one column of zeros. */
function sparseData(): { x: Float32Array; y: number[] } {
  const random = randomSource(5);
  const x = Float32Array.from({ length: EXAMPLES * INPUTS }, (_, i) => {
    const [share, value] = [random(), random()];
    if (share < 1 / 8 && i >= INPUTS && i % INPUTS !== 7) return value - 1 / 3;
    return i % 2 === 0 ? 0 : -0;
  });
  return { x, y: Array.from({ length: EXAMPLES }, (_, i) => i % 3) };
}

function network(core: 'js' | 'simd'): Network {
  const net = new Network(spec, { core });
  const [W] = net.parameters;
  W!.set(W!.get().map((value, i) => (i % 5 === 0 ? -0 : value)));
  return net;
}

const OPTIMIZERS = { sgd, momentum, nesterov, adam };

describe.each(CORES)('core %s', (core) => {
  it.each(Object.keys(OPTIMIZERS) as (keyof typeof OPTIMIZERS)[])(
    'fit with nonzero products gives the bits of dense steps: %s',
    (rule) => {
      const { x, y } = sparseData();
      expect(isSparse(x, INPUTS), 'the data are sparse enough').toBe(true);
      for (const batchSize of [1, 4, EXAMPLES]) {
        const optimizer = OPTIMIZERS[rule]({ learningRate: 0.1 });
        const [fitted, stepped] = [network(core), network(core)];
        const { reports } = fitted.fitSync(
          { x, y },
          { epochs: 3, batchSize, optimizer, shuffle: false },
        );
        const costs = reports.map(() => {
          let cost = 0;
          for (let first = 0; first < EXAMPLES; first += batchSize) {
            const rows = Math.min(batchSize, EXAMPLES - first);
            const batch = x.subarray(first * INPUTS, (first + rows) * INPUTS);
            cost += rows * stepped.trainBatch(batch, y.slice(first, first + rows), { optimizer });
          }
          return cost / EXAMPLES;
        });
        const bits = (net: Network): Uint32Array[] =>
          net.parameters.map(({ get }) => new Uint32Array(get().buffer));
        expect(bits(fitted)).toEqual(bits(stepped));
        reports.forEach(({ cost }, epoch) => expect(cost).toBeCloseTo(costs[epoch]!, 12));
        fitted.dispose();
        stepped.dispose();
      }
    },
  );

  it('trains on data without a single nonzero', () => {
    const net = new Network(spec, { core });
    const before = net.parameters[0]!.get();
    const x = new Float32Array(4 * INPUTS);
    net.fitSync({ x, y: [0, 1, 1, 1] }, { epochs: 2, batchSize: 3, optimizer: sgd() });
    expect(net.parameters[0]!.get()).toEqual(before);
    expect(net.parameters[3]!.get().some((bias) => bias !== 0)).toBe(true);
    net.dispose();
  });

  it('reads every kind of numbers', () => {
    const bytes = Uint8Array.from(sparseData().x, (value) => (value === 0 ? 0 : 200));
    const trained = (x: FlatValues): string => {
      const net = new Network(spec, { core });
      net.fitSync({ x, y: sparseData().y }, { epochs: 2, batchSize: 4 });
      const hash = net.hash();
      net.dispose();
      return hash;
    };
    const expected = trained(Float32Array.from(bytes));
    expect(trained(bytes)).toBe(expected);
    expect(trained(Float64Array.from(bytes, (value) => (value === 0 ? 1e-300 : value)))).toBe(
      expected,
    );
  });
});

it('the listing of a program says where it visits nonzeros only', () => {
  const { model } = resolveSpec(spec);
  const layout = new ParameterLayout(model.layers.flatMap((layer) => layer.parameters));
  const source = {
    x: new Tensor('lists', EXAMPLES, 2),
    y: new Tensor('labels', 1, EXAMPLES),
    order: new Tensor('order', 1, EXAMPLES),
    labels: true,
  };
  const texts = (form: 'rows' | 'nonzeros'): string[] =>
    compile(model, layout, 4, {
      kind: 'train',
      step: stepPlan(resolveStep({ optimizer: adam() })),
      source: { ...source, form },
    }).builder.instructions.map(({ text }) => text);
  const remarks = [
    'x = the next rows of the data (lists of nonzeros), in the order of the epoch',
    'layers.0.z = x · layers.0.Wᵀ + layers.0.b, over the nonzero x',
    '∂C/∂layers.0.Wᵀ = xᵀ · layers.0.delta, over the nonzero x',
  ];
  expect(texts('nonzeros').filter((text) => text.includes('nonzero'))).toEqual(remarks);
  expect(texts('rows').filter((text) => text.includes('nonzero'))).toEqual([]);
});
