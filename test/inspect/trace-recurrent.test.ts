import { describe, expect, it } from 'vitest';
import {
  adam,
  bidirectional,
  dense,
  embedding,
  gru,
  lstm,
  Network,
  rnn,
  sgd,
} from '../../src/index.ts';
import type { LayerTrace } from '../../src/index.ts';
import { expectClose, largest } from '../reference/compare.ts';
import { sigmoid } from '../reference/functions.ts';
import { CORES } from '../reference/library.ts';
import {
  recurrentCases,
  recurrentInputs,
  recurrentNetwork,
} from '../reference/recurrent-oracle.ts';

/** A deep list of numbers. */
type Numbers = number | Numbers[];

const flat = (values: unknown): number[] => (values as number[]).flat(Infinity as 1) as number[];

describe.each(CORES)('core %s', (core) => {
  describe.each(recurrentCases.map((c) => [c.id, c] as const))('%s', (_, c) => {
    const net = recurrentNetwork(c, core);
    const inputs = recurrentInputs(c);
    const { y } = c.data;
    const trace = net.trace(inputs as never, y as never);
    const recurrent = trace.layers.filter((layer) => layer.recurrent);
    const lengths = c.data.lengths ?? c.data.x.map((steps) => steps.length);

    it('has the gradients, the cost and the outputs of training, bit for bit', () => {
      const { cost, gradients } = net.gradients(inputs as never, y as never);
      expect(trace.cost).toBe(cost);
      for (const { name, gradient } of trace.layers.flatMap((l) => Object.values(l.parameters))) {
        expect(gradient.values, name).toEqual(gradients[name]);
      }
      expect([...trace.layers.at(-1)!.a.values].slice(0, 3)).toEqual(
        [...net.predict(inputs as never)].slice(0, 3),
      );
    });

    it('agrees with the oracle: z, states and δ', () => {
      const { h, c: cells, z } = c.forward as typeof c.forward & { z: Numbers[] };
      const { dz } = c.backward as { dz?: Numbers[] };
      for (const [l, layer] of recurrent.entries()) {
        compareValid(layer.recurrent!.h.values, flat(h[l]), lengths, 1e-5, `h of layer ${l}`);
        if (cells && layer.recurrent!.c) {
          compareValid(layer.recurrent!.c.values, flat(cells[l]), lengths, 1e-5, `c of layer ${l}`);
        }
        compareValid(layer.z.values, flat(z[l]), lengths, 1e-5, `z of layer ${l}`);
        if (!dz) continue;
        const expected = flat(dz[l]);
        expectClose(
          layer.delta.values,
          expected,
          5e-6 * largest(expected) + 1e-8,
          `δ of layer ${l}`,
        );
      }
    });

    it('joins up: a = σ(z) gate by gate, and what a layer passes on is what the next one takes', () => {
      for (const layer of recurrent) checkGates(layer, lengths);
      for (const [l, layer] of trace.layers.entries()) {
        if (l > 0) expect(layer.input.values).toEqual(trace.layers[l - 1]!.output.values);
      }
    });
  });

  it('a simple layer: δ_t = (dC/dh_t + Whᵀ δ_{t+1}) ⊙ σ′(z_t), step by step', () => {
    const layers = [rnn(4, { returns: 'all' }), rnn(3), dense(2, 'softmax')];
    const net = new Network(
      { input: { features: 2 }, layers, loss: 'crossEntropy', seed: 3 },
      { core },
    );
    const x = [
      [
        [1, 0],
        [0, 1],
        [1, 1],
        [0.5, -1],
      ],
      [
        [-1, 2],
        [1, 1],
        [0, 0],
        [2, 1],
      ],
    ];
    const { layers: traced } = net.trace(x, [0, 1]);
    for (const layer of traced.slice(0, 2)) {
      const { dCda, delta, activationDerivative, parameters } = layer;
      const [examples, steps, units] = delta.shape as [number, number, number];
      const Wh = parameters['Wh']!.value;
      for (let b = 0; b < examples; b++) {
        for (let t = 0; t < steps; t++) {
          for (let j = 0; j < units; j++) {
            let sum = dCda.at(b, t, j);
            for (let i = 0; i < units && t + 1 < steps; i++)
              sum += Wh.at(i, j) * delta.at(b, t + 1, i);
            const expected = sum * activationDerivative!.at(b, t, j);
            expect(Math.abs(delta.at(b, t, j) - expected)).toBeLessThan(1e-7);
          }
        }
      }
    }
    net.dispose();
  });

  it('padding has no part in anything, and the costs of the steps of an example are added up', () => {
    const layers = [lstm(3, { returns: 'all' }), dense(2, 'tanh')];
    const net = new Network(
      { input: { features: 1 }, layers, loss: 'squaredError', seed: 1 },
      { core },
    );
    const x = [[[1], [2], [3]], [[4]]];
    const y = [
      [
        [0, 1],
        [1, 0],
        [0, 0],
      ],
      [[1, 1]],
    ];
    const trace = net.trace(x, y);
    expect(trace.lengths).toEqual(Uint32Array.of(3, 1));
    expect(trace.y.shape).toEqual([2, 3, 2]);
    for (const tensor of [trace.layers[0]!.z, trace.layers[0]!.delta, trace.layers[1]!.delta]) {
      const width = tensor.shape.at(-1)!;
      expect([...tensor.row(1).subarray(width)].every((value) => value === 0)).toBe(true);
    }
    const sum = trace.exampleCosts.reduce((total, cost) => total + cost, 0);
    expect(sum / 4).toBeCloseTo(trace.cost, 6);
    expect(() => trace.contribution(1, 0)).toThrow(/one per step/);
    net.dispose();
  });

  it('both directions of time, and an embedding', () => {
    const layers = [embedding(5, 2), bidirectional(gru(3, { returns: 'all' })), rnn(2), dense(1)];
    const net = new Network({ input: { vocabulary: 5 }, layers, loss: 'huber', seed: 1 }, { core });
    const trace = net.trace([[1, 4, 2], [3]], [[1], [0]]);
    const { gradients } = net.gradients([[1, 4, 2], [3]], [[1], [0]]);
    for (const { name, gradient } of trace.layers.flatMap((l) => Object.values(l.parameters))) {
      expect(gradient.values, name).toEqual(gradients[name]);
    }
    expect(trace.layers.map(({ path }) => path)).toEqual([
      'layers.0',
      'layers.1.forward',
      'layers.1.backward',
      'layers.2',
      'layers.3',
    ]);
    const [table, forward, backward, next] = trace.layers;
    const { E } = table!.parameters;
    expect([...table!.a.row(0).subarray(0, 2)]).toEqual([...E!.value.row(1)]);
    // The backward direction reads the last step first: its first input is that of the last step.
    expect([...backward!.input.row(0).subarray(0, 2)]).toEqual([
      ...forward!.input.row(0).subarray(4),
    ]);
    expect(next!.input.shape).toEqual([2, 3, 6]);
    expect(next!.input.at(0, 0, 0)).toBe(forward!.recurrent!.h.at(0, 0, 0));
    expect(next!.input.at(0, 0, 3)).toBe(backward!.recurrent!.h.at(0, 2, 0));
    checkGates(forward!, [3, 1]);
    expect(String(trace)).toContain('a = the row of E that the token names');
    net.dispose();
  });

  it('tokens and updates', () => {
    const layers = [gru(3, { reset: 'before' }), dense(1)];
    const net = new Network({ input: { vocabulary: 5 }, layers, loss: 'huber', seed: 1 }, { core });
    const before = net.hash();
    const trace = net.trace([[1, 4, 2], [3]], [[1], [0]], { optimizer: adam() });
    expect(net.hash()).toBe(before);
    expect([...trace.x.values]).toEqual([1, 4, 2, 3, 0, 0]);
    expect(trace.layers[0]!.parameters['Wh']!.update!.shape).toEqual([9, 3]);
    net.dispose();
  });
});

