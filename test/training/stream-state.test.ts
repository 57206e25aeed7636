import { expect, it } from 'vitest';
import { createCore } from '../../src/core/create.ts';
import type { CoreName } from '../../src/core/core.ts';
import { DataReader, type TrainingData } from '../../src/data/reader.ts';
import { Engine } from '../../src/engine.ts';
import { dense, type NetworkSpec } from '../../src/index.ts';
import { initialise } from '../../src/initialise.ts';
import { resolveSpec } from '../../src/nn/spec.ts';
import { Fit } from '../../src/training/fit.ts';
import { measuresOf } from '../../src/training/measures.ts';
import { resolveFitOptions } from '../../src/training/options.ts';
import { runExtras } from '../../src/training/run-extras.ts';
import type { RunState } from '../../src/training/state.ts';
import { StreamTrainer } from '../../src/training/stream-trainer.ts';

const spec: NetworkSpec = {
  input: 2,
  layers: [dense(3, 'tanh'), dense(1)],
  loss: 'meanSquaredError',
  seed: 5,
};
const BATCHES = 4;
const EPOCHS = 3;

function* batches(): Generator<TrainingData> {
  for (let batch = 0; batch < BATCHES; batch++) yield { x: [[batch, 1], [2, -batch]], y: [batch, 1] }; // prettier-ignore
}

/** A run on the stream, begun anew or from a state. */
function begin(core: CoreName, state?: RunState): { engine: Engine; fit: Fit } {
  const { model } = resolveSpec(spec);
  const engine = new Engine(createCore(core), model);
  initialise(engine, 5);
  const reader = new DataReader({
    inputs: 2,
    outputs: 1,
    features: undefined,
    classes: undefined,
    probabilities: false,
  });
  const options = resolveFitOptions({ epochs: EPOCHS });
  const run = { reader, stream: batches, step: options.step, signal: undefined };
  const createTrainer = (): StreamTrainer => new StreamTrainer(engine, run);
  const measures = measuresOf(model, undefined, options);
  const plan = {
    engine,
    spec,
    options,
    createTrainer,
    extras: runExtras,
    training: undefined,
    validation: undefined,
    measures,
    warnings: [],
    seed: 5,
  };
  return { engine, fit: new Fit({ ...plan, from: state }) };
}

async function finish({ fit }: ReturnType<typeof begin>): Promise<unknown> {
  do await fit.ready();
  while (!fit.advance());
  const { memory, progress } = fit.capture();
  fit.free();
  return {
    memory,
    reports: progress.reports.map(({ epoch, step, cost }) => ({ epoch, step, cost })),
  };
}

it('a run on a stream that goes on from its state, anywhere, is a run that never stopped', async () => {
  const expected = await finish(begin('simd'));
  for (let calls = 0; calls < EPOCHS * (BATCHES + 1); calls++) {
    const { fit } = begin('simd');
    for (let call = 0; call < calls; call++) {
      await fit.ready();
      fit.advance();
    }
    const state = fit.capture();
    fit.free();
    for (const core of ['simd', 'js'] as const) {
      expect(await finish(begin(core, state)), `behind ${calls} calls`).toEqual(expected);
    }
  }
});
