import { describe, expect, it } from 'vitest';
import { dense, dropout, Network, rnn, sgd } from '../src/index.ts';
import type { LayerSpec, NetworkSpec } from '../src/index.ts';
import { CORES } from './reference/library.ts';
import { expectClose } from './reference/compare.ts';

const UNITS = 400;
const ONES = Array.from({ length: UNITS }, () => 1);
const optimizer = sgd({ learningRate: 1 });

/** A network whose first weights' gradient shows the mask of each element: x is 1 and so is every derivative behind. */
function maskedNetwork(core: 'js' | 'simd', rate: number, seed = 1, below: LayerSpec[] = []) {
  const layers = [...below, dropout(rate), dense(1, 'linear', { bias: false, init: 'zeros' })];
  return new Network({ input: UNITS, layers, loss: 'meanAbsoluteError', seed }, { core });
}

/** 0 where an input was dropped and 1/(1 − rate) where it was kept, in the next step. */
function nextMask(net: Network): number[] {
  const weights = net.parameters.at(-1)!;
  weights.set(new Float32Array(UNITS));
  net.trainBatch([ONES], [[-1e6]], { optimizer });
  return [...weights.get()].map((w) => -w);
}

describe.each(CORES)('dropout, core %s', (core) => {
  it.each([0.1, 0.5, 0.8])('keeps about 1 − %d and scales it to the same mean', (rate) => {
    using net = maskedNetwork(core, rate);
    const masks = Array.from({ length: 25 }, () => nextMask(net)).flat();
    const kept = masks.filter((m) => m !== 0);
    expect(new Set(kept)).toEqual(new Set([Math.fround(1 / (1 - rate))]));
    // Five standard deviations of a binomial distribution.
    const deviation = Math.sqrt((rate * (1 - rate)) / masks.length);
    expect(Math.abs(kept.length / masks.length - (1 - rate))).toBeLessThan(5 * deviation);
  });

  it('draws masks that are independent of each other, and of neighbours', () => {
    using net = maskedNetwork(core, 0.5);
    const masks = Array.from({ length: 40 }, () => nextMask(net).map((m) => Math.sign(m - 1)));
    const correlation = (a: number[], b: number[]): number =>
      a.reduce((sum, ai, i) => sum + ai * b[i]!, 0) / a.length;
    const bound = 5 / Math.sqrt(UNITS);
    for (const [step, mask] of masks.entries()) {
      for (const other of masks.slice(step + 1)) {
        expect(Math.abs(correlation(mask, other))).toBeLessThan(bound);
      }
      for (const distance of [1, 2, 4]) {
        expect(Math.abs(correlation(mask.slice(distance), mask))).toBeLessThan(bound);
      }
    }
  });

  it('draws other masks with another seed and in another layer', () => {
    using one = maskedNetwork(core, 0.5, 1);
    using again = maskedNetwork(core, 0.5, 1);
    using two = maskedNetwork(core, 0.5, 2);
    using higher = maskedNetwork(core, 0.5, 1, [dropout(0)]);
    const mask = nextMask(one);
    expect(nextMask(again)).toEqual(mask);
    expect(nextMask(two)).not.toEqual(mask);
    expect(nextMask(higher)).not.toEqual(mask);
  });

  it('gives each example of a batch a mask of its own', () => {
    using net = new Network(
      { input: UNITS, layers: [dropout(0.5), dense(2, 'softmax')], loss: 'crossEntropy', seed: 1 },
      { core },
    );
    const W = net.parameters[0]!;
    W.set(new Float32Array(2 * UNITS));
    net.trainBatch([ONES, ONES], [0, 1], { optimizer });
    // With equal masks the two gradients would cancel.
    const changed = [...W.get().subarray(0, UNITS)].filter((w) => w !== 0).length;
    expect(changed).toBeGreaterThan(UNITS / 3);
    expect(changed).toBeLessThan((2 * UNITS) / 3);
  });

  it('uses the mask of the forward pass in the backward pass', () => {
    const spec: NetworkSpec = {
      input: 1,
      layers: [
        dense(UNITS, 'linear', { bias: false, init: { W: ONES } }),
        dropout(0.5),
        dense(1, 'linear', { bias: false, init: { W: ONES } }),
      ],
      loss: 'meanAbsoluteError',
      seed: 1,
    };
    using net = new Network(spec, { core });
    net.trainBatch([[1]], [[-1e6]], { optimizer });
    // dC/dW of the upper layer is the dropped activation, that of the lower one the dropped weight: both are the mask.
    const [lower, upper] = net.parameters.map((parameter) => [...parameter.get()]);
    expect(lower).toEqual(upper);
    expect(new Set(upper)).toEqual(new Set([1, -1]));
  });
});

