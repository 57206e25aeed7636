import { describe, expect, it } from 'vitest';
import { dense, embedding, gru, lstm, Network, type NetworkSpec, rnn } from '../../src/index.ts';
import { CORES } from '../reference/library.ts';
import { randomSource } from '../reference/random.ts';

// Sequences that are longer than a run of a program is for are predicted and evaluated part after part, with the bits of the whole.

const STEPS = 33_000;
const SHORTER = 17_000;
const VOCABULARY = 3;

const random = randomSource(3);
const tokens = [STEPS, SHORTER].map((length) =>
  Array.from({ length }, () => Math.floor(random() * VOCABULARY)),
);
const labels = tokens.map((row) => row.map((token) => (token + 1) % VOCABULARY));
const sampleWeights = [0.5, 2];

const stacks: [string, NetworkSpec['layers']][] = [
  ['rnn', [rnn(2, { returns: 'all', initialState: 'learned', init: { h0: [0.5, -1] } })]],
  ['embedding, lstm and gru', [embedding(VOCABULARY, 2), lstm(2, { returns: 'all' }), gru(3, { returns: 'all' })]], // prettier-ignore
];

describe.each(CORES)('core %s', (core) => {
  describe.each(stacks)('%s', (_, layers) => {
    it.each(['mean', 'sum'] as const)(
      'the loss over steps is their %s',
      (steps) => {
        using network = new Network(
          {
            input: { vocabulary: VOCABULARY },
            layers: [...layers, dense(VOCABULARY, 'softmax')],
            loss: { name: 'crossEntropy', steps },
            seed: 5,
          },
          { core },
        );
        const data = { x: tokens, y: labels, sampleWeights };
        const { loss, accuracy } = network.evaluate(data);
        // One program for whole sequences gives a cost and derivatives.
        expect(loss).toBe(network.gradients(tokens, labels, { sampleWeights }).cost);

        const predictions = network.predict(tokens);
        expect(predictions).toHaveLength(2 * STEPS * VOCABULARY);
        using stepper = network.stepper();
        let right = 0;
        for (const [example, row] of tokens.entries()) {
          stepper.reset();
          for (const [step, token] of row.entries()) {
            const outputs = stepper.step(token);
            const first = (example * STEPS + step) * VOCABULARY;
            const same = outputs.every((value, unit) => value === predictions[first + unit]);
            if (!same) expect.fail(`step ${step} of example ${example} is another one`);
            const label = labels[example]![step]!;
            if (outputs.every((value, unit) => unit === label || value < outputs[label]!)) right++;
          }
        }
        expect(accuracy).toBe(right / (STEPS + SHORTER));
      },
      60_000,
    );
  });
});

it('take the memory of a part', () => {
  using network = new Network({
    input: { vocabulary: VOCABULARY },
    layers: [lstm(32, { returns: 'all' }), dense(VOCABULARY, 'softmax')],
    loss: 'crossEntropy',
    seed: 5,
  });
  const data = {
    x: [tokens.flat().concat(tokens.flat())],
    y: [labels.flat().concat(labels.flat())],
  };
  network.evaluate(data);
  const reserved = Number(/([\d.]+) MiB reserved/.exec(network.summary())?.[1]);
  // Gates, cells and states of 16,384 steps; those of all 100,000 would be more than 80 MiB.
  expect(reserved).toBeGreaterThan(1);
  expect(reserved).toBeLessThan(30);
});
