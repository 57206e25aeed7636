import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ActivationName,
  adam,
  dense,
  type DenseSpec,
  type LayerSpec,
  type LossName,
  momentum,
  Network,
  type Optimizer,
  sgd,
} from '../../src/index.ts';
import { expectClose, largest } from '../reference/compare.ts';
import { activations, losses } from '../reference/functions.ts';
import { CORES, networkOf } from '../reference/library.ts';
import { backward, forward } from '../reference/network.ts';
import { oracleData, readOracle, referenceNetwork } from '../reference/oracle.ts';
import type { OracleCase } from '../reference/oracle.ts';
import { randomMatrix, randomSource } from '../reference/random.ts';

const { fround } = Math;

/** Networks of every hidden activation, and of every kind of output. */
const networks: { layers: LayerSpec[]; loss: LossName; title: string }[] = [
  ...Object.keys(activations).map((hidden) => ({
    layers: [dense(5, hidden as ActivationName), dense(3, 'sigmoid')],
    loss: 'halfSquaredError' as const,
    title: `hidden ${hidden}`,
  })),
  { layers: [dense(4, 'tanh'), dense(3, 'softmax')], loss: 'crossEntropy', title: 'crossEntropy' },
  { layers: [dense(4, 'tanh'), dense(2, 'sigmoid')], loss: 'binaryCrossEntropy', title: 'binary' },
  {
    layers: [dense(4, 'tanh'), dense(3, 'softmax')],
    loss: 'squaredError',
    title: 'softmax, squared',
  },
  {
    layers: [dense(6, 'relu'), dense(5, 'tanh', { bias: false }), dense(2)],
    loss: 'huber',
    title: 'three layers',
  },
];

const INPUTS = 4;

function draw(seed: number, rows: number, outputs: number): { x: number[][]; y: number[][] } {
  const random = randomSource(seed);
  const x = randomMatrix(random, rows, INPUTS);
  return {
    x,
    y: randomMatrix(random, rows, outputs)
      .map((row) => row.map(Math.abs))
      .map((row) => row.map((v) => Math.min(v, 1))),
  };
}