describe.each(CORES)('the cost with dropout, core %s', (core) => {
  const spec: NetworkSpec = {
    input: 3,
    layers: [dropout(0.2), dense(4, 'tanh'), dropout(0.5), dense(2, 'softmax')],
    loss: 'crossEntropy',
    seed: 4,
  };
  const x = [
    [0.5, -1, 0.25],
    [1, 0.75, -0.5],
    [-0.25, 0.5, 1],
  ];
  const y = [0, 1, 1];

  /** The first step of a network with these parameters: always under the same masks. */
  function firstStep(values?: Float32Array[]): {
    cost: number;
    before: Float32Array[];
    net: Network;
  } {
    const net = new Network(spec, { core });
    values?.forEach((value, i) => net.parameters[i]!.set(value));
    const before = net.parameters.map(({ get }) => get());
    return { cost: net.trainBatch(x, y, { optimizer }), before, net };
  }

  it('is the function whose gradient is applied', () => {
    const { before, net } = firstStep();
    net.parameters.forEach(({ name, get }, i) => {
      const applied = get().map((p, j) => before[i]![j]! - p);
      const differences = before[i]!.map((_, j) => {
        const at = (shift: number): number => {
          const moved = before.map((values) => values.slice());
          moved[i]![j]! += shift;
          return firstStep(moved).cost;
        };
        return (at(2 ** -6) - at(-(2 ** -6))) / 2 ** -5;
      });
      // The cost is exact to 1e-7 or so, over 2 h = 1/32; h² f‴ is of the same size.
      expectClose(applied, differences, 2e-4, name);
      expect(applied.some((g) => g !== 0)).toBe(true);
    });
  });
});

it('between recurrent layers, with everything else, both cores give the same bits', () => {
  const hashes = CORES.map((core) => {
    using net = new Network(
      {
        input: { features: 3 },
        layers: [
          rnn(6, { returns: 'all' }),
          dropout(0.3),
          rnn(5, { trainable: false }),
          dropout(0.2),
          dense(2, 'softmax'),
        ],
        loss: 'crossEntropy',
        seed: 1,
      },
      { core },
    );
    const rows = Array.from({ length: 7 }, (_, i) =>
      Array.from({ length: 4 }, (_step, t) => [Math.sin(i + t), Math.cos(i * t), i / 7]),
    );
    const frozen = net.parameters.filter(({ name }) => name.startsWith('layers.2'));
    const before = frozen.map(({ get }) => get());
    net.fitSync(
      { x: rows, y: [0, 1, 0, 1, 0, 1, 0], lengths: [4, 3, 2, 4, 4, 1, 2] },
      { epochs: 3, batchSize: 3, l2: 0.1, clipNorm: 0.5, classWeights: 'balanced' },
    );
    expect(frozen.map(({ get }) => get())).toEqual(before);
    return net.hash();
  });
  expect(hashes[0]).toBe(hashes[1]);
});

