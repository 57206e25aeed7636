import { describe, it } from 'vitest';
import { Network, dense } from '../../src/index.ts';
import type { ActivationName, LossName } from '../../src/index.ts';
import { expectClose, largest } from '../reference/compare.ts';
import { CORES } from '../reference/library.ts';
import type { Matrix } from '../reference/network.ts';
import { randomMatrix, randomOneHot, randomSource } from '../reference/random.ts';
import { centralDifferences, forward, namedParameters } from '../reference/recurrent.ts';
import type { CellParameters, RecurrentNetwork, Sequences } from '../reference/recurrent.ts';
import { RECURRENT_LAYERS } from './layers.ts';

// The reported cost is the function whose gradient is applied, through time: central differences of the double-precision cost
// against the analytic gradients of the library, over kinds of layers × losses × one target or one per step × lengths.

const GATES: Record<string, number> = { lstm: 4, 'gru after': 3, 'gru before': 3 };

const LOSSES: [LossName, ActivationName][] = [
  ['halfSquaredError', 'tanh'],
  ['halfMeanSquaredError', 'linear'],
  ['squaredError', 'sigmoid'],
  ['meanSquaredError', 'linear'],
  ['crossEntropy', 'softmax'],
  ['binaryCrossEntropy', 'sigmoid'],
];

const TARGETS = [
  { perStep: false, steps: 'mean' },
  { perStep: true, steps: 'mean' },
  { perStep: true, steps: 'sum' },
] as const;

const LENGTHS = { equal: [3, 3, 3, 3], different: [2, 5, 1, 4] };

const FEATURES = 3;
const UNITS = [4, 5];
const OUTPUTS = 2;

function drawNetwork(
  random: () => number,
  cell: string,
  [loss, activation]: [string, string],
  target: (typeof TARGETS)[number],
): RecurrentNetwork {
  const gates = GATES[cell] ?? 1;
  const layers = UNITS.map((units, l): CellParameters => {
    const rows = gates * units;
    const vector = (): number[] => randomMatrix(random, 1, rows)[0]!;
    return {
      Wx: randomMatrix(random, rows, l === 0 ? FEATURES : UNITS[l - 1]!),
      Wh: randomMatrix(random, rows, units, 0.7),
      b: vector(),
      ...(cell === 'gru after' && { bh: vector() }),
    };
  });
  const W = randomMatrix(random, OUTPUTS, UNITS.at(-1)!);
  return { cell, layers, W, b: [0.25, -0.5], activation, loss, ...target };
}

function drawSequences(
  random: () => number,
  lengths: number[],
  loss: string,
  perStep: boolean,
): Sequences {
  const x = lengths.map((length) => randomMatrix(random, length, FEATURES));
  const y = lengths.map((length): Matrix => {
    const rows = perStep ? length : 1;
    return loss === 'crossEntropy' || loss === 'binaryCrossEntropy'
      ? randomOneHot(random, rows, OUTPUTS)
      : randomMatrix(random, rows, OUTPUTS);
  });
  return { x, y };
}

/** No rectifier's kink is near: two steps of the differences agree, as they do where derivatives are smooth. */
function isSmooth(network: RecurrentNetwork, sequences: Sequences): boolean {
  const wide = centralDifferences(network, sequences, 3e-4);
  return centralDifferences(network, sequences).every(
    (value, i) => Math.abs(value - wide[i]!) < 1e-5,
  );
}

describe.each(Object.keys(RECURRENT_LAYERS))('%s', (cell) => {
  describe.each(TARGETS)('per step: $perStep, $steps', (target) => {
    it.each(LOSSES)('%s of %s outputs', (loss, activation) => {
      for (const [what, lengths] of Object.entries(LENGTHS)) {
        const [network, sequences] = smoothExample(cell, [loss, activation], target, lengths);
        const parameters = namedParameters(network);
        const { cost } = forward(network, sequences);
        const flat = centralDifferences(network, sequences);
        for (const core of CORES) {
          using library = networkOf(network, parameters, core);
          const { x, y } = sequences;
          const result = library.gradients(x, target.perStep ? y : y.map(([row]) => row!));
          const gradients = Object.values(result.gradients).flatMap((values) => [...values]);
          expectClose([result.cost], [cost], 1e-5 * Math.max(1, cost), `${what}, ${core}: cost`);
          expectClose(gradients, flat, 2e-6 * Math.max(1, largest(flat)), `${what}, ${core}`);
        }
      }
    });
  });
});

/** The first drawn example whose derivatives do not jump nearby. */
function smoothExample(
  cell: string,
  loss: [string, string],
  target: (typeof TARGETS)[number],
  lengths: number[],
): [RecurrentNetwork, Sequences] {
  const random = randomSource(cell.length * 100 + loss[0].length + lengths[0]!);
  for (let attempt = 0; attempt < 1000; attempt++) {
    const network = drawNetwork(random, cell, loss, target);
    const sequences = drawSequences(random, lengths, loss[0], target.perStep);
    if (isSmooth(network, sequences)) return [network, sequences];
  }
  throw new Error(`no smooth example for ${cell}`);
}

function networkOf(
  { cell, activation, loss, perStep, steps }: RecurrentNetwork,
  parameters: Record<string, number[]>,
  core: 'js' | 'simd',
): Network {
  const layer = RECURRENT_LAYERS[cell]!;
  const name = loss as LossName;
  const network = new Network(
    {
      input: { features: FEATURES },
      layers: [
        layer(UNITS[0]!, 'all'),
        layer(UNITS[1]!, perStep ? 'all' : 'last'),
        dense(OUTPUTS, activation as ActivationName),
      ],
      loss: perStep ? { name, steps: steps! } : name,
      seed: 1,
    },
    { core },
  );
  for (const parameter of network.parameters) parameter.set(parameters[parameter.name]!);
  return network;
}