describe.each(CORES)('core %s', (core) => {
  describe.each(networks)('$title', ({ layers, loss }) => {
    const outputs = (layers.at(-1) as DenseSpec).units;
    const { x, y } = draw(7, 6, outputs);
    const make = (): Network => new Network({ input: INPUTS, layers, loss, seed: 3 }, { core });

    it('has the gradients, the cost and the outputs of training, bit for bit', () => {
      const net = make();
      const trace = net.trace(x, y);
      const { cost, gradients } = net.gradients(x, y);
      expect(trace.cost).toBe(cost);
      for (const layer of trace.layers) {
        for (const { name, gradient } of Object.values(layer.parameters)) {
          expect(gradient.values).toEqual(gradients[name]);
        }
      }
      expect(trace.layers.at(-1)!.a.values).toEqual(net.predict(x));
      net.dispose();
    });

    it('joins up: each step follows from the one before by its equation, in 32-bit floats', () => {
      const net = make();
      const { layers: traced } = net.trace(x, y);
      for (const [l, layer] of traced.entries()) {
        const fused =
          l === traced.length - 1 && ['crossEntropy', 'binaryCrossEntropy'].includes(loss);
        if (layer.activationDerivative && !fused) {
          const product = layer.dCda.values.map((d, i) =>
            fround(d * layer.activationDerivative!.values[i]!),
          );
          expect(
            layer.delta.values.map((v) => v + 0),
            `δ of ${layer.path}`,
          ).toEqual(product.map((v) => v + 0));
        }
        const below = traced[l - 1];
        if (below) {
          const { W } = layer.parameters;
          const carried = carry(layer.delta.values, W!.value.values, W!.value.shape, x.length);
          expectClose(below.dCda.values, carried, 1e-6 * Math.max(1e-3, largest(carried)), 'dC/da');
        }
      }
      net.dispose();
    });

    it("adds up: the examples' contributions, in order, are the derivatives of the batch to the last bit", () => {
      const net = make();
      const trace = net.trace(x, y);
      for (const [l, { parameters }] of trace.layers.entries()) {
        for (const letter of ['W', 'b'] as const) {
          if (!parameters[letter]) continue;
          const sum = parameters[letter].gradient.values.map(() => 0);
          for (const example of x.keys()) {
            trace.contribution(l, example)[letter].values.forEach((value, i) => (sum[i]! += value));
          }
          expect(sum.map((v) => v + 0)).toEqual(
            parameters[letter].gradient.values.map((v) => v + 0),
          );
        }
      }
      net.dispose();
    });

    it.each<[string, Optimizer]>([
      ['sgd', sgd({ learningRate: 0.3 })],
      ['momentum', momentum({ learningRate: 0.3, momentum: 0.9 })],
      ['adam', adam({ learningRate: 0.01 })],
    ])(
      'tells the update that trainBatch with %s makes next, and makes none itself',
      (_, optimizer) => {
        const net = make();
        net.trainBatch(x, y, { optimizer });
        for (let step = 0; step < 3; step++) {
          const before = net.hash();
          const trace = net.trace(x, y, { optimizer });
          expect(net.hash()).toBe(before);
          const values = new Map(net.parameters.map(({ name, get }) => [name, get()]));
          net.trainBatch(x, y, { optimizer });
          for (const { name, update } of trace.layers.flatMap((l) => Object.values(l.parameters))) {
            const after = net.parameters.find((parameter) => parameter.name === name)!.get();
            expect(update!.values, name).toEqual(after.map((v, i) => v - values.get(name)![i]!));
          }
        }
        net.dispose();
      },
    );

    it('trainBatch applies the gradients of the trace: exactly where they are kept, but for one rounded product in sgd', () => {
      const net = make();
      const rate = 0.37;
      const trace = net.trace(x, y);
      const before = new Map(net.parameters.map(({ name, get }) => [name, get()]));
      net.trainBatch(x, y, { optimizer: momentum({ learningRate: rate, momentum: 0 }) });
      const gradients = trace.layers.flatMap((l) => Object.values(l.parameters));
      const stepOf = (name: string): Float32Array =>
        net.parameters.find((p) => p.name === name)!.get();
      for (const { name, gradient } of gradients) {
        const expected = before
          .get(name)!
          .map((p, i) => p - fround(fround(rate) * gradient.values[i]!));
        expect(stepOf(name), name).toEqual(expected);
      }
      const same = make();
      same.trainBatch(x, y, { optimizer: sgd({ learningRate: rate }) });
      for (const { name, gradient } of gradients) {
        const expected = before.get(name)!.map((p, i) => p - rate * gradient.values[i]!);
        const got = same.parameters.find((p) => p.name === name)!.get();
        // −η δ and its product with a are rounded once each per example, and the sum starts at the parameter.
        expectClose(got, expected, 1e-6 * Math.max(1, largest(expected)), name);
      }
      net.dispose();
      same.dispose();
    });
  });

  it('agrees with the oracle: z, a, dC/da, δ and the derivatives of a network of four layers', () => {
    const c = readOracle<OracleCase>('mlp_66431_batch.json');
    const { x, y } = oracleData(c);
    const reference = referenceNetwork(c, c.params);
    const net = networkOf(reference, core);
    const truth = { ...forward(reference, x, y), ...backward(reference, x, y) };
    for (const [l, layer] of net.trace(x, y).layers.entries()) {
      const close = (got: Float32Array, expected: number[][], what: string): void =>
        expectClose(got, expected.flat(), 5e-6 * Math.max(largest(expected.flat()), 1e-3), what);
      close(layer.z.values, truth.z[l]!, 'z');
      close(layer.a.values, truth.a[l]!, 'a');
      close(layer.dCda.values, truth.da[l]!, 'dC/da');
      close(layer.delta.values, truth.dz[l]!, 'δ');
      close(layer.parameters['W']!.gradient.values, truth.dW[l]!, 'dC/dW');
      close(layer.parameters['b']!.gradient.values, [truth.db[l]!], 'dC/db');
      const slope = truth.z[l]!.map((row) => row.map(activations[layer.activation!]!.df));
      close(layer.activationDerivative!.values, slope, 'σ′(z)');
    }
    net.dispose();
  });

  it.each(['crossEntropy', 'binaryCrossEntropy'] as const)(
    'dC/da of %s is the derivative of the cost',
    (loss) => {
      const output = loss === 'crossEntropy' ? 'softmax' : 'sigmoid';
      const net = new Network(
        { input: INPUTS, layers: [dense(3, output)], loss, seed: 2 },
        { core },
      );
      const { x, y } = draw(3, 4, 3);
      const [layer] = net.trace(x, y).layers;
      const expected = Array.from(
        layer!.a.values,
        (a, i) => losses[loss]!.derivative(a, y.flat()[i]!) / 4,
      );
      expectClose(layer!.dCda.values, expected, 1e-5 * largest(expected), 'dC/da');
      net.dispose();
    },
  );
});