const plain: NetworkSpec = {
  input: 3,
  layers: [dense(8, 'tanh'), dense(2, 'softmax')],
  loss: 'crossEntropy',
  seed: 5,
};
const dropped = (rate: number): NetworkSpec => ({
  ...plain,
  layers: [dense(8, 'tanh'), dense(2, 'softmax')].toSpliced(1, 0, dropout(rate) as never),
});
const x = Array.from({ length: 9 }, (_, i) => [Math.sin(i), Math.cos(i), i / 9]);
const y = x.map((_, i) => i % 2);
const options = { epochs: 4, batchSize: 2, optimizer };

describe('a network with dropout', () => {
  it('has the starting weights and the shuffles of one without', () => {
    using without = new Network(plain);
    using none = new Network(dropped(0));
    using half = new Network(dropped(0.5));
    expect(half.hash()).toBe(without.hash());
    expect(none.fitSync({ x, y }, options).reports.map(({ cost }) => cost)).toEqual(
      without.fitSync({ x, y }, options).reports.map(({ cost }) => cost),
    );
    half.fitSync({ x, y }, options);
    expect(none.hash()).toBe(without.hash());
    expect(half.hash()).not.toBe(without.hash());
  });

  it('is not random outside training', () => {
    using net = new Network(dropped(0.5));
    using twin = new Network(plain);
    net.parameters.forEach(({ get }, i) => twin.parameters[i]!.set(get()));
    expect(net.predict(x)).toEqual(twin.predict(x));
    expect(net.evaluate({ x, y })).toEqual(twin.evaluate({ x, y }));
    expect(Object.values(net.gradients(x, y).gradients)).toEqual(
      Object.values(twin.gradients(x, y).gradients),
    );
    expect(net.program()).toContain('mask of layer 1');
    expect(net.trace(x, y).layers.map(({ path }) => path)).toEqual(['layers.0', 'layers.2']);
  });

  it('learns the same in one run and in two, on both cores, looked at or not', async () => {
    const hashes = await Promise.all(
      CORES.flatMap((core) =>
        [false, true].map(async (interrupted) => {
          using net = new Network(dropped(0.3), { core });
          if (!interrupted) net.fitSync({ x, y }, options);
          for (let run = 0; interrupted && run < 2; run++) {
            for await (const _ of net.fit({ x, y }, { ...options, epochs: 2 })) {
              net.predict(x);
              net.gradients(x, y);
            }
          }
          return net.hash();
        }),
      ),
    );
    expect(new Set(hashes).size).toBe(1);
  });

  it('may drop inputs, sparse or not', () => {
    const spec: NetworkSpec = { ...plain, layers: [dropout(0.5), dense(2, 'softmax')] };
    const sparse = x.map((row, i) => (i % 4 === 0 ? row : [0, 0, 0]));
    const hashes = [
      sparse,
      sparse.map((row) => row.map((cell) => (cell === 0 ? 1e-40 : cell))),
    ].map((rows) => {
      using net = new Network(spec);
      net.fitSync({ x: rows, y }, options);
      return net.parameters[0]!.get();
    });
    expectClose(hashes[0]!, hashes[1]!, 1e-5, 'W');
  });

  it.each([
    [[dense(2, 'softmax'), dropout(0.5)], /layers\[1\]: dropout cannot be the output layer/],
    [[dropout(1), dense(2, 'softmax')], /layers\[0\]\.rate: expected a number below 1, got 1/],
    [[dropout(-0.1), dense(2, 'softmax')], /layers\[0\]\.rate.*≥ 0/],
    [[dropout(NaN), dense(2, 'softmax')], /layers\[0\]\.rate/],
    [[{ kind: 'dropout', rate: 0.5, seed: 1 }, dense(2)], /layers\[0\]: unknown option 'seed'/],
    [[dropout('0.5' as never), dense(2)], /layers\[0\]\.rate: expected a number, got "0.5"/],
  ])('is refused where it makes no sense: %j', (layers, message) => {
    expect(() => new Network({ ...plain, layers: layers as LayerSpec[] })).toThrow(message);
  });
});
