import { describe, expect, it } from 'vitest';
import { expectClose, largest } from './reference/compare.ts';
import { sigmoid } from './reference/functions.ts';
import { CORES, networkOf } from './reference/library.ts';
import { forward } from './reference/network.ts';
import { oracleData, readOracle, referenceNetwork } from './reference/oracle.ts';
import type { OracleCase } from './reference/oracle.ts';

// The worked cases of the texts on backpropagation, each derivative written out by hand as the texts do.

/** Single precision and about ten operations: the limit of the oracle's README for gradients. */
const limitFor = (values: number[]): number => 5e-6 * largest(values) + 1e-8;

/** σ′ in terms of the pre-activation. */
const slope = (z: number): number => sigmoid(z) * (1 - sigmoid(z));

describe.each(CORES)('core %s', (core) => {
  describe.each(['mlp_chain_1111', 'mlp_chain_11111'])('one neuron per layer: %s', (id) => {
    const c = readOracle<OracleCase>(`${id}.json`);
    const { x, y } = oracleData(c);
    const reference = referenceNetwork(c, c.params);
    const w = c.params.W.map((W) => W[0]![0]!);
    const z = c.forward.z!.map((zl) => zl[0]![0]!);
    /** a[l] is the activation below layer l, so a[0] is the input. */
    const a = [x[0]![0]!, ...c.forward.a.map((al) => al[0]![0]!)];
    const last = w.length - 1;
    const target = y[0]![0]!;

    it('the last weight: dC/dw = dz/dw · da/dz · dC/da, three factors', () => {
      const network = networkOf(reference, core);
      const dzdw = a[last]!;
      const dadz = slope(z[last]!);
      const dCda = a[last + 1]! - target;
      const { gradients } = network.gradients(x, y);
      const byHand = [dzdw * dadz * dCda];
      expectClose(gradients[`layers.${last}.W`]!, byHand, limitFor(byHand), 'dC/dw');
      const bias = [1 * dadz * dCda];
      expectClose(gradients[`layers.${last}.b`]!, bias, limitFor(bias), 'dC/db');
      network.dispose();
    });

    it('every weight: each layer passed on the way back multiplies by w σ′(z)', () => {
      const network = networkOf(reference, core);
      const { gradients } = network.gradients(x, y);
      let dCda = a[last + 1]! - target;
      for (let l = last; l >= 0; l--) {
        const dCdz = slope(z[l]!) * dCda;
        const dCdw = [a[l]! * dCdz];
        expectClose(gradients[`layers.${l}.W`]!, dCdw, limitFor(dCdw), `dC/dw of layer ${l}`);
        expectClose(gradients[`layers.${l}.b`]!, [dCdz], limitFor([dCdz]), `dC/db of layer ${l}`);
        dCda = w[l]! * dCdz;
      }
      network.dispose();
    });

    it('the cost (a − y)² instead of ½(a − y)² doubles cost and derivatives', () => {
      const half = networkOf(reference, core);
      const full = networkOf({ ...reference, loss: 'squaredError' }, core);
      const single = half.gradients(x, y);
      const double = full.gradients(x, y);
      expect(double.cost).toBe(2 * single.cost);
      for (const [name, values] of Object.entries(single.gradients)) {
        expect([...double.gradients[name]!]).toEqual([...values].map((value) => 2 * value));
      }
      half.dispose();
      full.dispose();
    });
  });

  it('two neurons per layer: an activation reaches the cost through both neurons above it', () => {
    const c = readOracle<OracleCase>('mlp_two_per_layer.json');
    const { x, y } = oracleData(c);
    const network = networkOf(referenceNetwork(c, c.params), core);
    const { gradients } = network.gradients(x, y);
    const [W2, W3] = [c.params.W[2]!, c.params.W[3]!];
    const z = c.forward.z!.map((zl) => zl[0]!);
    const a = c.forward.a.map((al) => al[0]!);
    const dCdz3 = [0, 1].map((j) => slope(z[3]![j]!) * (a[3]![j]! - y[0]![j]!));
    const dCda2 = [0, 1].map((k) => W3[0]![k]! * dCdz3[0]! + W3[1]![k]! * dCdz3[1]!);
    const dCdz2 = [0, 1].map((k) => slope(z[2]![k]!) * dCda2[k]!);
    const dCda1 = [0, 1].map((k) => W2[0]![k]! * dCdz2[0]! + W2[1]![k]! * dCdz2[1]!);
    const dCdz1 = [0, 1].map((k) => slope(z[1]![k]!) * dCda1[k]!);
    const weights = (dCdz: number[], below: number[]): number[] =>
      dCdz.flatMap((d) => below.map((ak) => d * ak));
    const byHand: [number, number[], number[]][] = [
      [3, dCdz3, a[2]!],
      [2, dCdz2, a[1]!],
      [1, dCdz1, a[0]!],
    ];
    for (const [l, dCdz, below] of byHand) {
      const dW = weights(dCdz, below);
      expectClose(gradients[`layers.${l}.W`]!, dW, limitFor(dW), `dC/dW of layer ${l}`);
      expectClose(gradients[`layers.${l}.b`]!, dCdz, limitFor(dCdz), `dC/db of layer ${l}`);
    }
    network.dispose();
  });

  it('6-6-4-3-1: shapes, and a step along the gradient lowers the cost by η |∇C|²', () => {
    const c = readOracle<OracleCase>('mlp_66431_batch.json');
    const { x, y } = oracleData(c);
    const network = networkOf(referenceNetwork(c, c.params), core);
    expect(network.parameters.map(({ name, shape }) => [name, shape])).toEqual([
      ['layers.0.W', [6, 6]],
      ['layers.0.b', [6]],
      ['layers.1.W', [4, 6]],
      ['layers.1.b', [4]],
      ['layers.2.W', [3, 4]],
      ['layers.2.b', [3]],
      ['layers.3.W', [1, 3]],
      ['layers.3.b', [1]],
    ]);
    const { gradients } = network.gradients(x, y);
    const truth = [...c.backward.dW.flat(2), ...c.backward.db!.flat()];
    const length = truth.reduce((sum, g) => sum + g * g, 0);
    const learningRate = 0.01;
    const moved = structuredClone(referenceNetwork(c, c.params));
    moved.layers.forEach(({ W, b }, l) => {
      const dW = gradients[`layers.${l}.W`]!;
      const db = gradients[`layers.${l}.b`]!;
      W.forEach((row, j) =>
        row.forEach((_, k) => (row[k]! -= learningRate * dW[j * row.length + k]!)),
      );
      b!.forEach((_, j) => (b![j]! -= learningRate * db[j]!));
    });
    const drop = c.cost - forward(moved, x, y).cost;
    // To first order; the second-order part is of relative size η · |curvature|, below a few percent here.
    expect(drop / (learningRate * length)).toBeGreaterThan(0.95);
    expect(drop / (learningRate * length)).toBeLessThan(1.05);
    network.dispose();
  });
});
