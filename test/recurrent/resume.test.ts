import { expect, it } from 'vitest';
import { adam, dense, gru, lstm } from '../../src/index.ts';
import type { NetworkSpec } from '../../src/index.ts';
import { createCore } from '../../src/core/create.ts';
import { DataReader } from '../../src/data/reader.ts';
import { readers } from '../../src/data/readers.ts';
import { Engine } from '../../src/engine.ts';
import { initialise } from '../../src/initialise.ts';
import { sequences } from '../../src/nn/layers/sequences.ts';
import { resolveSpec } from '../../src/nn/spec.ts';
import { runExtras } from '../../src/training/run-extras.ts';
import { resolveStep } from '../../src/training/step.ts';
import { Trainer } from '../../src/training/trainer.ts';
import { CORES } from '../reference/library.ts';
import { randomMatrix, randomSource } from '../reference/random.ts';

// A run in windows has states on its way: what goes on from the middle of an epoch must have them.

const EPOCHS = 3;

const spec: NetworkSpec = {
  input: { features: 2 },
  layers: [lstm(3, { returns: 'all' }), gru(5, { returns: 'all' }), dense(2, 'softmax')],
  loss: 'crossEntropy',
  seed: 2,
};

const random = randomSource(6);
const x = Array.from({ length: 5 }, () => randomMatrix(random, 7, 2));
const y = x.map((rows) => rows.map(() => Math.floor(random() * 2)));

function begin(core: 'js' | 'simd'): { engine: Engine; trainer: Trainer } {
  const { model } = resolveSpec(spec, sequences);
  const engine = new Engine(createCore(core), model);
  initialise(engine, 2);
  const shape = {
    inputs: model.inputs,
    outputs: model.outputs,
    features: undefined,
    classes: undefined,
    probabilities: true,
    sequence: model.sequence,
  };
  const run = {
    ...new DataReader(shape, readers).examples({ x, y }),
    epochs: EPOCHS,
    batchSize: 2,
    truncate: 2,
    step: resolveStep({ optimizer: adam({ learningRate: 0.05 }) }),
    schedule: undefined,
    shuffleSeed: undefined,
  };
  const trainer = new Trainer(engine, run, runExtras);
  return { engine, trainer };
}

const parametersAfter = ({ engine, trainer }: ReturnType<typeof begin>): Float32Array => {
  while (trainer.position.epoch < EPOCHS) trainer.advance(1);
  return engine.layout.values.view(engine.core.buffer).slice();
};

it.each(CORES)(
  'goes on in the middle of a sequence as if it had never stopped, core %s',
  (core) => {
    const expected = parametersAfter(begin(core));
    let stops = 0;
    for (let calls = 0; calls < 20; calls++) {
      const stopped = begin(core);
      for (let call = 0; call < calls; call++) {
        if (stopped.trainer.position.epoch < EPOCHS) stopped.trainer.advance(1);
      }
      const position = { ...stopped.trainer.position };
      if (position.step > 0) stops++;
      const memory = structuredClone(stopped.trainer.capture());
      const next = begin(core);
      next.trainer.restore(position, memory);
      expect(parametersAfter(next)).toEqual(expected);
    }
    expect(stops).toBeGreaterThan(0);
  },
);
