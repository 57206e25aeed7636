import { describe, expect, it } from 'vitest';
import {
  Network,
  adam,
  bidirectional,
  dense,
  embedding,
  gru,
  lstm,
  rnn,
  sgd,
} from '../../src/index.ts';
import type { LayerSpec, NetworkSpec } from '../../src/index.ts';
import { expectClose } from '../reference/compare.ts';
import { CORES } from '../reference/library.ts';
import { randomMatrix, randomSource } from '../reference/random.ts';

// What is made of recurrent layers: tokens are one-hot rows, two directions are two networks, windows are carried states.

const LENGTHS = [3, 5, 1, 4];
const random = randomSource(8);
const labels = LENGTHS.map(() => Math.floor(random() * 3));

/** The second adds its updates where the parameters are. */
const optimizers = [adam({ learningRate: 0.01 }), sgd({ learningRate: 0.01 })];

const hashesAfter = (network: Network, data: Parameters<Network['fitSync']>[0]): string[] =>
  optimizers.map((optimizer) => {
    network.fitSync(data, { epochs: 3, batchSize: 2, optimizer });
    return network.hash();
  });

describe.each(CORES)('tokens, core %s', (core) => {
  const VOCABULARY = 6;
  const tokens = LENGTHS.map((length) =>
    Array.from({ length }, () => Math.floor(random() * VOCABULARY)),
  );
  const oneHot = tokens.map((sequence) =>
    sequence.map((token) => Array.from({ length: VOCABULARY }, (_, j) => Number(j === token))),
  );

  it.each([
    ['rnn', [rnn(5)]],
    ['lstm', [lstm(5)]],
    ['gru', [gru(5)]],
    ['dense', [dense(4, 'tanh'), gru(5)]],
    ['bidirectional', [bidirectional(rnn(3))]],
  ] as [string, LayerSpec[]][])(
    '%s takes them as one-hot rows, with the same bits',
    (_, layers) => {
      const rest = {
        layers: [...layers, dense(3, 'softmax')],
        loss: 'crossEntropy',
        seed: 5,
      } as const;
      using taken = new Network({ input: { vocabulary: VOCABULARY }, ...rest }, { core });
      using made = new Network({ input: { features: VOCABULARY }, ...rest }, { core });
      expect(taken.predict(tokens)).toEqual(made.predict(oneHot));
      expect(taken.gradients(tokens, labels)).toEqual(made.gradients(oneHot, labels));
      expect(hashesAfter(taken, { x: tokens, y: labels })).toEqual(
        hashesAfter(made, { x: oneHot, y: labels }),
      );
    },
  );

  it('an embedding is a dense layer of one-hot rows', () => {
    const top = [lstm(4), dense(3, 'softmax')];
    const rest = { loss: 'crossEntropy', seed: 5 } as const;
    using embedded = new Network(
      { input: { vocabulary: VOCABULARY }, layers: [embedding(VOCABULARY, 3), ...top], ...rest },
      { core },
    );
    using made = new Network(
      {
        input: { features: VOCABULARY },
        layers: [dense(3, 'linear', { bias: false }), ...top],
        ...rest,
      },
      { core },
    );
    const [E, ...others] = embedded.parameters;
    expect(E!.shape).toEqual([VOCABULARY, 3]);
    const values = E!.get();
    const transposed = (from: Float32Array, rows: number): Float32Array =>
      from.map((_value, i) => from[(i % rows) * (from.length / rows) + Math.floor(i / rows)]!);
    made.parameters[0]!.set(transposed(values, VOCABULARY));
    others.forEach((parameter, i) => made.parameters[i + 1]!.set(parameter.get()));
    expect(embedded.predict(tokens)).toEqual(made.predict(oneHot));
    const [of, truth] = [embedded.gradients(tokens, labels), made.gradients(oneHot, labels)];
    expect(of.gradients['layers.0.E']).toEqual(transposed(truth.gradients['layers.0.W']!, 3));
    expect(of.gradients['layers.1.Wx']).toEqual(truth.gradients['layers.1.Wx']);
    E!.set(values.map((value) => value + 1));
    expect(E!.get()).toEqual(values.map((value) => value + 1));
  });
});

