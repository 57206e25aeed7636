import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dense, dropout, type DenseSpec, type LossName, Network } from '../../src/index.ts';
import type { Explanation } from '../../src/index.ts';
import { networkOf } from '../reference/library.ts';
import { sigmoid } from '../reference/functions.ts';
import { oracleData, readOracle, referenceNetwork } from '../reference/oracle.ts';
import type { OracleCase } from '../reference/oracle.ts';

const close = (a: number, b: number, scale: number): boolean =>
  Math.abs(a - b) <= 2e-5 * Math.max(scale, 1e-6);

/** The product of the partial derivatives on the path, from the edges of the tree. */
function product({ tree }: Explanation): number {
  return tree.edges.filter(({ onPath }) => onPath).reduce((p, { value }) => p * value, 1);
}

const outputs: { layers: DenseSpec[]; loss: LossName }[] = [
  {
    layers: [dense(3, 'tanh'), dense(4, 'sigmoid'), dense(2, 'sigmoid')],
    loss: 'halfSquaredError',
  },
  { layers: [dense(3, 'gelu'), dense(2, 'tanh'), dense(2, 'softmax')], loss: 'crossEntropy' },
  {
    layers: [dense(3, 'relu'), dense(2, 'linear'), dense(2, 'sigmoid')],
    loss: 'binaryCrossEntropy',
  },
  { layers: [dense(2, 'silu'), dense(3, 'softmax')], loss: 'meanSquaredError' },
];

describe('any weight of any network', () => {
  it.each(outputs)(
    '$loss: factors, paths and tree agree with the derivative',
    ({ layers, loss }) => {
      fc.assert(
        fc.property(
          fc.integer({ min: 0, max: 1e6 }),
          fc.nat(),
          fc.nat(),
          fc.nat(),
          (seed, l, j, k) => {
            const net = new Network({ input: 3, layers, loss, seed });
            const x = [[Math.sin(seed), Math.cos(seed), 0.5]];
            const y = [
              Array.from({ length: layers.at(-1)!.units }, (_, i) => (i === seed % 2 ? 1 : 0)),
            ];
            const layer = l % layers.length;
            const to = j % layers[layer]!.units;
            const inputs = layer === 0 ? 3 : layers[layer - 1]!.units;
            const from = k % (inputs + 1) === inputs ? 'bias' : k % (inputs + 1);
            const explanation = net.explain(x, y, { layer, to, from });
            const { gradients } = net.gradients(x, y);
            const gradient = gradients[`layers.${layer}.${from === 'bias' ? 'b' : 'W'}`]!;
            expect(explanation.derivative).toBe(
              gradient[from === 'bias' ? to : to * inputs + from],
            );

            const { activation, activationDerivative, sensitivity, delta } = explanation.factors;
            const { paths, pathCount, path, derivative } = explanation;
            const size = paths.reduce((sum, p) => sum + Math.abs(p.contribution), 0);
            expect(close(activation * delta, derivative, size)).toBe(true);
            if (activationDerivative !== undefined) {
              expect(
                close(activation * activationDerivative * sensitivity!, derivative, size),
              ).toBe(true);
            } else expect(layers[layer]!.activation).toBe('softmax');

            expect(paths).toHaveLength(pathCount);
            expect(
              close(
                paths.reduce((sum, p) => sum + p.contribution, 0),
                derivative,
                size,
              ),
            ).toBe(true);
            const largest = Math.max(...paths.map((p) => Math.abs(p.contribution)));
            expect(Math.abs(path.contribution)).toBeCloseTo(largest, 12);
            expect(paths).toContain(path);
            expect(close(product(explanation), path.contribution, size)).toBe(true);
            expect(explanation.rest).toBe(derivative - path.contribution);
            net.dispose();
          },
        ),
        { numRuns: 30 },
      );
    },
  );
});

describe('the worked chain of one neuron per layer', () => {
  const c = readOracle<OracleCase>('mlp_chain_1111.json');
  const { x, y } = oracleData(c);
  const net = networkOf(referenceNetwork(c, c.params), 'simd');
  const z = c.forward.z!.map((zl) => zl[0]![0]!);
  const a = c.forward.a.map((al) => al[0]![0]!);
  const slope = (zl: number): number => sigmoid(zl) * (1 - sigmoid(zl));

  it('the last weight: previous activation · σ′(z) · (a − y)', () => {
    const last = a.length - 1;
    const { factors, pathCount } = net.explain(x, y, { layer: last, to: 0, from: 0 });
    expect(pathCount).toBe(1);
    expect(factors.activation).toBeCloseTo(a[last - 1]!, 6);
    expect(factors.activationDerivative).toBeCloseTo(slope(z[last]!), 6);
    expect(factors.sensitivity).toBeCloseTo(a[last]! - y[0]![0]!, 6);
  });

  it('the first weight: its tree has a partial derivative on every edge down to it', () => {
    const explanation = net.explain(x, y, { layer: 0, to: 0, from: 0 });
    const labels = explanation.tree.edges.filter(({ onPath }) => onPath).map(({ label }) => label);
    const chain = a.flatMap((_, l) => (l === 0 ? [] : ['∂a₀/∂z₀ = σ′(z₀)', '∂z₀/∂a₀ = w₀,₀']));
    expect(labels).toEqual(['∂C/∂a₀', ...chain, '∂a₀/∂z₀ = σ′(z₀)', '∂z₀/∂w₀,₀ = x₀']);
    expect(explanation.tree.nodes[0]).toMatchObject({ id: 'C', kind: 'cost' });
    for (const { child, parent } of explanation.tree.edges) {
      const ids = explanation.tree.nodes.map(({ id }) => id);
      expect(ids).toContain(child);
      expect(ids).toContain(parent);
    }
  });

  it('the levers are in proportion to activations and weights', () => {
    const { levers, factors, value } = net.explain(x, y, { layer: 1, to: 0, from: 0 });
    expect(levers.bias).toBe(factors.delta);
    expect(levers.weights).toEqual([factors.activation * factors.delta]);
    expect(levers.activations).toEqual([value * factors.delta]);
  });
});

