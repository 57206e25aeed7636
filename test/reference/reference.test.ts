import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { expectClose, largest } from './compare.ts';
import { activations, erf, softmax } from './functions.ts';
import {
  backward,
  centralDifferences,
  flatten,
  forward,
  gradient,
  withParameters,
} from './network.ts';
import {
  activationName,
  oracleData,
  oracleIndex,
  readOracle,
  referenceNetwork,
  referenceOptimizer,
} from './oracle.ts';
import type { ReferenceNetwork } from './network.ts';
import type { OracleCase, OracleNumerics, OracleTraces } from './oracle.ts';
import { clip, norm, penaltyCost, penaltyGradient } from './regularisation.ts';
import type { Penalty } from './regularisation.ts';

// The specification itself, held against the oracle at the float64 limits of the oracle's README.

const cases = oracleIndex
  .filter(({ family }) => family === 'mlp')
  .map(({ file }) => readOracle<OracleCase>(file));

/** The penalty of a case. */
const penaltyOf = ({ regularisation }: OracleCase): Penalty => ({ l2: regularisation?.l2 ?? 0 });

/** dC/dp of the cost with its penalty. */
function penalisedGradient(c: OracleCase, network: ReferenceNetwork): number[] {
  const { x, y } = oracleData(c);
  const penalty = penaltyGradient(network, penaltyOf(c));
  return gradient(network, x, y).map((g, i) => g + penalty[i]!);
}

/** The derivatives of a case without penalty are those of the reference themselves. */
const plain = cases.filter((c) => c.regularisation === undefined);

const relativeTo = (values: number[], relative: number): number =>
  relative * Math.max(1, largest(values));

it('the oracle files are those of SHA256SUMS', () => {
  const file = (name: string): Buffer =>
    readFileSync(new URL(`../fixtures/oracle/${name}`, import.meta.url));
  const lines = file('SHA256SUMS').toString().trim().split('\n');
  expect(lines.length).toBeGreaterThan(oracleIndex.length);
  for (const line of lines) {
    const [sum, name] = line.split(/\s+/);
    expect(createHash('sha256').update(file(name!)).digest('hex'), name).toBe(sum);
  }
});

describe('the reference against the oracle, forward', () => {
  it.each(cases)('$id', (c) => {
    const { x, y } = oracleData(c);
    const { z, a, cost, exampleCost } = forward(referenceNetwork(c, c.params), x, y);
    a.forEach((al, l) => {
      const truth = c.forward.a[l]!.flat();
      expectClose(al.flat(), truth, relativeTo(truth, 1e-12), `a[${l}]`);
    });
    c.forward.z?.forEach((zl, l) =>
      expectClose(z[l]!.flat(), zl.flat(), relativeTo(zl.flat(), 1e-12), `z[${l}]`),
    );
    expectClose([cost], [c.cost], relativeTo([c.cost], 1e-12), 'cost');
    const costs = c.forward.example_cost;
    if (costs) expectClose(exampleCost, costs, relativeTo(costs, 1e-12), 'example cost');
  });
});

describe('the reference against the oracle, backward', () => {
  it.each(plain)('$id', (c) => {
    const { x, y } = oracleData(c);
    const got = backward(referenceNetwork(c, c.params), x, y);
    const same = (name: string, values: number[], truth: number[]): void =>
      expectClose(values, truth, 1e-12 * largest(truth) + 1e-15, name);
    for (const name of ['dz', 'da', 'dW', 'db'] as const) {
      c.backward[name]?.forEach((truth, l) =>
        same(`${name}[${l}]`, got[name][l]!.flat(), truth.flat()),
      );
    }
    if (c.backward.dx) same('dx', got.dx.flat(), c.backward.dx.flat());
  });

  // The 2410 parameters of the digits case are left to the oracle's own differences.
  const small = plain.filter(({ id }) => id !== 'mlp_digits_64_32_10');
  it.each(small)('central differences agree: $id', (c) => {
    const { x, y } = oracleData(c);
    const network = referenceNetwork(c, c.params);
    const analytic = gradient(network, x, y);
    // h² f‴ is about 1e-10; rounding of C over h about 1e-11.
    expectClose(centralDifferences(network, x, y), analytic, 1e-8, 'gradient');
  });
});

