import { describe, expect, it } from 'vitest';
import { adam, adamw, dense, dropout, momentum, Network, sgd } from '../src/index.ts';
import type { Optimizer, StepOptions } from '../src/index.ts';
import { expectClose, largest } from './reference/compare.ts';
import { CORES, namedParameters, networkOf } from './reference/library.ts';
import { flatten, forward, withParameters } from './reference/network.ts';
import type { ReferenceNetwork } from './reference/network.ts';
import { randomMatrix, randomOneHot, randomSource } from './reference/random.ts';
import { penaltyCost } from './reference/regularisation.ts';

// The reported cost is the function whose gradient is applied: with penalties, weights of examples, and in every combination.

const random = randomSource(4);
const BATCH = 5;
const network: ReferenceNetwork = {
  layers: [
    { W: randomMatrix(random, 4, 3), b: randomMatrix(random, 1, 4)[0]!, activation: 'tanh' },
    { W: randomMatrix(random, 3, 4), b: randomMatrix(random, 1, 3)[0]!, activation: 'softmax' },
  ],
  loss: 'crossEntropy',
};
const x = randomMatrix(random, BATCH, 3);
const y = randomOneHot(random, BATCH, 3);
const SAMPLE_WEIGHTS = [0, 0.5, 1, 2, 3.25];

/** C in double precision. */
function costOf(
  net: ReferenceNetwork,
  { l1 = 0, l2 = 0, regularizeBiases = false }: StepOptions,
  weights: readonly number[] = x.map(() => 1),
): number {
  const { exampleCost } = forward(net, x, y);
  const loss = exampleCost.reduce((sum, cost, i) => sum + weights[i]! * cost, 0) / BATCH;
  return loss + penaltyCost(net, { l1, l2, biases: regularizeBiases });
}

/** Central differences of a cost. */
function differences(cost: (net: ReferenceNetwork) => number): number[] {
  const parameters = flatten(network.layers);
  const at = (i: number, shift: number): number =>
    cost(withParameters(network, parameters.with(i, parameters[i]! + shift)));
  return parameters.map((_, i) => (at(i, 1e-5) - at(i, -1e-5)) / 2e-5);
}

const penalties: StepOptions[] = [
  {},
  { l2: 0.3 },
  { l1: 0.2 },
  { l1: 0.2, l2: 0.3 },
  { l1: 0.2, l2: 0.3, regularizeBiases: true },
];
const combinations = penalties.flatMap((penalty) =>
  [undefined, SAMPLE_WEIGHTS].map((sampleWeights) => ({
    title: JSON.stringify({ ...penalty, weighted: sampleWeights !== undefined }),
    penalty,
    data: sampleWeights && { sampleWeights },
  })),
);

describe.each(CORES)('core %s', (core) => {
  describe.each(combinations)('$title', ({ penalty, data }) => {
    const truth = costOf(network, penalty, data?.sampleWeights);
    const flat = differences((net) => costOf(net, penalty, data?.sampleWeights));
    const derivatives = namedParameters(withParameters(network, flat).layers);
    const limit = 5e-6 * Math.max(1, largest(flat));

    it('gradients() differentiates the cost it reports', () => {
      using net = networkOf(network, core);
      const { cost, gradients } = net.gradients(x, y, { ...penalty, ...data });
      expectClose([cost], [truth], 1e-5, 'cost');
      for (const [name, values] of Object.entries(derivatives)) {
        expectClose(gradients[name]!, values, limit, name);
      }
    });

    it.each([sgd({ learningRate: 0.5 }), momentum({ learningRate: 0.5 })])(
      'a step of $kind goes along it, one by one and in fit',
      (optimizer) => {
        using net = networkOf(network, core);
        expectClose(
          [net.trainBatch(x, y, { optimizer, ...penalty, ...data })],
          [truth],
          1e-5,
          'cost',
        );
        using fitted = networkOf(network, core);
        const { reports } = fitted.fitSync(
          { x, y, ...data },
          { epochs: 1, batchSize: 'all', shuffle: false, optimizer, ...penalty },
        );
        expectClose([reports[0]!.cost], [truth], 1e-5, 'reported cost');
        const before = namedParameters(network.layers);
        for (const { name, get } of net.parameters) {
          const after = before[name]!.map((p, i) => p - 0.5 * derivatives[name]![i]!);
          expectClose(get(), after, limit, name);
        }
        expect(fitted.hash()).toBe(net.hash());
      },
    );

    it('evaluate() reports the loss alone, weighted', () => {
      using net = networkOf(network, core);
      const { loss } = net.evaluate({ x, y, ...data });
      expectClose([loss], [costOf(network, {}, data?.sampleWeights)], 1e-5, 'loss');
    });
  });

  it('the mean of the reported costs is over examples, a shorter last batch included', () => {
    using net = networkOf(network, core);
    const options = { l2: 0.3, optimizer: sgd({ learningRate: 1e-6 }) };
    const { reports } = net.fitSync({ x, y }, { epochs: 1, batchSize: 2, ...options });
    expectClose([reports[0]!.cost], [costOf(network, options)], 1e-4, 'cost');
  });

  it('a penalty does not change what gradients() during a run leaves behind', async () => {
    const options = { epochs: 3, batchSize: 2, l2: 0.3, l1: 0.1, optimizer: adam() };
    using undisturbed = networkOf(network, core);
    undisturbed.fitSync({ x, y }, options);
    using watched = networkOf(network, core);
    for await (const _ of watched.fit({ x, y }, options)) {
      watched.gradients(x, y, { l2: 7, sampleWeights: SAMPLE_WEIGHTS });
    }
    expect(watched.hash()).toBe(undisturbed.hash());
  });
});