it('both cores trace the same bits', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 1, max: 9 }), (seed, rows) => {
      const { x, y } = draw(seed, rows, 3);
      const [js, simd] = CORES.map((core) => {
        const net = new Network(
          { input: INPUTS, layers: [dense(7, 'gelu'), dense(3, 'sigmoid')], loss: 'huber', seed },
          { core },
        );
        const text = [...net.trace(x, y).tensors].map(([name, { values }]) => [name, [...values]]);
        net.dispose();
        return text;
      });
      expect(simd).toEqual(js);
    }),
    { numRuns: 20 },
  );
});

describe('as text', () => {
  const net = new Network({
    input: 40,
    layers: [dense(30, 'relu'), dense(3, 'softmax')],
    loss: 'crossEntropy',
    seed: 1,
  });
  const x = Array.from({ length: 20 }, (_, i) =>
    Array.from({ length: 40 }, (_, k) => Math.sin(i + k)),
  );
  const text = String(
    net.trace(
      x,
      x.map((_, i) => i % 3),
      { optimizer: adam() },
    ),
  );

  it('names the equations, the shapes and the step of each parameter', () => {
    for (const part of [
      'BP1',
      'BP2',
      'BP3',
      'BP4',
      '[20, 30]',
      '[30, 40]',
      'ΔW, the step of adam',
      'C = ',
    ]) {
      expect(text).toContain(part);
    }
  });

  it('abridges large tensors with what their numbers come to', () => {
    expect(text).toMatch(
      /min -?[\d.]+, mean -?[\d.e-]+, max [\d.]+, root mean square [\d.]+, \d+\.\d % zero/,
    );
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThan(120);
  });
});

it('names wrong indices, and wrong options', () => {
  const net = new Network({ input: 2, layers: [dense(3)], loss: 'huber', seed: 1 });
  const trace = net.trace([[0, 1]], [[1, 2, 3]]);
  expect(trace.layers[0]!.parameters['W']!.gradient.at(2, 1)).toBeTypeOf('number');
  expect(() => trace.layers[0]!.z.at(1, 0)).toThrow(RangeError);
  expect(() => trace.layers[0]!.z.at(0)).toThrow(
    /z\.at\(0\): expected indices below the shape \[1, 3\]/,
  );
  expect(() => net.trace([[0, 1]], [[1, 2, 3]], { optimiser: sgd() } as object)).toThrow(
    /optimizer/,
  );
  net.dispose();
  expect(() => net.trace([[0, 1]], [[1, 2, 3]])).toThrow(/disposed/);
});

/** dC/da of the layer below: δ W, in double precision. */
function carry(
  delta: Float32Array,
  W: Float32Array,
  shape: readonly number[],
  rows: number,
): number[] {
  const [units, inputs] = shape as [number, number];
  return Array.from({ length: rows * inputs }, (_, index) => {
    const [row, k] = [Math.floor(index / inputs), index % inputs];
    let sum = 0;
    for (let j = 0; j < units; j++) sum += delta[row * units + j]! * W[j * inputs + k]!;
    return sum;
  });
}
