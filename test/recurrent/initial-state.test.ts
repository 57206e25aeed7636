import { describe, expect, it } from 'vitest';
import {
  adam,
  bidirectional,
  dense,
  gru,
  type LayerSpec,
  lstm,
  momentum,
  Network,
  type NetworkSpec,
  rnn,
  sgd,
} from '../../src/index.ts';
import { expectClose } from '../reference/compare.ts';
import { CORES } from '../reference/library.ts';
import { randomMatrix, randomSource } from '../reference/random.ts';
import { LEARNING_LAYERS } from './layers.ts';

// initialState: 'learned' makes where sequences start a parameter. The truth is the same network told with its data to start there, and
// differences of its cost.

const LENGTHS = [4, 1, 6, 3];
const random = randomSource(8);
const x = LENGTHS.map((length) => randomMatrix(random, length, 2));
const labels = LENGTHS.map(() => Math.floor(random() * 3));
const stepLabels = LENGTHS.map((length) => Array.from({ length }, () => Math.floor(random() * 3)));

const spec = (...layers: LayerSpec[]): NetworkSpec => ({
  input: { features: 2 },
  layers: [...layers, dense(3, 'softmax')],
  loss: 'crossEntropy',
  seed: 4,
});

/** The same layers without what is learned. */
function plain({ layers, ...rest }: NetworkSpec): NetworkSpec {
  const strip = (layer: LayerSpec): LayerSpec =>
    layer.kind === 'bidirectional'
      ? { ...layer, layer: strip(layer.layer) as typeof layer.layer }
      : layer.kind === 'rnn' || layer.kind === 'lstm' || layer.kind === 'gru'
        ? (({ initialState: _, init: __, ...others }) => others)(layer)
        : layer;
  return { ...rest, layers: layers.map(strip) };
}

/** A network that is told with its data where to start, with the weights of one that learned it. */
function told(network: Network, core: 'js' | 'simd') {
  const twin = new Network(plain(network.spec), { core });
  const states: Record<string, { h?: number[][]; c?: number[][] }> = {};
  const values = new Map(network.parameters.map(({ name, get }) => [name, get()]));
  for (const { name, set } of twin.parameters) set(values.get(name)!);
  for (const [name, start] of values) {
    const [, path, letter] = /^(.*)\.([hc])0$/.exec(name) ?? [];
    if (path === undefined) continue;
    (states[path] ??= {})[letter as 'h' | 'c'] = LENGTHS.map(() => [...start]);
  }
  return { twin, initialState: states };
}

const both = Object.entries(LEARNING_LAYERS).map(([, layer]) => bidirectional(layer(3, 'all') as never)); // prettier-ignore
const stacks: [string, NetworkSpec][] = [
  ...Object.entries(LEARNING_LAYERS).map(([name, layer]): [string, NetworkSpec] => [
    name,
    spec(layer(5, 'all'), layer(3, 'last')),
  ]),
  ['in both directions', spec(...both, lstm(4))],
];

const isStart = (name: string): boolean => /\.[hc]0$/.test(name);

