import { describe, expect, it } from 'vitest';
import type { Network, StepOptions } from '../src/index.ts';
import { expectClose, largest } from './reference/compare.ts';
import {
  CORES,
  OPTIMIZERS,
  libraryOptimizer,
  namedParameters,
  networkOf,
} from './reference/library.ts';
import { oracleData, oracleIndex, readOracle, referenceNetwork } from './reference/oracle.ts';
import type { OracleCase, OracleTraces } from './reference/oracle.ts';
import { recurrentCases } from './reference/recurrent-oracle.ts';

// The library against independent truth, at the float32 limits of the oracle's README:
// about ten times what PyTorch itself shows between float32 and float64.

/** Files that are not networks; recurrent networks are in recurrent/oracle.test.ts. */
const OTHER_FILES: Record<string, string> = {
  'optimisers.json': 'below',
  'numerics.json': 'numerics.test.ts',
};

const cases = oracleIndex
  .filter(({ family }) => family === 'mlp')
  .map(({ file }) => readOracle<OracleCase>(file));

const traces = readOracle<OracleTraces>('optimisers.json');

it('every file and update rule of the oracle runs', () => {
  const networks = [...cases, ...recurrentCases].map(({ id }) => `${id}.json`);
  const run = [...networks, ...Object.keys(OTHER_FILES)].sort();
  expect(run).toEqual(oracleIndex.map(({ file }) => file).sort());
  const rules = new Set(cases.flatMap(({ optimisers }) => Object.keys(optimisers)));
  for (const { rule } of Object.values(traces.traces)) rules.add(rule);
  expect([...OPTIMIZERS].sort()).toEqual([...rules].sort());
});

/** The penalty and the clipping of a case as options of a step. */
const stepOptions = ({ regularisation, clipping }: OracleCase): StepOptions => ({
  ...(regularisation && { l2: regularisation.l2 }),
  ...(clipping && { clipNorm: clipping.max_norm }),
});

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
  it.each(cases)('predictions, cost and gradients: $id', (c) => {
    const { x, y } = oracleData(c);
    const network = networkOf(referenceNetwork(c, c.params), core);
    const outputs = c.forward.a.at(-1)!.flat();
    expectClose(network.predict(x), outputs, 1e-5 * Math.max(1, largest(outputs)), 'prediction');
    const { l2 = 0 } = stepOptions(c);
    const { cost, gradients } = network.gradients(x, y, { l2 });
    const costLimit = 1e-5 * Math.max(1, c.cost);
    expectClose([cost], [c.cost_with_l2 ?? c.cost], costLimit, 'cost');
    expectClose([network.evaluate({ x, y }).loss], [c.cost], costLimit, 'evaluated loss');
    const truth = namedParameters(
      c.backward.dW.map((W, l) => ({ W, b: c.backward.db?.[l] ?? null })),
    );
    expect(Object.keys(gradients)).toEqual(Object.keys(truth));
    for (const [name, values] of Object.entries(truth)) {
      expectClose(gradients[name]!, values, 5e-6 * largest(values) + 1e-8, `dC/d ${name}`);
    }
    network.dispose();
  });

  const steps = cases.flatMap((c) =>
    OPTIMIZERS.filter((rule) => rule in c.optimisers).map((rule) => ({ id: c.id, rule, c })),
  );

  it.each(steps)('five steps of $rule: $id', ({ rule, c }) => {
    const { x, y } = oracleData(c);
    const { hyper, costs, after1, after5 } = c.optimisers[rule]!;
    const network = networkOf(referenceNetwork(c, c.params), core);
    const optimizer = libraryOptimizer(rule, hyper);
    for (let step = 0; step < 5; step++) {
      const cost = network.trainBatch(x, y, { optimizer, ...stepOptions(c) });
      expectClose([cost], [costs[step]!], 1e-5 * Math.max(1, costs[step]!), `cost ${step}`);
      if (step === 0 && after1) {
        const truth = namedParameters(referenceNetwork(c, after1).layers);
        expectParameters(network, truth, 5e-6, 'after 1 step');
      }
    }
    const truth = namedParameters(referenceNetwork(c, after5).layers);
    expectParameters(network, truth, 1e-5, 'after 5 steps');
    const { cost } = network.gradients(x, y, { l2: stepOptions(c).l2 ?? 0 });
    expectClose([cost], [costs[5]!], 1e-5 * Math.max(1, costs[5]!), 'cost 5');
    network.dispose();
  });

  it.each(steps)('fit makes the same five steps of $rule: $id', ({ rule, c }) => {
    const { x, y } = oracleData(c);
    const { hyper, costs, after5 } = c.optimisers[rule]!;
    const network = networkOf(referenceNetwork(c, c.params), core);
    const { reports } = network.fitSync(
      { x, y },
      {
        epochs: 5,
        batchSize: 'all',
        optimizer: libraryOptimizer(rule, hyper),
        shuffle: false,
        ...stepOptions(c),
      },
    );
    const reported = reports.map(({ cost }) => cost);
    expectClose(reported, costs.slice(0, 5), 1e-5 * Math.max(1, largest(costs)), 'cost');
    const truth = namedParameters(referenceNetwork(c, after5).layers);
    expectParameters(network, truth, 1e-5, 'after 5 epochs');
    network.dispose();
  });

  // With one linear output far above its target the absolute error's derivative is 1, so dC/dW = x:
  // the prescribed gradient itself, without rounding.
  // Weight decay of a rule other than AdamW is the derivative of a penalty on all parameters, here one row of weights.
  it.each(Object.keys(traces.traces))('prescribed gradients: %s', (name) => {
    const { rule, params, hyper: all } = traces.traces[name]!;
    const { weight_decay: decay = 0, ...others } = all;
    const [hyper, l2] = rule === 'adamw' ? [all, 0] : [others, decay];
    const layers = [{ W: [traces.params0], b: null, activation: 'linear' }];
    const network = networkOf({ layers, loss: 'meanAbsoluteError' }, core);
    const optimizer = libraryOptimizer(rule, hyper);
    traces.gradients.forEach((gradient, step) => {
      network.trainBatch([gradient], [[-1e6]], { optimizer, l2 });
      expectParameters(network, { 'layers.0.W': params[step]! }, 1e-5, `step ${step + 1}`);
    });
    network.dispose();
  });
});
