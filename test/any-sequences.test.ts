import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  adam,
  bidirectional,
  dense,
  dropout,
  type FitOptions,
  gru,
  type GruSpec,
  type LayerSpec,
  lstm,
  type LstmSpec,
  momentum,
  Network,
  type NetworkSpec,
  type RecurrentOptions,
  rnn,
  type RnnSpec,
  sgd,
  type TrainingData,
} from '../src/index.ts';
import { CORES } from './reference/library.ts';
import { randomSource } from './reference/random.ts';

// Whatever layers, data and options meet in a network over sequences: it trains, and both cores do it alike.

type Recurrent = RnnSpec | LstmSpec | GruSpec;

const units = fc.integer({ min: 1, max: 9 });
const maybe = <T>(value: T): fc.Arbitrary<T | undefined> => fc.constantFrom(undefined, value);

const recurrent = fc
  .record({
    make: fc.constantFrom<(units: number, options: RecurrentOptions) => Recurrent>(
      rnn,
      lstm,
      gru,
      (count, options) => gru(count, { ...options, reset: 'before' }),
    ),
    units,
    initialState: fc.constantFrom('zeros' as const, 'learned' as const),
    trainable: fc.constantFrom(true, true, true, false),
    both: fc.constantFrom(false, false, true),
  })
  .map(({ make, units, both, ...options }) => (returns: 'all' | 'last'): LayerSpec => {
    const layer = make(units, { ...options, returns });
    return both ? bidirectional(layer) : layer;
  });

const networks = fc.record({
  below: fc.array(recurrent, { maxLength: 2 }),
  last: recurrent,
  dropped: fc.boolean(),
  hidden: maybe(dense(5, 'relu')),
  perStep: fc.boolean(),
  tokens: fc.boolean(),
  normalize: maybe('standard' as const),
  seed: fc.nat(),
});

const runs = fc.record({
  batchSize: fc.constantFrom('all' as const, 1, 2, 5),
  optimizer: fc.constantFrom(sgd, sgd, momentum, adam).map((make) => make({ learningRate: 0.01 })),
  options: fc.constantFrom<Partial<FitOptions>>({}, { l2: 0.01 }, { clipNorm: 0.1 }),
  /** Share of features that are zero: lists of the others are kept where there are many. */
  zeros: fc.constantFrom(0, 0.9),
});

const FEATURES = 6;
const CLASSES = 3;

type Drawn = typeof networks extends fc.Arbitrary<infer T> ? T : never;

function specOf(drawn: Drawn): NetworkSpec {
  const { below, last, dropped, hidden, perStep, tokens, normalize, seed } = drawn;
  return {
    input: tokens ? { vocabulary: FEATURES } : { features: FEATURES },
    layers: [
      ...below.map((layer) => layer('all')),
      last(perStep ? 'all' : 'last'),
      ...(dropped ? [dropout(0.3)] : []),
      ...(hidden ? [hidden] : []),
      dense(CLASSES, 'softmax'),
    ],
    loss: 'crossEntropy',
    seed,
    ...(normalize && !tokens && { normalize }),
  };
}

/** Sequences of one to seven steps. */
function dataOf(seed: number, tokens: boolean, perStep: boolean, zeros: number): TrainingData {
  const random = randomSource(seed + 1);
  const below = (end: number): number => Math.floor(Math.abs(random()) * end) % end;
  const feature = (): number => (Math.abs(random()) < zeros ? 0 : random());
  const x = Array.from({ length: 7 }, () =>
    Array.from({ length: 1 + below(7) }, () =>
      tokens ? below(FEATURES) : Array.from({ length: FEATURES }, feature),
    ),
  );
  const y = x.map((steps) => (perStep ? steps.map(() => below(CLASSES)) : below(CLASSES)));
  return { x, y } as TrainingData;
}

it('any network over sequences trains to the same bits on both cores', () => {
  const property = fc.property(networks, runs, (drawn, { options, zeros, ...run }) => {
    const spec = specOf(drawn);
    const data = dataOf(drawn.seed, drawn.tokens, drawn.perStep, zeros);
    const [js, simd] = CORES.map((core) => {
      using network = new Network(spec, { core });
      const fit: FitOptions = { epochs: 2, warnings: false, ...options, ...run };
      const { reports } = network.fitSync(data, fit);
      return [network.hash(), reports.map(({ cost }) => cost), network.predict(data.x)];
    });
    expect(simd).toEqual(js);
  });
  fc.assert(property, { seed: 1, numRuns: 200 });
});
