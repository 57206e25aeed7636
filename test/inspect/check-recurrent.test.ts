import { describe, expect, it } from 'vitest';
import * as abi from '../../src/core/abi.ts';
import {
  adam,
  bidirectional,
  dense,
  embedding,
  gru,
  type LayerSpec,
  lstm,
  Network,
  type NetworkSpec,
  rnn,
  sgd,
} from '../../src/index.ts';
import type { Instruction } from '../../src/plan/program.ts';
import { CORES } from '../reference/library.ts';
import { randomMatrix, randomSource } from '../reference/random.ts';
import { is, mutant, type Mutation, remove, replace, WEIGHT_GRADIENT } from './mutants.ts';

const INPUTS = 3;
const UNITS = 4;

/** Sequences of different lengths. */
const lengths = [5, 2, 4];
const random = randomSource(5);
const x = lengths.map((steps) => randomMatrix(random, steps, INPUTS));
const states = (): number[][] => randomMatrix(random, lengths.length, UNITS);

type Kind = 'last' | 'all';

const kinds: Record<string, (returns: Kind) => LayerSpec> = {
  'rnn, tanh': (returns) => rnn(UNITS, { returns }),
  'rnn, relu': (returns) => rnn(UNITS, { activation: 'relu', returns }),
  lstm: (returns) => lstm(UNITS, { returns }),
  'gru, reset after': (returns) => gru(UNITS, { returns }),
  'bidirectional gru': (returns) => bidirectional(gru(UNITS, { returns })),
  'gru, reset before': (returns) => gru(UNITS, { reset: 'before', returns }),
};

/** Parameters away from zero, biases and all. */
function spread(net: Network): Network {
  for (const parameter of net.parameters) {
    parameter.set(parameter.get().map((value, index) => value + 0.3 * Math.sin(index + 1)));
  }
  return net;
}

describe.each(CORES)('right recurrent networks on core %s are found right', (core) => {
  describe.each(Object.entries(kinds))('%s', (name, layer) => {
    const check = (spec: NetworkSpec, inputs: unknown, y: unknown): void => {
      const net = spread(new Network(spec, { core }));
      const before = net.hash();
      const report = net.checkGradients(inputs as never, y as never, {
        samples: 'all',
        optimizer: adam(),
      });
      expect(report.ok, String(report)).toBe(true);
      expect(net.hash()).toBe(before);
      net.dispose();
    };

    it('last state, lengths and initial states', () => {
      const cells = name === 'lstm' ? { c: states() } : {};
      const both = name.startsWith('bidirectional');
      const initialState = both
        ? { 'layers.0.forward': { h: states() }, 'layers.0.backward': { h: states() } }
        : { 'layers.0': { h: states(), ...cells } };
      const layers = [layer('last'), dense(2, 'softmax')];
      check(
        { input: { features: INPUTS }, layers, loss: 'crossEntropy', seed: 1 },
        { x, initialState },
        [0, 1, 1],
      );
    });

    it.each(['mean', 'sum'] as const)('a cost per step, two layers, %s over the steps', (steps) => {
      const layers = [layer('all'), layer('all'), dense(2, 'tanh')];
      const y = lengths.map((length) => randomMatrix(random, length, 2));
      const loss = { name: 'halfSquaredError', steps } as const;
      check({ input: { features: INPUTS }, layers, loss, seed: 1 }, x, y);
    });

    it('tokens through an embedding', () => {
      const layers = [embedding(6, 3), layer('last'), dense(1, 'sigmoid')];
      const spec = {
        input: { vocabulary: 6 },
        layers,
        loss: 'binaryCrossEntropy',
        seed: 1,
      } as const;
      check(spec, [[1, 5, 3], [0], [2, 2, 4, 1]], [[1], [0], [1]]);
    });

    it('tokens', () => {
      const layers = [layer('last'), dense(1, 'sigmoid')];
      const spec = {
        input: { vocabulary: 6 },
        layers,
        loss: 'binaryCrossEntropy',
        seed: 1,
      } as const;
      check(spec, [[1, 5, 3], [0], [2, 2, 4, 1]], [[1], [0], [1]]);
    });
  });
});

interface Planted {
  bug: string;
  mutate: Mutation;
  perStep?: boolean;
  layer?: keyof typeof kinds;
}