it('is printed with the equations through time', () => {
  for (const layer of [rnn(2), lstm(2), gru(2)]) {
    const net = new Network({
      input: { features: 2 },
      layers: [layer, dense(1)],
      loss: 'huber',
      seed: 1,
    });
    const text = String(
      net.trace(
        [
          [
            [1, 0],
            [0, 1],
          ],
          [[1, 1]],
        ],
        [[1], [0]],
        { optimizer: sgd() },
      ),
    );
    for (const part of ['Wh h_{t−1}', 'through time', 'dC/dWh = Σ δ_t h_{t−1}ᵀ', '2, 1 steps'])
      expect(text).toContain(part);
  }
  const lines = String(
    new Network({
      input: { features: 1 },
      layers: [lstm(2), dense(1)],
      loss: 'huber',
      seed: 1,
    }).trace([[[1]]], [[1]]),
  );
  expect(lines).toContain('c_t = f c_{t−1} + i g');
});

it('explain says that it follows layers without time', () => {
  const net = new Network({
    input: { features: 1 },
    layers: [rnn(2), dense(1)],
    loss: 'huber',
    seed: 1,
  });
  expect(() => net.explain([[[1]]], [[1]], { layer: 1, to: 0, from: 0 })).toThrow(/time axis/);
});

/** Compares valid steps alone: the oracle reports zeros for padding, the library carries states on. */
function compareValid(
  got: Float32Array,
  expected: number[],
  lengths: number[],
  limit: number,
  what: string,
): void {
  const steps = Math.max(...lengths);
  const width = got.length / lengths.length / steps;
  for (const [example, length] of lengths.entries()) {
    const from = example * steps * width;
    const part = expected.slice(from, from + length * width);
    expectClose(
      got.subarray(from, from + length * width),
      part,
      limit * Math.max(1, largest(part)),
      what,
    );
  }
}

/** a = σ(z) of each gate in double precision. */
function checkGates({ z, a, recurrent, title }: LayerTrace, lengths: number[]): void {
  const squash: Record<string, (v: number) => number> = {
    h: title.includes('relu') ? (v) => Math.max(v, 0) : Math.tanh,
    i: sigmoid,
    f: sigmoid,
    g: Math.tanh,
    o: sigmoid,
    r: sigmoid,
    z: sigmoid,
    n: Math.tanh,
  };
  const { gates } = recurrent!;
  const width = z.shape.at(-1)!;
  const units = width / gates.length;
  const steps = z.shape[1]!;
  z.values.forEach((value, index) => {
    const step = Math.floor(index / width) % steps;
    const example = Math.floor(index / width / steps);
    if (step >= lengths[example]!) return;
    const gate = gates[Math.floor((index % width) / units)]!;
    const difference = Math.abs(a.values[index]! - squash[gate]!(value));
    if (difference > 2e-7 * Math.max(1, Math.abs(value)))
      expect.fail(`${gate}[${index}]: ${a.values[index]} from ${value}`);
  });
}

it('leaves a space between a shape and the numbers behind it', () => {
  using network = new Network({
    input: { features: 24 },
    layers: [rnn(1), dense(1)],
    loss: 'huber',
    seed: 1,
  });
  const x = [[1, 2].map((value) => new Array<number>(24).fill(value))];
  expect(String(network.trace(x, [[1]]))).toMatch(/\[1, 2, 24\] +[\d.-]/);
});
