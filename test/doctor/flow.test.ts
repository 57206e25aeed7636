import { afterEach, describe, expect, it, vi } from 'vitest';
import { constantCost } from '../../src/doctor/constant.ts';
import { DataReader } from '../../src/data/reader.ts';
import { readers } from '../../src/data/readers.ts';
import type { ActivationName } from '../../src/nn/activations.ts';
import { lossNames } from '../../src/nn/losses.ts';
import { sequences as withTime } from '../../src/nn/layers/sequences.ts';
import { resolveSpec } from '../../src/nn/spec.ts';
import {
  adam,
  bidirectional,
  dense,
  type FitOptions,
  gru,
  type LayerSpec,
  lstm,
  Network,
  type NetworkSpec,
  rnn,
  sgd,
  type TrainingData,
  type TrainingWarning,
} from '../../src/index.ts';

// A network that has learned nothing is told whether its gradients vanish or explode on their way back. Where the way is known in closed
// form, so is what is said of it.

afterEach(() => vi.restoreAllMocks());

const quiet = { epochs: 2, warnings: false, optimizer: sgd({ learningRate: 1e-6 }) } as const;

function warningsOf(
  spec: NetworkSpec,
  data: TrainingData,
  options: Partial<FitOptions> = {},
): readonly TrainingWarning[] {
  using net = new Network({ seed: 1, ...spec });
  return net.fitSync(data, { ...quiet, ...options }).warnings;
}

/** A sequence of ones, whose target nothing in it tells. */
const ones = (steps: number): number[][] => Array.from({ length: steps }, () => [1]);
const data = (steps: number): TrainingData => ({
  x: [ones(steps), ones(3), ones(steps)],
  y: [[0], [0.5], [1]],
});

/** ReLU units that pass their own state on, `factor` times as large; frozen, so they stay so. */
const chain = (factor: number, more: object = {}) =>
  rnn(2, {
    activation: 'relu',
    init: { Wh: [factor, 0, 0, factor], Wx: [1e-12, 1e-12] },
    trainable: false,
    ...more,
  });
const over = (...layers: LayerSpec[]): NetworkSpec => ({
  input: { features: 1 },
  layers: [...layers, dense(1)],
  loss: 'meanSquaredError',
});