describe('a large network', () => {
  const layers = [dense(30, 'relu'), dense(20, 'tanh'), dense(10, 'softmax')];
  const net = new Network({ input: 64, layers, loss: 'crossEntropy', seed: 1 });
  const x = Float32Array.from({ length: 64 }, (_, i) => Math.sin(i));

  it('shows one path and the rest in one', () => {
    const explanation = net.explain(x, [3], { layer: 0, to: 2, from: 5 });
    expect(explanation.pathCount).toBe(200);
    expect(explanation.paths).toEqual([explanation.path]);
    expect(explanation.tree.nodes.length).toBeLessThan(15);
    const rest = explanation.tree.nodes.find(({ kind }) => kind === 'rest');
    expect(rest).toMatchObject({ label: '199 other paths', value: explanation.rest });
    expect(String(explanation)).toContain('200 paths lead to the cost');
  });

  it('follows the path it is told', () => {
    const chosen = net.explain(x, [3], { layer: 0, to: 2, from: 5, path: [7, 3] });
    expect(chosen.path.neurons).toEqual([2, 7, 3]);
    const strongest = net.explain(x, [3], { layer: 0, to: 2, from: 5 });
    expect(Math.abs(strongest.path.contribution)).toBeGreaterThan(
      Math.abs(chosen.path.contribution),
    );
  });

  it('is explained to be read', () => {
    const text = String(net.explain(x, [3], { layer: 1, to: 2, from: 5 }));
    for (const part of [
      '∂C/∂w₂,₅',
      'a₅ · σ′(z₂) · ∂C/∂a₂',
      'computation tree',
      'levers of neuron 2',
    ]) {
      expect(text).toContain(part);
    }
    expect(String(net.explain(x, [3], { layer: 2, to: 2, from: 'bias' }))).toContain('δ₂');
  });

  it('refuses what is not there, saying what is', () => {
    const explain = (options: object) => () =>
      net.explain(x, [3], { layer: 0, to: 0, from: 0, ...options });
    expect(explain({ layer: 3 })).toThrow(/explain\.layer: expected a whole number from 0 to 2/);
    expect(explain({ to: 30 })).toThrow(RangeError);
    expect(explain({ from: 64 })).toThrow(RangeError);
    expect(explain({ from: '1' })).toThrow(TypeError);
    expect(explain({ path: [1] })).toThrow(
      /expected 2 neurons, one for each of layers\.1, layers\.2/,
    );
    expect(explain({ path: [1, 10] })).toThrow(/path\[1\]/);
    expect(explain({ example: 0 })).toThrow(/unknown option/);
    expect(() => net.explain([...x, ...x], [3, 1], { layer: 0, to: 0, from: 0 })).toThrow(
      /expected one example, got 2/,
    );
  });
});

it('a layer without bias has none to explain', () => {
  const net = new Network({
    input: 2,
    layers: [dense(2, 'tanh', { bias: false })],
    loss: 'huber',
    seed: 1,
  });
  expect(() => net.explain([[1, 2]], [[1, 0]], { layer: 0, to: 0, from: 'bias' })).toThrow(
    /has no bias/,
  );
});

it('goes straight through a dropout layer, which has nothing to explain itself', () => {
  const layers = [dense(3, 'tanh'), dropout(0.5), dense(2, 'softmax')];
  const net = new Network({ input: 2, layers, loss: 'crossEntropy', seed: 1 });
  const explanation = net.explain([[1, 2]], [1], { layer: 0, to: 1, from: 0 });
  expect(explanation.paths.map(({ neurons }) => neurons)).toHaveLength(2);
  expect(net.explain([[1, 2]], [1], { layer: 2, to: 1, from: 0 }).name).toBe('layers.2.W');
  expect(() => net.explain([[1, 2]], [1], { layer: 1, to: 0, from: 0 })).toThrow(
    /layers\.1 has no weights/,
  );
});
