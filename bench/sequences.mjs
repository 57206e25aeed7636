import { adam, dense, gru, lstm, rnn } from 'chainrule';
import { randomExamples } from './data.mjs';
import { recurrentFlop } from './flops.mjs';

/** @typedef {import('./workloads.mjs').Workload} Workload */

const EXAMPLES = 640;
const STEPS = 28;
const FEATURES = 28;
const UNITS = [128, 128];
const CLASSES = 10;
const BATCH = 64;

/** Layers and the blocks of weights per unit that they have. */
const KINDS = {
  rnn: { layer: rnn, gates: 1 },
  lstm: { layer: lstm, gates: 4 },
  gru: { layer: gru, gates: 3 },
};

/**
 * Two recurrent layers of 128 units over sequences of 28 steps of 28 features, 10 classes from the last state, batches of 64, Adam:
 * images read row by row, but dense.
 *
 * @returns {Workload[]}
 */
export function createSequenceWorkloads() {
  const { x, y } = randomExamples(EXAMPLES, STEPS * FEATURES, CLASSES);
  return Object.entries(KINDS).map(([name, { layer, gates }]) => ({
    name: `${name} 28-128-128-10, 28 steps`,
    title: `${name} ${FEATURES}-${UNITS.join('-')}-${CLASSES}, ${STEPS} steps, Adam, batch ${BATCH}, dense random data`,
    sizes: [STEPS * FEATURES, ...UNITS, CLASSES],
    spec: {
      input: { features: FEATURES, steps: STEPS },
      layers: [layer(UNITS[0], { returns: 'all' }), layer(UNITS[1]), dense(CLASSES, 'softmax')],
      loss: 'crossEntropy',
      seed: 1,
    },
    optimizer: adam({ learningRate: 1e-5 }),
    data: { x, y },
    count: EXAMPLES,
    batchSize: BATCH,
    steps: STEPS,
    flop: recurrentFlop({
      features: FEATURES,
      units: UNITS,
      gates,
      steps: STEPS,
      outputs: CLASSES,
    }),
  }));
}
