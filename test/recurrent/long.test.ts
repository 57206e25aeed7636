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
  const create = (units: number, init?: 'zeros'): Network => {
    const options = { returns: 'all', ...(init && { init }) } as const;
    return new Network({
      input: { features: 8 },
      layers: [lstm(units, options), rnn(units, options), dense(3, 'softmax')],
      loss: 'crossEntropy',
    });
  };

  const bytesOf = (network: Network, steps: number): number => {
    const text = network.summary({ batchSize: 16, steps });
    const [, value, unit] = /takes ([\d.]+) (\w+)$/.exec(text)!;
    return Number(value) * { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 }[unit!]!;
  };

  it('is told by summary, and grows with the steps; the program does not', () => {
    using network = create(32);
    const program = (steps: number): number =>
      network.program({ steps, format: 'structure' }).length;
    expect(program(STEPS)).toBe(program(3));
    // Per unit, step and example: 4 gates, 2 states and a tanh in the first layer, a state in the second, and a gradient in both.
    const lower = 16 * STEPS * 32 * 10 * 4;
    expect(bytesOf(network, STEPS)).toBeGreaterThan(lower);
    expect(bytesOf(network, STEPS)).toBeLessThan(1.3 * lower);
    expect(bytesOf(network, 2 * STEPS) / bytesOf(network, STEPS)).toBeCloseTo(2, 1);
    expect(network.summary({ batchSize: 4, steps: 7 })).toMatch(
      /a training step of 4 sequences of 7 steps takes [\d.]+ KiB$/,
    );
  });

  it('that is not there is an error before training begins, with the bytes and what to do', () => {
    using network = create(1024, 'zeros');
    const before = network.hash();
    const [steps, examples] = [20_000, 16];
    const sequence = new Float32Array(8 * steps);
    const x = Array.from({ length: examples }, () => sequence);
    const y = x.map(() => new Uint8Array(steps));
    let error: unknown;
    try {
      network.fitSync({ x, y }, { epochs: 1 });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(NetworkError);
    expect(String(error)).toMatch(
      /batches of 16 × 20000 steps: needs [\d.]+ GiB, .* truncate: k, which keeps only k steps/,
    );
    expect(network.hash()).toBe(before);
    const few = { x: [sequence.slice(0, 8 * 20)], y: [new Uint8Array(20)] };
    network.fitSync(few, { epochs: 1, truncate: 5 });
    expect(network.hash()).not.toBe(before);
  });
});
