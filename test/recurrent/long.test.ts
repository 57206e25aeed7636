import { describe, expect, it } from 'vitest';
import { Network, NetworkError, adam, dense, gru, lstm, rnn } from '../../src/index.ts';
import { CORES } from '../reference/library.ts';
import { randomSource } from '../reference/random.ts';

// Long sequences: memory is planned before a step is made, and programs do not grow with their length.

const STEPS = 2000;

describe.each(CORES)('2,000 steps, core %s', (core) => {
  it('are learned from: was there a 1 in the last few?', () => {
    const random = randomSource(1);
    const x = Array.from({ length: 6 }, () =>
      Array.from({ length: STEPS }, () => Math.round(random())),
    );
    const y = x.map((sequence) => [sequence.at(-2)!]);
    using network = new Network(
      {
        input: { features: 1 },
        layers: [gru(4), dense(1, 'sigmoid')],
        loss: 'binaryCrossEntropy',
        seed: 1,
      },
      { core },
    );
    const { reports } = network.fitSync(
      { x, y },
      { epochs: core === 'js' ? 8 : 40, batchSize: 'all', optimizer: adam({ learningRate: 0.03 }) },
    );
    const costs = reports.map(({ cost }) => cost);
    expect(costs.every(Number.isFinite)).toBe(true);
    expect(costs.at(-1)!).toBeLessThan(costs[0]!);
  });
});

describe('memory', () => {
  const create = (units: number): Network =>
    new Network({
      input: { features: 8 },
      layers: [
        lstm(units, { returns: 'all' }),
        rnn(units, { returns: 'all' }),
        dense(3, 'softmax'),
      ],
      loss: 'crossEntropy',
    });

  const bytesOf = (network: Network, steps: number): number => {
    const [, value, unit] = /takes ([\d.]+) (\w+)$/.exec(
      network.summary({ batchSize: 16, steps }),
    )!;
    return Number(value) * { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 }[unit!]!;
  };

  it('is told by summary, and grows with the steps; the program does not', () => {
    using network = create(32);
    const program = (steps: number): number =>
      network.program({ steps, format: 'structure' }).length;
    expect(program(STEPS)).toBe(program(3));
    // States, gates, cells, their δ and gradients of both layers, inputs and outputs: at least 15 numbers per unit, step and example.
    const lower = 16 * STEPS * 32 * 15 * 4;
    expect(bytesOf(network, STEPS)).toBeGreaterThan(lower);
    expect(bytesOf(network, STEPS)).toBeLessThan(1.5 * lower);
    expect(bytesOf(network, 2 * STEPS) / bytesOf(network, STEPS)).toBeCloseTo(2, 1);
    expect(network.summary({ batchSize: 4, steps: 7 })).toMatch(
      /a training step of 4 sequences of 7 steps takes [\d.]+ KiB$/,
    );
  });

  it('that is not there is an error before training begins, with the bytes and what to do', () => {
    using network = create(512);
    const before = network.hash();
    const x = [Array.from({ length: 100_000 }, () => new Float32Array(8))];
    const y = [new Uint8Array(100_000)];
    let error: unknown;
    try {
      network.fitSync({ x, y }, { epochs: 1 });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(NetworkError);
    expect(String(error)).toMatch(
      /batches of 1 × 100000 steps: needs [\d.]+ GiB, .* truncate: k, which keeps only k steps/,
    );
    expect(network.hash()).toBe(before);
    network.fitSync(
      { x: [x[0]!.slice(0, 50)], y: [y[0]!.slice(0, 50)] },
      { epochs: 1, truncate: 10 },
    );
  });
});