describe.each(CORES)('bidirectional, core %s', (core) => {
  const x = LENGTHS.map((length) => randomMatrix(random, length, 2));
  const reversed = x.map((rows) => rows.toReversed());

  it.each([
    ['rnn', (returns: 'all' | 'last') => rnn(3, { returns })],
    ['lstm', (returns: 'all' | 'last') => lstm(3, { returns })],
    ['gru', (returns: 'all' | 'last') => gru(3, { returns })],
  ] as const)('%s is one network forwards and one backwards', (_, layer) => {
    for (const returns of ['all', 'last'] as const) {
      const spec = (layers: LayerSpec[]): NetworkSpec => ({
        input: { features: 2 },
        layers,
        loss: 'squaredError',
        seed: 6,
      });
      using both = new Network(spec([bidirectional(layer(returns))]), { core });
      using forwards = new Network(spec([layer(returns)]), { core });
      using backwards = new Network(spec([layer(returns)]), { core });
      const count = both.parameters.length / 2;
      both.parameters.forEach(({ get }, i) => {
        (i < count ? forwards : backwards).parameters[i % count]!.set(get());
      });
      const outputs = both.predict(x);
      const [one, other] = [forwards.predict(x), backwards.predict(reversed)];
      LENGTHS.forEach((length, i) => {
        for (let t = 0; t < (returns === 'all' ? length : 1); t++) {
          const steps = returns === 'all' ? 5 : 1;
          const at = i * steps + t;
          const mirrored = returns === 'all' ? i * steps + length - 1 - t : at;
          const expected = [
            ...one.slice(at * 3, at * 3 + 3),
            ...other.slice(mirrored * 3, mirrored * 3 + 3),
          ];
          expect(Array.from(outputs.slice(at * 6, at * 6 + 6))).toEqual(expected);
        }
      });
    }
  });

  it('has the derivatives of its cost', () => {
    using network = new Network(
      {
        input: { features: 2 },
        layers: [
          bidirectional(gru(3, { returns: 'all' })),
          bidirectional(rnn(2)),
          dense(3, 'softmax'),
        ],
        loss: 'crossEntropy',
        seed: 6,
      },
      { core },
    );
    const { gradients } = network.gradients(x, labels);
    const costWith = (
      index: number,
      parameter: Network['parameters'][number],
      h: number,
    ): number => {
      const values = parameter.get();
      parameter.set(values.map((value, i) => (i === index ? value + h : value)));
      const { loss } = network.evaluate({ x, y: labels });
      parameter.set(values);
      return loss;
    };
    for (const parameter of network.parameters) {
      // In single precision: h² f‴ and rounding of the cost over h are both about 1e-4.
      const differences = Array.from(
        parameter.get(),
        (_value, i) => (costWith(i, parameter, 2e-2) - costWith(i, parameter, -2e-2)) / 4e-2,
      );
      expectClose([...gradients[parameter.name]!], differences, 5e-4, parameter.name);
    }
  });
});

