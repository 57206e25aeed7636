import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adam, dense, momentum, Network, NetworkError, sgd } from '../src/index.ts';
import type { NetworkSpec, Optimizer, StepOptions } from '../src/index.ts';
import { expectClose } from './reference/compare.ts';
import { CORES } from './reference/library.ts';
import { clip, norm } from './reference/regularisation.ts';

/** One linear output far above its target: the derivative of the absolute error is x itself, for W, and 1 for b. */
function makeNetwork(core: 'js' | 'simd', inputs: number, bias = true): Network {
  const layers = [dense(1, 'linear', { bias, init: 'zeros' })];
  return new Network({ input: inputs, layers, loss: 'meanAbsoluteError', seed: 1 }, { core });
}

/** The gradient that a step of plain gradient descent with η = 1 has applied. */
function appliedGradient(core: 'js' | 'simd', x: number[], options: StepOptions): number[] {
  using net = makeNetwork(core, x.length);
  net.trainBatch([x], [[-1e9]], { optimizer: sgd({ learningRate: 1 }), ...options });
  return net.parameters.flatMap((parameter) => [...parameter.get()].map((p) => -p));
}

const vectors = fc.array(fc.float({ min: -100, max: 100, noNaN: true }), {
  minLength: 1,
  maxLength: 40,
});
const limits = fc.float({ min: Math.fround(0.01), max: 200, noNaN: true });

describe.each(CORES)('clipping, core %s', (core) => {
  it('clipNorm keeps the direction and bounds the length over all parameters together', () => {
    const property = fc.property(vectors, limits, (x, limit) => {
      const whole = [...x, 1];
      const applied = appliedGradient(core, x, { clipNorm: limit });
      expect(norm(applied)).toBeLessThanOrEqual(limit * (1 + 1e-6));
      expectClose(applied, clip(whole, { norm: limit }), 1e-6 * limit, 'gradient');
      if (norm(whole) <= limit) expect(applied).toEqual(whole.map((g) => g + 0));
    });
    fc.assert(property, { seed: 1, numRuns: 200 });
  });

  it('clipValue bounds each derivative alone, before clipNorm', () => {
    const property = fc.property(vectors, limits, limits, (x, value, length) => {
      const applied = appliedGradient(core, x, { clipValue: value, clipNorm: length });
      const expected = clip([...x, 1], { value, norm: length });
      expectClose(applied, expected, 1e-6 * value, 'gradient');
    });
    fc.assert(property, { seed: 1, numRuns: 200 });
  });

  it('comes after the penalty: what is applied is never longer than clipNorm', () => {
    using net = makeNetwork(core, 2);
    net.parameters[0]!.set([30, -40]);
    const optimizer = sgd({ learningRate: 1 });
    net.trainBatch([[0, 0]], [[-1e9]], { optimizer, l2: 10, clipNorm: 5 });
    // dC/dW = 10 W = (300, −400), dC/db = 1: of length 500, so a hundredth of it is applied.
    expectClose(net.parameters[0]!.get(), [27, -36], 1e-4, 'W');
    expectClose(net.parameters[1]!.get(), [-0.01], 1e-6, 'b');
  });

  it('applies a gradient whose square is beyond f32', () => {
    const applied = appliedGradient(core, [3e30, -4e30], { clipNorm: 1 });
    expectClose(applied, [0.6, -0.8, 0], 1e-6, 'gradient');
  });
});

const optimizers: Optimizer[] = [sgd({ learningRate: 1 }), momentum(), adam()];