describe.each(CORES)('core %s', (core) => {
  describe.each(stacks)('%s', (_, layers) => {
    it('is the network that is told where to start, bit for bit', () => {
      using network = new Network(layers, { core });
      const { twin, initialState } = told(network, core);
      expect(network.predict(x)).toEqual(twin.predict({ x, initialState }));
      const learned = network.gradients(x, labels);
      const given = twin.gradients({ x, initialState }, labels);
      expect(learned.cost).toBe(given.cost);
      for (const [name, gradient] of Object.entries(given.gradients)) {
        expect(learned.gradients[name], name).toEqual(gradient);
      }
      const evaluated = network.evaluate({ x, y: labels });
      expect(evaluated).toEqual(twin.evaluate({ x, y: labels, initialState }));
    });

    it('learns the gradient of the cost', () => {
      using network = new Network(layers, { core });
      const check = network.checkGradients(x, labels, { samples: 'all', optimizer: adam() });
      expect(check.ok, String(check)).toBe(true);
      const { gradients } = network.gradients(x, labels);
      const starts = Object.keys(gradients).filter(isStart);
      expect(starts.length).toBe(network.parameters.filter(({ name }) => isStart(name)).length);
      expect(starts.length).toBeGreaterThan(0);

      // Besides, by differences of the twin's own cost, which is in 32 bits.
      const { twin, initialState } = told(network, core);
      for (const name of starts) {
        const [path, letter] = [name.slice(0, -3), name.at(-2) as 'h' | 'c'];
        const cost = (unit: number, change: number): number => {
          const rows = initialState[path]![letter]!.map((row) =>
            row.map((value, j) => (j === unit ? value + change : value)),
          );
          const changed = { ...initialState, [path]: { ...initialState[path], [letter]: rows } };
          return twin.evaluate({ x, y: labels, initialState: changed }).loss;
        };
        const slopes = [...gradients[name]!].map(
          (_value, unit) => (cost(unit, 0.01) - cost(unit, -0.01)) / 0.02,
        );
        expectClose([...gradients[name]!], slopes, 1e-3, name);
      }
    });

    it('is itself when it was saved and loaded, and shows what it learns', () => {
      using network = new Network(layers, { core });
      network.fitSync({ x, y: labels }, { epochs: 2, optimizer: adam({ learningRate: 0.1 }) });
      for (const copy of [
        Network.load(network.save(), { core }),
        Network.fromJSON(JSON.stringify(network), { core }),
      ]) {
        expect(copy.hash()).toBe(network.hash());
        expect(copy.predict(x)).toEqual(network.predict(x));
      }
      expect(network.summary()).toContain('learned initial state');
      expect(network.summary()).toMatch(/h0 \[\d\]/);
      expect(network.program({ batchSize: 2, steps: 3 })).toMatch(
        /∂C\/∂layers\.0\.(forward\.)?h0 = Σ/,
      );
      const trace = network.trace(x, labels);
      const [first] = trace.layers;
      const { gradients } = network.gradients(x, labels);
      const { name, gradient } = first!.parameters['h0']!;
      expect(gradient.values).toEqual(gradients[name]);
      expect(String(trace)).toContain('to before the first step');
    });

    it('can be frozen', () => {
      const frozen = layers.layers.map((layer) =>
        layer.kind === 'bidirectional'
          ? { ...layer, layer: { ...layer.layer, trainable: false } }
          : layer.kind === 'dense'
            ? layer
            : { ...layer, trainable: false },
      ) as LayerSpec[];
      using network = new Network({ ...layers, layers: frozen }, { core });
      const before = network.parameters.map(({ get }) => get());
      network.fitSync({ x, y: labels }, { epochs: 1 });
      const moved = network.parameters.filter(
        ({ get }, index) => `${get()}` !== `${before[index]}`,
      );
      expect(moved.length).toBeGreaterThan(0);
      for (const { name } of moved) expect(name).not.toMatch(/h0|c0|Wh/);
    });
  });

  describe.each(Object.entries(LEARNING_LAYERS))('%s in windows', (_, layer) => {
    it.each([
      ['sgd', sgd({ learningRate: 0.3 })],
      ['momentum', momentum({ learningRate: 0.3, momentum: 0 })],
    ])('is changed by the first one alone: %s', (_name, optimizer) => {
      const layers = spec(layer(5, 'all'), layer(3, 'all'));
      const options = { epochs: 1, batchSize: 'all', optimizer, shuffle: false } as const;
      using whole = new Network(layers, { core });
      using first = new Network(layers, { core });
      whole.fitSync({ x, y: stepLabels }, { ...options, truncate: 2, shuffle: false });
      const begin = <T>(rows: T[][]): T[][] => rows.map((steps) => steps.slice(0, 2));
      first.fitSync({ x: begin(x), y: begin(stepLabels) }, options);
      for (const [index, { name, get }] of first.parameters.entries()) {
        const same = `${get()}` === `${whole.parameters[index]!.get()}`;
        expect(same, name).toBe(isStart(name));
      }
    });
  });

  it.each([
    ['sgd', sgd({ learningRate: 1e-3 })],
    ['adam', adam()],
  ])('is not changed by a gradient out of bounds: %s', (_name, optimizer) => {
    // Wh carries δ of the first step, which is small, back to 10³⁰ times as much.
    const init = { Wh: [1e30], Wx: [1], h0: [1e-30] };
    const layer = rnn(1, { activation: 'relu', initialState: 'learned', init });
    const layers = [layer, dense(1, 'linear', { init: { W: [1] } })];
    const loss = 'meanSquaredError';
    using network = new Network({ input: { features: 1 }, layers, loss, seed: 1 }, { core });
    const before = network.hash();
    expect(() =>
      network.fitSync({ x: [[[1]]], y: [[0]] }, { epochs: 1, warnings: false, optimizer }),
    ).toThrow(expect.objectContaining({ code: 'DIVERGED' }));
    expect(network.hash()).toBe(before);
  });

  it('steps from where it starts', () => {
    using network = new Network(
      spec(lstm(2, { initialState: 'learned', init: { h0: [1, 2], c0: [3, 4] } })),
      { core },
    );
    using stepper = network.stepper({ examples: 2 });
    const start = { h: new Float32Array([1, 2, 1, 2]), c: new Float32Array([3, 4, 3, 4]) };
    expect(stepper.state).toEqual({ 'layers.0': start });
    stepper.step(x.slice(0, 2).map((rows) => rows[0]!));
    expect(stepper.state['layers.0']!['h']).not.toEqual(start.h);
    stepper.reset();
    expect(stepper.state).toEqual({ 'layers.0': start });
    // It can be put into any state.
    stepper.state = { 'layers.0': { h: [[5, 6], [7, 8]] } }; // prettier-ignore
    expect([...stepper.state['layers.0']!['h']!]).toEqual([5, 6, 7, 8]);
  });

  it('starts some layers where the data say and others where they learned', () => {
    const layers = spec(rnn(2, { returns: 'all', initialState: 'learned' }), gru(3));
    using network = new Network(layers, { core });
    const h = LENGTHS.map(() => [0.5, -0.5, 1]);
    const one = network.gradients({ x, initialState: { 'layers.1': { h } } }, labels);
    expect(one.cost).not.toBe(network.gradients(x, labels).cost);
    network.parameters.find(({ name }) => name === 'layers.0.h0')!.set([1, -1]);
    const two = network.gradients({ x, initialState: { 'layers.1': { h } } }, labels);
    expect(two.cost).not.toBe(one.cost);
    const check = network.checkGradients({ x, initialState: { 'layers.1': { h } } }, labels);
    expect(check.ok, String(check)).toBe(true);
  });
});