describe.each(CORES)('frozen layers, core %s', (core) => {
  const layers = (frozen: readonly boolean[]) => [
    dense(5, 'tanh', { trainable: !frozen[0] }),
    dropout(0),
    dense(4, 'tanh', { trainable: !frozen[1] }),
    dense(3, 'softmax', { trainable: !frozen[2] }),
  ];
  const make = (frozen: readonly boolean[]): Network =>
    new Network({ input: 3, layers: layers(frozen), loss: 'crossEntropy', seed: 3 }, { core });
  const values = (net: Network): Map<string, string> =>
    new Map(net.parameters.map(({ name, get }) => [name, get().join()]));
  const optimizers: Optimizer[] = [
    sgd({ learningRate: 0.1 }),
    momentum({ learningRate: 0.1 }),
    adamw({ weightDecay: 0.5 }),
  ];
  const penalty: StepOptions = { l2: 0.1, l1: 0.1, regularizeBiases: true };

  it.each([
    [[true, false, false]],
    [[false, true, false]],
    [[false, false, true]],
    [[true, true, false]],
    [[true, false, true]],
  ])('%j: they stay what they are, and no other moves differently in one step', (frozen) => {
    for (const optimizer of optimizers) {
      for (const rest of [{}, penalty]) {
        const step = { optimizer, ...rest };
        using free = make([false, false, false]);
        using net = make(frozen);
        const before = values(net);
        net.trainBatch(x, y, step);
        free.trainBatch(x, y, step);
        const [after, expected] = [values(net), values(free)];
        for (const name of before.keys()) {
          const layer = [0, 2, 3].indexOf(Number(name.split('.')[1]));
          const truth = frozen[layer] ? before : expected;
          expect(after.get(name), `${optimizer.kind}, ${name}`).toBe(truth.get(name));
        }
      }
    }
  });

  it.each(optimizers)('%j: fit with penalty and clipping leaves them alone', (optimizer) => {
    using net = make([true, false, true]);
    const before = values(net);
    net.fitSync({ x, y }, { epochs: 3, batchSize: 2, optimizer, ...penalty, clipNorm: 1 });
    for (const [name, value] of values(net)) {
      expect(value === before.get(name), name).toBe(!name.startsWith('layers.2'));
    }
  });

  it('have no gradient, and nothing is carried back below the lowest layer that learns', () => {
    using net = make([true, true, false]);
    expect(Object.keys(net.gradients(x, y).gradients)).toEqual(['layers.3.W', 'layers.3.b']);
    expect(net.program()).not.toContain('∂C/∂layers.2.a');
    using all = make([false, false, false]);
    expect(all.program()).toContain('∂C/∂layers.2.a');
    expect(net.trace(x, y).layers).toHaveLength(3);
  });

  it('that are all of them cannot be trained, only used', () => {
    using net = make([true, true, true]);
    expect(net.predict(x)).toHaveLength(3 * BATCH);
    expect(net.gradients(x, y).gradients).toEqual({});
    expect(() => net.trainBatch(x, y)).toThrow(/every layer is frozen/);
    expect(() => net.fitSync({ x, y }, { epochs: 1 })).toThrow(RangeError);
  });
});