describe.each(CORES)('truncated backpropagation, core %s', (core) => {
  const STEPS = 7;
  const x = Array.from({ length: 5 }, () => randomMatrix(random, STEPS, 2));
  const y = x.map((rows) => rows.map(() => Math.floor(random() * 3)));
  const lengths = [7, 3, 5, 7, 6];
  const spec: NetworkSpec = {
    input: { features: 2 },
    layers: [
      lstm(4, { returns: 'all' }),
      rnn(3, { returns: 'all' }),
      gru(3, { returns: 'all' }),
      dense(3, 'softmax'),
    ],
    loss: 'crossEntropy',
    seed: 9,
  };
  const optimizer = sgd({ learningRate: 0.5 });

  it('makes one update per window, from the states at the end of the window before', () => {
    using truncated = new Network(spec, { core });
    using byHand = new Network(spec, { core });
    truncated.fitSync({ x, y, lengths }, { epochs: 1, batchSize: 2, optimizer, truncate: 3 });
    for (const examples of [[0, 1], [2, 3], [4]]) {
      const stepper = (network: Network): ReturnType<Network['stepper']> =>
        network.stepper({ examples: 1 });
      let states = examples.map(
        (): ReturnType<Network['stepper']>['state'] | undefined => undefined,
      );
      for (let first = 0; first < STEPS; first += 3) {
        const valid = examples.filter((i) => lengths[i]! > first);
        // Where an example has ended, its rows are padding; leaving it out gives the same derivatives.
        if (valid.length === 0) continue;
        const window = (i: number): number => Math.min(lengths[i]!, first + 3);
        const initialState = Object.fromEntries(
          Object.entries({ 'layers.0': ['h', 'c'], 'layers.1': ['h'], 'layers.2': ['h'] }).map(
            ([layer, letters]) => [
              layer,
              Object.fromEntries(
                letters.map((letter) => [
                  letter,
                  valid.map((i) => {
                    const width = layer === 'layers.0' ? 4 : 3;
                    const known = states[examples.indexOf(i)]?.[layer]?.[letter];
                    return known ? [...known] : new Array<number>(width).fill(0);
                  }),
                ]),
              ),
            ],
          ),
        );
        // The states at the end of this window are those of the parameters before its update.
        const next = examples.map((i, at) => {
          if (!valid.includes(i)) return states[at];
          using one = stepper(byHand);
          if (states[at]) one.state = states[at];
          for (let t = first; t < window(i); t++) one.step(x[i]![t]!);
          return one.state;
        });
        byHand.trainBatch(
          { x: valid.map((i) => x[i]!.slice(first, window(i))), initialState },
          valid.map((i) => y[i]!.slice(first, window(i))),
          { optimizer },
        );
        states = next;
      }
    }
    byHand.parameters.forEach(({ name, get }, i) => {
      expectClose([...truncated.parameters[i]!.get()], [...get()], 1e-6, name);
    });
  });

  it('is the whole where a window is as long as the sequences', () => {
    using truncated = new Network(spec, { core });
    using whole = new Network(spec, { core });
    const common = { epochs: 3, batchSize: 2, optimizer };
    const { reports } = truncated.fitSync({ x, y, lengths }, { ...common, truncate: 7 });
    const history = whole.fitSync({ x, y, lengths }, { ...common, shuffle: false });
    expect(truncated.hash()).toBe(whole.hash());
    expect(reports.map(({ cost }) => cost)).toEqual(history.reports.map(({ cost }) => cost));
  });

  it('gives the same bits in one call and in many', async () => {
    using sync = new Network(spec, { core });
    using async = new Network(spec, { core });
    const options = { epochs: 4, batchSize: 2, optimizer, truncate: 2 } as const;
    sync.fitSync({ x, y }, options);
    for await (const { epoch } of async.fit({ x, y }, options)) expect(epoch).toBeGreaterThan(0);
    expect(async.hash()).toBe(sync.hash());
  });

  it('needs a cost per step, one direction, and the order of the steps', () => {
    using last = new Network({ ...spec, layers: [lstm(2), dense(3, 'softmax')] });
    const one = { epochs: 1, truncate: 2 };
    expect(() => last.fitSync({ x, y: [0, 1, 2, 0, 1] }, one)).toThrow(/no output per step/);
    const layers = [bidirectional(rnn(2, { returns: 'all' })), dense(3, 'softmax')];
    using both = new Network({ ...spec, layers });
    expect(() => both.fitSync({ x, y }, one)).toThrow(/layers\[0\] reads sequences from their end/);
    using network = new Network(spec);
    expect(() => network.fitSync({ x, y }, { ...one, shuffle: true })).toThrow(
      /shuffle: with truncate/,
    );
  });
});