describe('the option initialState', () => {
  it('starts at zero, with the cost of a network that starts there, whatever init says of the rest', () => {
    using zeros = new Network(spec(lstm(3, { init: 'pytorch' })));
    using learned = new Network(spec(lstm(3, { init: 'pytorch', initialState: 'learned' })));
    expect(learned.parameters.map(({ name }) => name)).toEqual([
      ...['Wx', 'Wh', 'b', 'h0', 'c0'].map((letter) => `layers.0.${letter}`),
      'layers.1.W',
      'layers.1.b',
    ]);
    expect([...learned.parameters[3]!.get(), ...learned.parameters[4]!.get()]).toEqual(
      new Array(6).fill(0),
    );
    expect(learned.parameters[1]!.get()).toEqual(zeros.parameters[1]!.get());
  });

  it('is a mistake where it is something else, or where the data say it too', () => {
    expect(() => new Network(spec(rnn(3, { initialState: 'learn' as never })))).toThrow(
      /^layers\[0\]\.initialState: .*zeros, learned/,
    );
    expect(() => new Network(spec(rnn(3, { init: { h0: [1, 2, 3] } })))).toThrow(
      /layers\[0\]\.init.*h0/,
    );
    using network = new Network(spec(rnn(3, { initialState: 'learned' })));
    const initialState = { 'layers.0': { h: LENGTHS.map(() => [0, 0, 0]) } };
    expect(() => network.predict({ x, initialState })).toThrow(
      /initialState\['layers\.0'\]\.h: this layer learns where it starts\. Leave the state out/,
    );
    expect(() => network.toStateDict()).toThrow(/no counterpart in PyTorch/);
  });
});
