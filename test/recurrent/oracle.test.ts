import { describe, expect, it } from 'vitest';
import type { Network } from '../../src/index.ts';
import { expectClose, largest } from '../reference/compare.ts';
import { CORES, OPTIMIZERS, libraryOptimizer } from '../reference/library.ts';
import {
  isPerStep,
  recurrentCases,
  recurrentInputs,
  recurrentNames,
  recurrentNetwork,
} from '../reference/recurrent-oracle.ts';
import type { RecurrentCase } from '../reference/recurrent-oracle.ts';

// Recurrent layers against independent truth, at the float32 limits of the oracle's README.

/** Padding of the files is reported as 0; the library's predictions in padding are whatever the carried state gives. */
function validOnly(values: ArrayLike<number>, c: RecurrentCase, width: number): number[] {
  const { x, lengths } = c.data;
  return x.flatMap((sequence, example) =>
    sequence.flatMap((_, step) => {
      const at = (example * sequence.length + step) * width;
      const valid = step < (lengths?.[example] ?? sequence.length);
      return Array.from({ length: width }, (_unit, j) => (valid ? values[at + j]! : 0));
    }),
  );
}

const expectParameters = (
  network: Network,
  truth: Record<string, number[]>,
  limit: number,
  what: string,
): void => {
  expect(network.parameters.map(({ name }) => name)).toEqual(Object.keys(truth));
  for (const { name, get } of network.parameters) {
    expectClose(get(), truth[name]!, limit, `${what}: ${name}`);
  }
};

describe.each(CORES)('core %s', (core) => {
  it.each(recurrentCases)('states: $id', (c) => {
    const network = recurrentNetwork(c, core, true);
    const units = c.architecture.hidden.at(-1)!;
    const states = validOnly(network.predict(recurrentInputs(c)), c, units);
    expectClose(states, c.forward.h.at(-1)!.flat(2), 1e-5, 'h');
    network.dispose();
  });

  it.each(recurrentCases)('predictions, cost and gradients: $id', (c) => {
    const inputs = recurrentInputs(c);
    const { y } = c.data;
    const network = recurrentNetwork(c, core);
    const outputs = c.forward.ao.flat(2) as number[];
    const predicted = network.predict(inputs);
    const got = isPerStep(c) ? validOnly(predicted, c, c.architecture.n_out) : predicted;
    expectClose(got, outputs, 1e-5 * Math.max(1, largest(outputs)), 'prediction');
    const { cost, gradients } = network.gradients(inputs, y);
    const costLimit = 1e-5 * Math.max(1, c.cost);
    expectClose([cost], [c.cost], costLimit, 'cost');
    expectClose([network.evaluate({ ...inputs, y }).loss], [c.cost], costLimit, 'loss');
    const truth = recurrentNames(c.backward, 'd');
    expect(Object.keys(gradients)).toEqual(Object.keys(truth));
    for (const [name, values] of Object.entries(truth)) {
      expectClose(gradients[name]!, values, 5e-6 * largest(values) + 1e-8, `dC/d ${name}`);
    }
    network.dispose();
  });

  const steps = recurrentCases.flatMap((c) =>
    OPTIMIZERS.filter((rule) => rule in c.optimisers).map((rule) => ({ id: c.id, rule, c })),
  );

  it.each(steps)('five steps of $rule, one by one and by fit: $id', ({ rule, c }) => {
    const inputs = recurrentInputs(c);
    const { y } = c.data;
    const { hyper, costs, after1, after5 } = c.optimisers[rule]!;
    const network = recurrentNetwork(c, core);
    const fitted = recurrentNetwork(c, core);
    const optimizer = libraryOptimizer(rule, hyper);
    const clip = c.clipping && { clipNorm: c.clipping.max_norm };
    const limit = 1e-5 * Math.max(1, largest(costs));
    for (let step = 0; step < 5; step++) {
      const cost = network.trainBatch(inputs, y, { optimizer, ...clip });
      expectClose([cost], [costs[step]!], limit, `cost ${step}`);
      if (step === 0) expectParameters(network, recurrentNames(after1), 5e-6, 'after 1 step');
    }
    expectParameters(network, recurrentNames(after5), 1e-5, 'after 5 steps');
    const { reports } = fitted.fitSync(
      { ...inputs, y },
      { epochs: 5, batchSize: 'all', optimizer, shuffle: false, ...clip },
    );
    const reported = reports.map(({ cost }) => cost);
    expectClose(reported, costs.slice(0, 5), limit, 'reported cost');
    expect(fitted.hash()).toBe(network.hash());
    network.dispose();
    fitted.dispose();
  });
});
