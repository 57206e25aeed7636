import { describe, expect, it } from 'vitest';
import {
  adam,
  cosine,
  dense,
  exponential,
  momentum,
  Network,
  type NetworkSpec,
  oneCycle,
  type Optimizer,
  reduceOnPlateau,
  type Schedule,
  sgd,
  step,
  warmUp,
} from '../../src/index.ts';
import { scheduleFactor } from '../../src/nn/schedules.ts';

const spec: NetworkSpec = {
  input: 3,
  layers: [dense(4, 'tanh'), dense(2)],
  loss: 'halfSquaredError',
  seed: 5,
};
const rows = 10;
const x = Float32Array.from({ length: 3 * rows }, (_, index) => ((index * 7) % 11) / 11 - 0.5);
const y = Float32Array.from({ length: 2 * rows }, (_, index) => ((index * 5) % 7) / 7);
const batchSize = 3;
const stepsPerEpoch = 4;

const optimizers: Optimizer[] = [
  sgd({ learningRate: 0.3 }),
  momentum({ learningRate: 0.1 }),
  adam({ learningRate: 0.02 }),
];
const schedules: Record<string, Schedule> = {
  step: step({ epochs: 2, factor: 0.5 }),
  'exponential by steps': exponential({ factor: 0.9, steps: 3 }),
  'warm-up and cosine': warmUp({ steps: 6, next: cosine({ epochs: 2, restarts: 2 }) }),
  oneCycle: oneCycle(),
  function: (now, epoch) => 1 / (1 + now + 10 * epoch),
};

/** The rows of a batch of one epoch in order. */
function batch(index: number): [Float32Array, Float32Array] {
  const [first, last] = [index * batchSize, Math.min((index + 1) * batchSize, rows)];
  return [x.slice(3 * first, 3 * last), y.slice(2 * first, 2 * last)];
}

describe.each(Object.entries(schedules))('the schedule %s', (_, schedule) => {
  it.each(optimizers)('gives every step its rate, with $kind', async (optimizer) => {
    const epochs = 12;
    const options = { epochs, batchSize, optimizer, schedule, shuffle: false };
    using byHand = new Network(spec);
    const rates: number[] = [];
    for (let now = 0; now < epochs * stepsPerEpoch; now++) {
      const time = { step: now, steps: epochs * stepsPerEpoch, stepsPerEpoch, plateau: 1 };
      const learningRate = optimizer.learningRate * scheduleFactor(schedule, time);
      rates.push(learningRate);
      const [bx, by] = batch(now % stepsPerEpoch);
      byHand.trainBatch(bx, by, { optimizer: { ...optimizer, learningRate } });
    }
    for (const core of ['simd', 'js'] as const) {
      using net = new Network(spec, { core });
      const { reports } = net.fitSync({ x, y }, options);
      expect(net.hash()).toBe(byHand.hash());
      const lastOfEpoch = rates.filter((_, now) => now % stepsPerEpoch === stepsPerEpoch - 1);
      expect(reports.map(({ learningRate }) => learningRate)).toEqual(lastOfEpoch);
      expect(reports.map((report) => report.step)).toEqual(
        reports.map((_, index) => (index + 1) * stepsPerEpoch),
      );
    }
    // One call for many epochs, one call for every epoch.
    using iterated = new Network(spec);
    for await (const _ of iterated.fit({ x, y }, options));
    expect(iterated.hash()).toBe(byHand.hash());
  });
});

it('a schedule goes on beyond what one call of the core can hold', () => {
  const schedule = exponential({ factor: 0.5, epochs: 1000 });
  const options = { epochs: 3000, batchSize, optimizer: sgd({ learningRate: 0.3 }), schedule };
  const hashes = (['simd', 'js'] as const).map((core) => {
    using net = new Network(spec, { core });
    const { reports } = net.fitSync({ x, y }, options);
    expect(reports.at(-1)!.learningRate).toBeCloseTo(0.3 / 8, 4);
    return net.hash();
  });
  expect(hashes[1]).toBe(hashes[0]);
});

it('a constant schedule is no schedule', () => {
  const options = { epochs: 5, optimizer: sgd({ learningRate: 0.3 }) };
  using plain = new Network(spec);
  plain.fitSync({ x, y }, options);
  using scheduled = new Network(spec);
  scheduled.fitSync({ x, y }, { ...options, schedule: () => 1 });
  expect(scheduled.hash()).toBe(plain.hash());
});

describe('reduceOnPlateau', () => {
  // A rate of 0 for ever: no epoch after the first is better than it.
  const still: NetworkSpec = { input: 1, layers: [dense(1)], loss: 'squaredError', seed: 1 };
  const data = { x: [[1]], y: [[1]] };
  const run = (schedule: Schedule, epochs: number, validation = false): number[] => {
    using net = new Network(still);
    const optimizer = sgd({ learningRate: 1e-30 });
    const extra = validation ? { validation: data } : {};
    const { reports } = net.fitSync(data, { epochs, optimizer, schedule, ...extra });
    return reports.map(({ learningRate }) => learningRate / 1e-30);
  };

  it('lowers the rate after epochs without improvement, again and again', () => {
    const schedule = reduceOnPlateau({ factor: 0.5, patience: 2 });
    expect(run(schedule, 8)).toEqual([1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.125]);
    expect(run(schedule, 8, true)).toEqual([1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.125]);
  });

  it('does not go below its minimum, and works behind a warm-up', () => {
    const schedule = reduceOnPlateau({ factor: 0.5, patience: 1, minimum: 0.3 });
    expect(run(schedule, 5)).toEqual([1, 1, 0.5, 0.3, 0.3]);
    expect(run(warmUp({ steps: 2, next: schedule }), 5)).toEqual([0.5, 1, 0.5, 0.3, 0.3]);
  });

  it('leaves the rate alone while the measure improves', () => {
    using net = new Network(spec);
    const schedule = reduceOnPlateau({ patience: 1 });
    const optimizer = sgd({ learningRate: 0.01 });
    const { reports } = net.fitSync(
      { x, y },
      { epochs: 20, batchSize: 'all', optimizer, schedule },
    );
    expect(new Set(reports.map(({ learningRate }) => learningRate))).toEqual(new Set([0.01]));
  });
});
