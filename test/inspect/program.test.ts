import { describe, expect, it } from 'vitest';
import { adam, dense, momentum, Network, nesterov, sgd, lstm, rnn } from '../../src/index.ts';

const spec = {
  input: 20,
  layers: [dense(30, 'sigmoid'), dense(10, 'softmax')],
  loss: 'crossEntropy',
  seed: 1,
} as const;

describe('net.program', () => {
  const net = new Network(spec);

  it('lists the forward pass, the four equations and the update of each layer, in this order', () => {
    const structure = net.program({ batchSize: 8, optimizer: momentum(), format: 'structure' });
    expect(structure.map(({ equation }) => equation)).toEqual([
      'z = W a + b',
      'a = σ(z)',
      'z = W a + b',
      'BP1',
      'cost',
      'cost',
      'BP2',
      'BP4',
      'BP3',
      'BP2',
      'BP4',
      'BP3',
      'control', // stops at a gradient that is not finite
      'control', // counts the step
      'update',
    ]);
  });

  it('calls δ of an output layer whose loss leaves the activation to it BP1', () => {
    const squared = new Network({ ...spec, loss: 'squaredError' });
    const structure = squared.program({ format: 'structure' });
    const deltas = structure.filter(({ opcode }) => opcode.endsWith('GRADIENT'));
    expect(deltas.map(({ equation }) => equation)).toEqual(['BP1', 'BP2']);
  });

  it('names operands with their shapes', () => {
    const [first] = net.program({ batchSize: 8, format: 'structure' });
    expect(first).toEqual({
      opcode: 'MATMUL',
      text: 'layers.0.z = x · layers.0.Wᵀ + layers.0.b',
      equation: 'z = W a + b',
      operands: [
        { role: 'out', name: 'layers.0.z', rows: 8, columns: 30 },
        { role: 'a', name: 'x', rows: 8, columns: 20 },
        { role: 'b', name: 'layers.0.Wᵀ', rows: 20, columns: 30 },
        { role: 'c', name: 'layers.0.b', rows: 1, columns: 30 },
      ],
      flops: 2 * 8 * 20 * 30,
      bytes: 4 * (8 * 30 + 8 * 20 + 20 * 30 + 30),
    });
  });

  it('counts the products of a step as the textbook does: three per weight, two in the first layer', () => {
    const structure = net.program({ batchSize: 8, format: 'structure' });
    const products = structure.filter(({ opcode }) => opcode === 'MATMUL');
    const flops = products.reduce((sum, { flops }) => sum + flops, 0);
    expect(flops).toBe(2 * 8 * (2 * 20 * 30 + 3 * 30 * 10));
  });

  it('counts what an update reads and writes', () => {
    const bytes = (optimizer: ReturnType<typeof adam | typeof momentum>): number =>
      net.program({ optimizer, format: 'structure' }).at(-1)!.bytes;
    // Parameters and moments are read and written, gradients read.
    expect(bytes(momentum()) / bytes(adam())).toBe(5 / 7);
    expect(bytes(nesterov())).toBe(bytes(momentum()));
  });

  it('is text by default: one line per instruction, a heading and a total', () => {
    const text = net.program();
    expect(text.split('\n')).toHaveLength(net.program({ format: 'structure' }).length + 2);
    expect(text).toContain('∂C/∂layers.1.Wᵀ = layers.0.aᵀ · ∂C/∂layers.1.z');
    expect(text).not.toContain('µs');
  });

  it('measures each instruction and leaves the network as it was, in the midst of training too', () => {
    const [measured, untouched] = [new Network(spec), new Network(spec)];
    const x = Array.from({ length: 4 }, (_, i) =>
      Array.from({ length: 20 }, (_, k) => Math.cos(i * k)),
    );
    const step = (network: Network): number =>
      network.trainBatch(x, [0, 1, 2, 3], { optimizer: adam() });
    for (const optimizer of [sgd(), adam()]) {
      step(measured);
      step(untouched);
      const structure = measured.program({
        profile: true,
        optimizer,
        batchSize: 4,
        format: 'structure',
      });
      expect(structure.every(({ microseconds }) => microseconds! > 0)).toBe(true);
    }
    step(measured);
    step(untouched);
    expect(measured.hash()).toBe(untouched.hash());
    expect(measured.program({ profile: true })).toMatch(/µs +share +GFLOP\/s/);
  });

  it('measures recurrent layers too, whose gradients use up what they work on', () => {
    const layers = [lstm(5, { returns: 'all' }), rnn(4, { returns: 'all' }), dense(2, 'softmax')];
    const network = new Network({ input: { features: 3 }, layers, loss: 'crossEntropy', seed: 1 });
    const before = network.hash();
    const structure = network.program({
      profile: true,
      steps: 4,
      batchSize: 2,
      format: 'structure',
    });
    expect(structure.every(({ microseconds }) => microseconds! > 0)).toBe(true);
    expect(structure.filter(({ opcode }) => opcode === 'LSTM')[0]!.flops).toBeGreaterThan(
      2 * 4 * 2 * 5 * 20,
    );
    expect(network.hash()).toBe(before);
  });

  it('refuses options it does not know', () => {
    expect(() => net.program({ profil: true } as object)).toThrow(/profile/);
    expect(() => net.program({ format: 'json' } as object)).toThrow(RangeError);
    expect(() => net.program({ profile: 1 } as object)).toThrow(TypeError);
  });
});
