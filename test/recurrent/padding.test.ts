import { describe, expect, it } from 'vitest';
import { Network, adam, dense } from '../../src/index.ts';
import { CORES } from '../reference/library.ts';
import { randomMatrix, randomSource } from '../reference/random.ts';
import { LEARNING_LAYERS, RECURRENT_LAYERS } from './layers.ts';

// Padding never influences a state, a cost, a metric or a gradient: whatever it holds and however much there is, same bits.

const FEATURES = 3;
const LENGTHS = [2, 5, 1, 4, 3, 5, 2];

const random = randomSource(7);
const sequences = LENGTHS.map((length) => randomMatrix(random, length, FEATURES));
const labels = LENGTHS.map((length) => Array.from({ length }, () => Math.floor(random() * 3)));

/** The sequences with rows of `filler` behind them, up to `steps`. */
const padded = (steps: number, filler: number): number[][][] =>
  sequences.map((rows) => [
    ...rows,
    ...Array.from({ length: steps - rows.length }, () => new Array<number>(FEATURES).fill(filler)),
  ]);

const paddedLabels = (steps: number, filler: number): number[][] =>
  labels.map((row) => [...row, ...new Array<number>(steps - row.length).fill(filler)]);

const variants = {
  ragged: { x: sequences, y: labels },
  zeros: { x: padded(5, 0), y: paddedLabels(5, 0), lengths: LENGTHS },
  'large numbers': { x: padded(5, 1e30), y: paddedLabels(5, 2), lengths: LENGTHS },
  'not numbers': { x: padded(5, NaN), y: paddedLabels(5, -7), lengths: LENGTHS },
  'much of it': { x: padded(40, 3), y: paddedLabels(40, 1), lengths: LENGTHS },
};

const bits = (values: Float32Array): number[] => [...new Uint32Array(values.buffer)];

describe.each(CORES)('core %s', (core) => {
  describe.each(Object.entries({ ...RECURRENT_LAYERS, ...LEARNING_LAYERS }))('%s', (_, layer) => {
    const create = (returns: 'all' | 'last', steps?: 'mean' | 'sum'): Network =>
      new Network(
        {
          input: { features: FEATURES },
          layers: [layer(5, 'all'), layer(4, returns), dense(3, 'softmax')],
          loss: steps ? { name: 'crossEntropy', steps } : 'crossEntropy',
          seed: 3,
        },
        { core },
      );

    it.each([
      ['all', 'mean'],
      ['all', 'sum'],
      ['last', undefined],
    ] as const)('returns %s, loss over steps: %s', (returns, steps) => {
      const results = Object.values(variants).map(({ y, ...inputs }) => {
        using network = create(returns, steps);
        const targets = returns === 'all' ? y : labels.map(([first]) => first!);
        const predictions = network.predict(inputs);
        const width = predictions.length / LENGTHS.length;
        const valid = LENGTHS.flatMap((length, i) => {
          const end = returns === 'all' ? length * 3 : width;
          return bits(predictions.slice(i * width, i * width + end));
        });
        const { cost, gradients } = network.gradients(inputs, targets);
        const evaluation = network.evaluate({ ...inputs, y: targets });
        const history = network.fitSync(
          { ...inputs, y: targets },
          { epochs: 2, batchSize: 3, optimizer: adam() },
        );
        const reports = history.reports.map(({ cost, accuracy }) => [cost, accuracy]);
        const hash = network.hash();
        const derivatives = Object.values(gradients).map(bits);
        return { valid, cost, derivatives, evaluation, reports, hash };
      });
      for (const result of results) expect(result).toEqual(results[0]);
    });
  });
});