describe('the reference against the oracle, penalty and clipping', () => {
  it.each(cases.filter((c) => !plain.includes(c)))('penalty: $id', (c) => {
    const network = referenceNetwork(c, c.params);
    const { dW, db } = c.backward;
    const truth = flatten(dW.map((W, l) => ({ W, b: db?.[l] ?? null })));
    expectClose(penalisedGradient(c, network), truth, 1e-12 * largest(truth) + 1e-15, 'gradient');
    const cost = c.cost + penaltyCost(network, penaltyOf(c));
    expectClose([cost], [c.cost_with_l2!], 1e-12, 'cost');
  });

  it.each(cases.filter((c) => c.clipping !== undefined))('clipping: $id', (c) => {
    const { global_norm: length, clipped } = c.clip!;
    const g = penalisedGradient(c, referenceNetwork(c, c.params));
    expectClose([norm(g)], [length], 1e-12 * length, 'norm');
    const { dW, db } = clipped;
    const truth = flatten(dW.map((W, l) => ({ W, b: db[l]! })));
    expectClose(clip(g, { norm: c.clipping!.max_norm }), truth, 1e-12, 'clipped');
  });
});

describe('the reference against the oracle, five steps', () => {
  it.each(cases)('$id', (c) => {
    const { x, y } = oracleData(c);
    let compared = 0;
    for (const [rule, { hyper, costs, after1, after5 }] of Object.entries(c.optimisers)) {
      const update = referenceOptimizer(rule, hyper);
      let network = referenceNetwork(c, c.params);
      for (let step = 0; step <= 5; step++) {
        const cost = forward(network, x, y).cost + penaltyCost(network, penaltyOf(c));
        expectClose([cost], [costs[step]!], relativeTo(costs, 1e-11), `${rule}: cost ${step}`);
        const truth = step === 1 ? after1 : step === 5 ? after5 : undefined;
        if (truth) {
          const parameters = flatten(referenceNetwork(c, truth).layers);
          const limit = step === 1 ? 1e-12 : 1e-11;
          expectClose(flatten(network.layers), parameters, limit, `${rule}: after ${step}`);
        }
        const g = clip(penalisedGradient(c, network), { norm: c.clipping?.max_norm ?? Infinity });
        network = withParameters(network, update(flatten(network.layers), g));
      }
      compared += 1;
    }
    expect(compared).toBe(Object.keys(c.optimisers).length);
    expect(compared).toBeGreaterThanOrEqual(2);
  });

  it('prescribed gradients', () => {
    const { params0, gradients, traces } = readOracle<OracleTraces>('optimisers.json');
    const compared: string[] = [];
    for (const [name, { rule, hyper: all, params }] of Object.entries(traces)) {
      const { weight_decay: decay = 0, ...others } = all;
      const [hyper, l2] = rule === 'adamw' ? [all, 0] : [others, decay];
      const update = referenceOptimizer(rule, hyper);
      let p = params0;
      gradients.forEach((g, step) => {
        p = update(
          p,
          g.map((gi, i) => gi + l2 * p[i]!),
        );
        expectClose(p, params[step]!, 1e-11, `${name}: step ${step + 1}`);
      });
      compared.push(name);
    }
    expect(compared).toHaveLength(10);
  });
});

describe('the reference against 60-digit arithmetic', () => {
  const numerics = readOracle<OracleNumerics>('numerics.json');

  it.each(Object.entries(numerics.activations))('%s', (name, { f, df }) => {
    const activation = activations[activationName(name)]!;
    numerics.z.forEach((z, i) => {
      const limit = 1e-15 * Math.max(1, Math.abs(z));
      expectClose([activation.f(z)], [f[i]!], limit, `f(${z})`);
      expectClose([activation.df(z)], [df[i]!], limit, `f'(${z})`);
    });
  });

  it('softmax', () => {
    for (const { z, softmax: truth } of numerics.softmax_cross_entropy) {
      expectClose(softmax(z), truth, 1e-15, `softmax(${z})`);
    }
  });

  it('the error function at known values', () => {
    expect(erf(0)).toBe(0);
    expectClose([erf(0.5)], [0.5204998778130465], 2e-16, 'erf 0.5');
    expectClose([erf(-1)], [-0.8427007929497149], 2e-16, 'erf -1');
    expectClose([erf(2)], [0.9953222650189527], 3e-16, 'erf 2');
    expectClose([erf(3.5)], [0.9999992569016276], 2e-16, 'erf 3.5');
  });
});