describe('gradients through time', () => {
  // δ of step t is factor^(40 − t) times that of the last one: from the last quarter to the first, factor³⁰.
  it('vanish', () => {
    const [warning, ...others] = warningsOf(over(chain(0.5)), data(40));
    expect(others).toEqual([]);
    expect(warning).toMatchObject({ code: 'VANISHING_GRADIENT', columns: [], layer: 'layers.0' });
    const ratio = Number((0.5 ** 30).toPrecision(3)).toString();
    expect(ratio).toBe('9.31e-10');
    expect(warning!.message).toMatch(
      /^layers\.0 \(rnn 2, relu, returns last, frozen\): gradients vanish through time: over 40 steps, δ of the first quarter is 9\.31e-10 times that of the last,/,
    );
    expect(warning!.message).toMatch(/of always giving the same answer\. Use lstm or gru, shorter/);
  });

  it('explode, even where clipping keeps the run alive', () => {
    for (const more of [{}, { clipNorm: 1 }]) {
      const [warning] = warningsOf(over(chain(2)), data(40), more);
      expect(warning).toMatchObject({ code: 'EXPLODING_GRADIENT', layer: 'layers.0' });
      expect(warning!.message).toMatch(
        /explode through time: over 40 steps, δ of the first quarter is 1\.07e\+9 times.*clipNorm: 1.*orthogonal.*shorter/,
      );
    }
  });

  it('are healthy', () => {
    expect(warningsOf(over(chain(1)), data(40))).toEqual([]);
    expect(warningsOf(over(chain(0.5)), data(8))).toEqual([]);
  });

  it('may vanish in the upper layer as long as the lower one reaches back', () => {
    const layers = [
      chain(1, { returns: 'all' }),
      { ...chain(0.5), init: { Wh: [0.5, 0, 0, 0.5] } },
    ];
    expect(warningsOf(over(...layers), data(40))).toEqual([]);
    const both = [chain(0.5, { returns: 'all' }), layers[1]!];
    expect(warningsOf(over(...both), data(40))[0]).toMatchObject({ layer: 'layers.0' });
  });

  it('need to go back only as far as they are cut, where they are cut', () => {
    const steps = 40;
    const each = {
      x: [ones(steps), [...ones(steps - 1), [2]]],
      y: [ones(steps), ones(steps).map(() => [0])],
    };
    // The cost of every step adds to δ, which is why it grows backwards where nothing is lost.
    const spec = over(chain(2, { returns: 'all' }));
    expect(warningsOf(spec, each)[0]).toMatchObject({ code: 'EXPLODING_GRADIENT' });
    expect(warningsOf(spec, each, { truncate: 4 })).toEqual([]);
    const [cut] = warningsOf(spec, each, { truncate: 20 });
    expect(cut!.message).toContain('over 20 steps');
  });

  it.each([
    [
      'lstm',
      lstm(4, { init: { b: Array.from({ length: 16 }, () => -3) } }),
      /opens the forget gate/,
    ],
    ['gru', gru(4), /Use lstm, whose forget gate starts open/],
    ['bidirectional', bidirectional(gru(4)), /^layers\.0\.forward \(bidirectional gru 4/],
  ])('vanish in %s', (_, layer, message) => {
    const [warning] = warningsOf(over(layer), data(100));
    expect(warning).toMatchObject({ code: 'VANISHING_GRADIENT' });
    expect(warning!.message).toMatch(message);
  });
});

const xor = { x: [[0, 0], [0, 1], [1, 0], [1, 1]], y: [[0], [1], [1], [0]] }; // prettier-ignore

function deep(layer: LayerSpec, layers: number): NetworkSpec {
  const hidden = Array.from({ length: layers }, () => layer);
  return { input: 2, layers: [...hidden, dense(1)], loss: 'meanSquaredError', seed: 1 };
}

describe('gradients on the way down', () => {
  it('vanish in many layers of sigmoids, which are told of relu', () => {
    const [warning] = warningsOf(deep(dense(8, 'sigmoid'), 8), xor);
    expect(warning).toMatchObject({ code: 'VANISHING_GRADIENT', layer: 'layers.0' });
    expect(warning!.message).toMatch(
      /^layers\.0 \(dense 8, sigmoid\): gradients vanish on the way down.*Use relu/,
    );
    expect(warningsOf(deep(dense(8, 'relu'), 8), xor)).toEqual([]);
    expect(warningsOf(deep(dense(8, 'sigmoid'), 1), xor)).toEqual([]);
  });

  it('explode where weights are large, by a factor that is known', () => {
    // Of one weight a layer: δ of the lowest is 4¹⁰ times that of the output.
    const spec = { ...deep(dense(1, 'linear', { init: { W: [4] } }), 10), input: 1 };
    const first = { ...spec.layers[0]!, trainable: false };
    const frozen = { ...spec, layers: [...spec.layers.slice(1, -1).map(() => first), dense(1, 'linear', { init: { W: [4] } })] }; // prettier-ignore
    const [warning] = warningsOf(frozen, { x: [[1e-9], [-1e-9]], y: [[1], [1.5]] });
    expect(warning).toMatchObject({ code: 'EXPLODING_GRADIENT', layer: 'layers.0' });
    expect(warning!.message).toContain(
      `δ is ${Number((4 ** 9).toPrecision(3))} times that of the output layer`,
    );
  });

  it('have not vanished where weights of zero stop them', () => {
    const spec: NetworkSpec = {
      input: 2,
      layers: [dense(8, 'relu'), dense(1, 'linear', { init: 'zeros', trainable: false })],
      loss: 'meanSquaredError',
    };
    expect(warningsOf(spec, xor)).toEqual([]);
  });
});

describe('the doctor at the end of a run', () => {
  it('has nothing to say to a network that has learned', () => {
    const t = Array.from({ length: 60 }, (_, index) => index);
    const last = t.map((k) => Math.sin(k));
    // Only the last step tells, and gradients do not reach the first ones.
    const x = last.map((value) => [...ones(39).map(() => [0]), [value]]);
    const spec = over(rnn(2, { init: { Wh: [0.1, 0, 0, 0.1] } }));
    const learnt = { x, y: last.map((value) => [value / 2]) };
    const options = { epochs: 60, optimizer: adam({ learningRate: 0.02 }) };
    expect(warningsOf(spec, learnt, options)).toEqual([]);
    expect(warningsOf(spec, learnt)[0]).toMatchObject({ code: 'VANISHING_GRADIENT' });
  });

  it('says the same on both cores, in a stream, and changes no bit', async () => {
    const spec = over(chain(0.5));
    const batch = data(40);
    const runs = (['simd', 'js'] as const).map((core) => {
      const net = new Network({ ...spec, seed: 1 }, { core });
      return { net, warnings: net.fitSync(batch, quiet).warnings };
    });
    const streamed = new Network({ ...spec, seed: 1 });
    const run = streamed.fit(() => [batch], quiet);
    expect(run.warnings).toEqual([]);
    const { warnings } = await run;
    expect(run.warnings).toEqual(warnings);
    const twin = new Network({ ...spec, seed: 1 });
    for (let step = 0; step < 2; step++)
      twin.trainBatch(batch.x, batch.y, { optimizer: quiet.optimizer });
    for (const { net, warnings: said } of runs) {
      expect(said).toEqual(warnings);
      expect(net.hash()).toBe(twin.hash());
    }
    expect(warnings).toHaveLength(1);
    expect(streamed.hash()).toBe(twin.hash());
  });

  it('prints once for a layer of a network, though the figures change', async () => {
    const print = vi.spyOn(console, 'warn').mockImplementation(() => {});
    using net = new Network({ ...over(chain(0.5)), seed: 1 });
    net.fitSync(data(40), { ...quiet, warnings: true });
    const { warnings } = await net.fit(data(44), { ...quiet, warnings: true });
    expect(warnings[0]!.message).toContain('over 44 steps');
    expect(print).toHaveBeenCalledTimes(1);
    expect(print.mock.calls[0]![0]).toMatch(/^chainrule: layers\.0 .*\[VANISHING_GRADIENT;/);
  });

  it('names an explosion through time as the cause when a run diverges', () => {
    using net = new Network({
      ...over(chain(1.5, { trainable: true, init: { Wh: [1.5, 0, 0, 1.5], Wx: [1, 1] } })),
      seed: 1,
    });
    const loud = { x: [ones(60)], y: [[1]] };
    expect(() => net.fitSync(loud, { ...quiet, epochs: 50, optimizer: adam() })).toThrow(
      /Likely cause: gradients explode through time in layers\.0 \(rnn 2, relu, returns last\): over 60 steps, δ of the first quarter is [\d.]+e\+\d+ times.*clipNorm: 1/,
    );
  });
});

describe('the cost of a constant answer', () => {
  const sequences = [[[1], [2], [3]], [[1]], [[2], [2]]]; // prettier-ignore
  const targets = [[[0.2, 0.8], [0.4, 0.6], [1, 0]], [[0.5, 0.5]], [[0, 1], [0.3, 0.7]]]; // prettier-ignore
  const weights = [2, 0.5, 1];

  it.each(lossNames.flatMap((loss) => (['mean', 'sum'] as const).map((steps) => [loss, steps])))(
    'is that of a network that gives the mean of the targets: %s, %s',
    (loss, steps) => {
      const inverses: Record<string, [ActivationName, (m: number) => number]> = {
        crossEntropy: ['softmax', Math.log],
        binaryCrossEntropy: ['sigmoid', (m) => Math.log(m / (1 - m))],
      };
      const [activation, inverse] = inverses[loss] ?? ['linear', (m: number) => m];
      const means = [0, 1].map((output) => {
        const all = targets.flat().map((target) => target[output]!);
        return all.reduce((sum, value) => sum + value, 0) / all.length;
      });
      const b = means.map(inverse);
      const spec = {
        input: { features: 1 },
        layers: [rnn(1, { returns: 'all' }), dense(2, activation, { init: { W: [0, 0], b } })],
        loss: { name: loss, steps },
        seed: 1,
      } as NetworkSpec;
      using net = new Network(spec);
      const given = { x: sequences, y: targets, sampleWeights: weights };
      const resolved = resolveSpec(spec, withTime);
      const examples = DataReader.of(resolved, readers).examples(given);
      expect(constantCost(resolved.model, examples)).toBeCloseTo(net.evaluate(given).loss, 5);
    },
  );

  it('of rare classes is their entropy, and a class that never occurs costs nothing', () => {
    const spec: NetworkSpec = { input: 1, layers: [dense(3, 'softmax')], loss: 'crossEntropy' };
    const resolved = resolveSpec(spec, withTime);
    const y = Array.from({ length: 3000 }, (_, index) => (index % 4 === 0 ? 1 : 0));
    const examples = DataReader.of(resolved, readers).examples({ x: new Float32Array(3000), y });
    const entropy = -(0.25 * Math.log(0.25) + 0.75 * Math.log(0.75));
    expect(constantCost(resolved.model, examples)).toBeCloseTo(entropy, 12);
    // Of a loss that has no use for counts, by one row after the other: a third of Σ p (1 − p) over the classes.
    const squared = resolveSpec({ ...spec, layers: [dense(3)], loss: 'meanSquaredError' });
    const variance = (0.25 * 0.75 + 0.75 * 0.25) / 3;
    expect(constantCost(squared.model, examples)).toBeCloseTo(variance, 2);
  });
});