describe.each(CORES)('a gradient that is not finite, core %s', (core) => {
  const spec: NetworkSpec = {
    input: 2,
    layers: [dense(2, 'linear'), dense(1, 'linear')],
    loss: 'meanAbsoluteError',
    seed: 1,
  };
  const data = { x: [[1e30, 1]], y: [[0]] };
  const fine = { x: [[1, 1]], y: [[0]] };

  /** The cost is finite, about 1e36, but δ of the lower layer is 1e10 and its derivative 1e40. */
  function steep(): Network {
    const net = new Network(spec, { core });
    net.parameters[0]!.set([1e-4, 0, 0, 0]);
    net.parameters[2]!.set([1e10, 1e10]);
    return net;
  }

  it.each(optimizers)('never reaches a parameter: $kind', (optimizer) => {
    for (const rest of [{}, { l2: 0.1 }, { clipNorm: 1 }, { clipValue: 1 }]) {
      const step = { optimizer, ...rest };
      using net = steep();
      const before = net.hash();
      const failure = expect.objectContaining({ code: 'DIVERGED' });
      expect(() => net.trainBatch(data.x, data.y, step)).toThrow(failure);
      expect(() => net.trainBatch(data.x, data.y, step)).toThrow(/^a gradient is no longer/);
      expect(() => net.fitSync(data, { epochs: 1, ...step })).toThrow(/a gradient .* in epoch 1/);
      expect(net.hash()).toBe(before);
    }
  });

  it.each(optimizers)(
    'is found in the midst of a run, which leaves its last step: $kind',
    (optimizer) => {
      using net = new Network(spec, { core });
      net.parameters[2]!.set([1, 1e10]);
      using twin = new Network(spec, { core });
      twin.parameters[2]!.set([1, 1e10]);
      const x = [...fine.x, ...fine.x, [1e12, 1]];
      const y = [...fine.y, ...fine.y, ...data.y];
      const options = { epochs: 1, batchSize: 1, shuffle: false, optimizer };
      let batch = 0;
      try {
        net.fitSync({ x, y }, options);
      } catch (error) {
        batch = Number(/a gradient .* batch (\d)/.exec(String(error))?.[1]);
      }
      // Plain gradient descent, which has no gradients to look at, goes by the largest x of the whole data set.
      expect(batch).toBe(optimizer.kind === 'sgd' ? 1 : 3);
      const before = batch - 1;
      if (before > 0) twin.fitSync({ x: x.slice(0, before), y: y.slice(0, before) }, options);
      expect(net.hash()).toBe(twin.hash());
    },
  );

  it('is told from a cost that is not finite', () => {
    using net = new Network({ ...spec, loss: 'squaredError' }, { core });
    expect(() => net.trainBatch([[3e30, 3e30]], [[0]])).toThrow(/^the cost is no longer/);
    expect(() => net.trainBatch([[3e30, 3e30]], [[0]])).toThrow(NetworkError);
  });

  it('does not stop a step whose large gradients are finite', () => {
    using net = new Network({ ...spec, layers: [dense(1)] }, { core });
    net.trainBatch([[1e17, 1]], [[0]], { optimizer: sgd({ learningRate: 1e-3 }) });
    expect(net.parameters[0]!.get().every(Number.isFinite)).toBe(true);
    expect(() =>
      net.trainBatch([[1e17, 1]], [[0]], { optimizer: sgd({ learningRate: 1e3 }) }),
    ).toThrow(/a gradient/);
  });
});

it.each(CORES)(
  'the norm is over all that is trained, also around a frozen layer, core %s',
  (core) => {
    const spec: NetworkSpec = {
      input: 1,
      layers: [
        dense(1, 'linear', { bias: false }),
        dense(1, 'linear', { bias: false, trainable: false }),
        dense(1, 'linear', { bias: false }),
      ],
      loss: 'meanAbsoluteError',
      seed: 1,
    };
    using net = new Network(spec, { core });
    [3, 1, 4].forEach((w, i) => net.parameters[i]!.set([w]));
    // dC/dW is 4 · 1 · x below and 3 · x above: of length 5 for x = 1, so a fifth of it is applied.
    net.trainBatch([[1]], [[-1e6]], { optimizer: sgd({ learningRate: 1 }), clipNorm: 1 });
    const applied = net.parameters.map(({ get }, i) => [3, 1, 4][i]! - get()[0]!);
    expectClose(applied, [0.8, 0, 0.6], 1e-6, 'step');
  },
);