const outOf =
  (part: string) =>
  (instruction: Instruction): boolean =>
    WEIGHT_GRADIENT(instruction) && instruction.out!.name.includes(part);

const bugs: Planted[] = [
  {
    bug: 'off by one through time: ∂C/∂Wh with the states after a step instead of before it',
    mutate: (instructions) => {
      const gradient = instructions.find(is(abi.OP_RNN_GRADIENT));
      if (gradient) replace(outOf('Wh'), () => ({ a: gradient.a! }))(instructions, 0);
    },
  },
  {
    bug: 'off by one through time: the first step gets no δ',
    mutate: replace(is(abi.OP_RNN_GRADIENT), ({ inner }) => ({ inner: inner! - 1 })),
  },
  {
    bug: 'the last step is left out of ∂C/∂Wh',
    mutate: replace(outOf('Wh'), ({ inner }) => ({ inner: inner! - lengths.length })),
  },
  {
    bug: 'the recurrent weights are not transposed on the way back',
    mutate: (instructions) => {
      const forward = instructions.find(is(abi.OP_RNN));
      replace(is(abi.OP_RNN_GRADIENT), () => ({ b: forward!.b! }))(instructions, 0);
    },
  },
  {
    bug: 'the mask leaks: padding changes the state',
    mutate: replace(is(abi.OP_RNN), () => ({ d: undefined }) as object),
  },
  {
    bug: 'the mask leaks: δ of padding reaches the weights',
    mutate: replace(is(abi.OP_RNN_GRADIENT), () => ({ d: undefined }) as object),
    perStep: true,
  },
  {
    bug: 'the mask leaks: padding counts in the cost',
    mutate: remove(is(abi.OP_MASK_STEPS)),
    perStep: true,
  },
  {
    bug: 'steps are summed where their mean was asked for',
    mutate: replace(is(abi.OP_MASK_STEPS), () => ({ kind: abi.STEPS_SUM })),
    perStep: true,
  },
  {
    bug: 'the slope of another activation through time',
    mutate: replace(is(abi.OP_RNN_GRADIENT), () => ({ kind: abi.ACTIVATION_RELU })),
  },
  {
    bug: 'the initial state is forgotten',
    mutate: (instructions) => {
      const forward = instructions.find(is(abi.OP_RNN));
      if (!forward) return;
      const clear = { opcode: abi.OP_COPY, out: forward.a!, text: 'forget' };
      instructions.splice(instructions.indexOf(forward), 0, clear);
    },
  },
  {
    bug: 'lstm: ∂C/∂b is left out',
    mutate: remove((i) => is(abi.OP_COLUMN_SUMS)(i) && i.out!.name.includes('layers.0')),
    layer: 'lstm',
  },
  {
    bug: 'gru: the form that resets after the product, with the gradient of the one before it',
    mutate: replace(is(abi.OP_GRU_GRADIENT), () => ({ opcode: abi.OP_GRU_BEFORE_GRADIENT })),
    layer: 'gru, reset after',
  },
];

describe('finds planted bugs', () => {
  it.each(bugs)('$bug', ({ mutate, perStep = false, layer = 'rnn, tanh' }) => {
    const layers = [kinds[layer]!(perStep ? 'all' : 'last'), dense(2, 'sigmoid')];
    const spec: NetworkSpec = {
      input: { features: INPUTS },
      layers,
      loss: 'squaredError',
      seed: 1,
    };
    const y = perStep
      ? lengths.map((length) => randomMatrix(randomSource(3), length, 2))
      : randomMatrix(randomSource(3), 3, 2);
    const cells = layer === 'lstm' ? { c: randomMatrix(randomSource(1), 3, UNITS) } : {};
    const initialState = { 'layers.0': { h: randomMatrix(randomSource(2), 3, UNITS), ...cells } };
    const options = { samples: 'all', optimizer: sgd() } as const;
    expect(
      mutant(spec, () => {}).inspector.checkGradients({ x, initialState }, y, options).ok,
    ).toBe(true);
    const { inspector, engine } = mutant(spec, mutate);
    const report = inspector.checkGradients({ x, initialState }, y, options);
    expect(engine.changed).toBeGreaterThan(0);
    expect(report.ok, String(report)).toBe(false);
  });
});
