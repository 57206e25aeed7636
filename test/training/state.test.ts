import fc from 'fast-check';
import { expect, it } from 'vitest';
import * as abi from '../../src/core/abi.ts';
import type { CoreName } from '../../src/core/core.ts';
import { createCore } from '../../src/core/create.ts';
import { DataReader } from '../../src/data/reader.ts';
import { Engine } from '../../src/engine.ts';
import { registerNames } from '../../src/registers.ts';
import { extras } from '../../src/extras.ts';
import {
  adagrad,
  adam,
  adamw,
  cosine,
  dense,
  dropout,
  momentum,
  nesterov,
  type NetworkSpec,
  reduceOnPlateau,
  rmsprop,
  sgd,
} from '../../src/index.ts';
import { initialise } from '../../src/initialise.ts';
import { resolveSpec } from '../../src/nn/spec.ts';
import { Fit } from '../../src/training/fit.ts';
import type { FitPlan } from '../../src/training/plan.ts';
import { measuresOf } from '../../src/training/measures.ts';
import { type FitOptions, resolveFitOptions } from '../../src/training/options.ts';
import { runExtras } from '../../src/training/run-extras.ts';
import type { RunState } from '../../src/training/state.ts';
import { Trainer } from '../../src/training/trainer.ts';

const spec: NetworkSpec = {
  input: 3,
  layers: [dense(4, 'tanh'), dropout(0.25), dense(2, 'softmax')],
  loss: 'crossEntropy',
  seed: 5,
};
const rows = 23;
const data = {
  x: Float32Array.from({ length: 3 * rows }, (_, index) => ((index * 7) % 11) / 11 - 0.5),
  y: Uint8Array.from({ length: rows }, (_, index) => ((index * 5) % 7) % 2),
};

/** A fresh network and a run on it, begun anew or from a state. */
function begin(core: CoreName, value: FitOptions, state?: RunState): { engine: Engine; fit: Fit } {
  const { model } = resolveSpec(spec);
  const engine = new Engine(createCore(core), model);
  initialise(engine, 5);
  const reader = new DataReader({
    inputs: model.inputs,
    outputs: model.outputs,
    features: undefined,
    classes: undefined,
    probabilities: true,
  });
  const options = resolveFitOptions(value, extras);
  const { epochs, step, schedule } = options;
  const batchSize = options.batchSize as number;
  const run = { ...reader.examples(data), epochs, batchSize, step, schedule, shuffleSeed: 5 };
  const plan: FitPlan = {
    engine,
    spec,
    options,
    createTrainer: () => new Trainer(engine, run, runExtras),
    extras: runExtras,
    training: run,
    validation: options.validation && reader.examples(options.validation),
    measures: measuresOf(model, undefined, options),
    warnings: [],
    seed: 5,
  };
  return { engine, fit: new Fit({ ...plan, from: state }) };
}

/** Runs to the end, and gives everything that must not depend on a stop. */
function finish({ engine, fit }: ReturnType<typeof begin>): unknown {
  while (!fit.advance());
  const { memory, progress } = fit.capture();
  const timeless = progress.reports.map(({ epoch, cost, accuracy, learningRate, validation }) => {
    return { epoch, cost, accuracy, learningRate, validation };
  });
  fit.free();
  expect(engine.arena.end).toBeGreaterThan(0);
  return { memory, ...progress, reports: timeless };
}

it('names every register of the state block', () => {
  const constants = Object.keys(abi).filter((name) => name.startsWith('STATE_'));
  const camelCase = (name: string): string =>
    name
      .slice(6)
      .toLowerCase()
      .replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  const expected = constants.filter((name) => name !== 'STATE_BYTES').map(camelCase);
  expect([...registerNames].sort()).toEqual(expected.sort());
});

it('a run that goes on from its state, anywhere, is a run that never stopped', () => {
  const optimizers = [
    sgd({ learningRate: 0.5 }),
    momentum(),
    nesterov(),
    rmsprop(),
    adagrad(),
    adam(),
    adamw(),
  ];
  const steps = [{}, { l2: 0.01, clipNorm: 0.1 }];
  const schedules = [
    {},
    { schedule: cosine() },
    { schedule: reduceOnPlateau({ patience: 1, minDelta: 1e-2, factor: 0.5 }) },
    { earlyStopping: { patience: 2, minDelta: 5e-3 } },
  ];
  const property = fc.property(
    fc.constantFrom(...optimizers),
    fc.constantFrom(...steps),
    fc.constantFrom(...schedules),
    fc.boolean(),
    fc.integer({ min: 1, max: rows }),
    fc.integer({ min: 0, max: 30 }),
    (optimizer, step, schedule, validated, batchSize, calls) => {
      const options = {
        epochs: 6,
        batchSize,
        optimizer,
        ...step,
        ...schedule,
        ...(validated && { validation: data }),
      };
      const expected = finish(begin('simd', options));

      const interrupted = begin('simd', options);
      let ended = false;
      for (let call = 0; call < calls && !ended; call++) ended = !!interrupted.fit.advance();
      if (ended) return;
      const state = interrupted.fit.capture();
      const copy = structuredClone(state);
      interrupted.fit.advance();
      interrupted.fit.free();
      expect(state).toEqual(copy);
      for (const core of ['simd', 'js'] as const) {
        expect(finish(begin(core, options, state))).toEqual(expected);
      }
    },
  );
  fc.assert(property, { seed: 1, numRuns: 60 });
});
