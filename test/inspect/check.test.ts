import { describe, expect, it } from 'vitest';
import * as abi from '../../src/core/abi.ts';
import {
  type ActivationName,
  adagrad,
  adam,
  adamw,
  dense,
  dropout,
  type LayerSpec,
  type LossName,
  momentum,
  Network,
  type NetworkSpec,
  nesterov,
  type Optimizer,
  rmsprop,
  sgd,
} from '../../src/index.ts';
import type { Instruction } from '../../src/plan/program.ts';
import { judge } from '../../src/inspect/check/compare.ts';
import { ReferenceNetwork } from '../../src/inspect/reference/network.ts';
import { activations, losses } from '../reference/functions.ts';
import { CORES, networkOf } from '../reference/library.ts';
import { forward } from '../reference/network.ts';
import { randomMatrix, randomSource } from '../reference/random.ts';
import {
  BACKWARD,
  FORWARD,
  is,
  mutant,
  type Mutation,
  remove,
  replace,
  WEIGHT_GRADIENT,
} from './mutants.ts';

const ROWS = 6;
const SIZE = 4;

function draw(seed: number): { x: number[][]; y: number[][] } {
  const random = randomSource(seed);
  const x = randomMatrix(random, ROWS, SIZE);
  const y = randomMatrix(random, ROWS, SIZE).map((row) =>
    row.map((value) => Math.min(1, Math.abs(value))),
  );
  return { x, y };
}

const activationOf = (layer: LayerSpec): string =>
  (layer.kind === 'dense' && layer.activation) || 'linear';

const anyOutput = Object.keys(losses).filter((loss) => !loss.endsWith('Entropy')) as LossName[];
const elementwise = Object.keys(activations) as ActivationName[];

/** Every hidden activation, and every output activation with every loss it may have. */
const specs: NetworkSpec[] = [
  ...elementwise.map((hidden) => ({
    hidden,
    output: 'sigmoid' as const,
    loss: 'halfSquaredError' as const,
  })),
  ...[...elementwise, 'softmax' as const].flatMap((output) =>
    anyOutput.map((loss) => ({ hidden: 'tanh' as const, output, loss })),
  ),
  { hidden: 'tanh' as const, output: 'softmax' as const, loss: 'crossEntropy' as const },
  { hidden: 'tanh' as const, output: 'sigmoid' as const, loss: 'binaryCrossEntropy' as const },
].map(({ hidden, output, loss }) => ({
  input: SIZE,
  layers: [dense(5, hidden), dense(SIZE, output)],
  loss,
  seed: 5,
}));

const optimizers: Optimizer[] = [
  sgd({ learningRate: 0.1 }),
  momentum(),
  nesterov(),
  rmsprop(),
  adagrad(),
  adam(),
  adamw({ weightDecay: 0.5 }),
];

describe.each(CORES)('a right network on core %s is found right', (core) => {
  it.each(
    specs.map(
      (spec, index) =>
        [
          `${spec.layers.map(activationOf).join(', ')}, ${spec.loss as string}`,
          spec,
          index,
        ] as const,
    ),
  )('%s', (_, spec, index) => {
    const net = new Network(spec, { core });
    const { x, y } = draw(index);
    const before = net.hash();
    const check = net.checkGradients(x, y, {
      samples: 'all',
      optimizer: optimizers[index % optimizers.length],
    });
    expect(check.ok, String(check)).toBe(true);
    expect(net.hash()).toBe(before);
    expect(check.gradients.map(({ name }) => name)).toEqual(net.parameters.map(({ name }) => name));
    expect(Math.max(...check.gradients.map(({ limit }) => limit))).toBeLessThan(0.01);
    net.dispose();
  });
});

/** Examples without a time axis. */
function rowsAsExamples(x: number[][], y: number[][]) {
  return x.map((row, index) => ({ x: [row], y: [y[index]!], states: new Map<string, number[]>() }));
}

it('the reference of the package has the cost of the reference of the tests', () => {
  const random = randomSource(11);
  for (const [index, spec] of specs.entries()) {
    const layers = spec.layers.map((layer, l) => ({
      W: randomMatrix(random, l === 0 ? 5 : SIZE, l === 0 ? SIZE : 5),
      b: randomMatrix(random, 1, l === 0 ? 5 : SIZE)[0]!,
      activation: activationOf(layer),
    }));
    const { x, y } = draw(index);
    const parameters = Object.fromEntries(
      layers.flatMap(({ W, b }, l) => [
        [`layers.${l}.W`, Float64Array.from(W.flat())],
        [`layers.${l}.b`, Float64Array.from(b)],
      ]),
    );
    const make = () => new ReferenceNetwork(spec, parameters, rowsAsExamples(x, y), x.length);
    const reference = make();
    const truth = forward({ layers, loss: spec.loss as string }, x, y).cost;
    expect(Math.abs(reference.cost() - truth), JSON.stringify(spec)).toBeLessThan(
      1e-13 * Math.max(1, truth),
    );
    // Only what lies above a changed layer is computed again.
    parameters['layers.1.W']![3]! += 0.25;
    expect(reference.cost(1)).toBe(make().cost());
  }
});

/** A bug, the network it is planted in, and the optimizer that shows it where the derivatives do not. */
interface Planted {
  bug: string;
  mutate: Mutation;
  layers?: NetworkSpec['layers'];
  loss?: LossName;
  optimizer?: Optimizer;
}

const sigmoids = [1, 2].map(() =>
  dense(SIZE, 'sigmoid', { init: { W: 'glorotUniform', b: [0.5, -1, 1, 0.2] } }),
);
const softmaxOutput = [dense(SIZE, 'tanh'), dense(SIZE, 'softmax')];

const bugs: Planted[] = [
  { bug: 'σ′ is missing', mutate: remove(is(abi.OP_ACTIVATE_GRADIENT)) },
  {
    bug: 'σ′ is missing in the hidden layer alone',
    mutate: remove((i) => is(abi.OP_ACTIVATE_GRADIENT)(i) && i.out!.name === 'layers.0.delta'),
  },
  {
    bug: 'σ′ is that of another function',
    mutate: replace(is(abi.OP_ACTIVATE_GRADIENT), () => ({ kind: abi.ACTIVATION_TANH })),
  },
  {
    bug: 'σ′ is computed from dC/da instead of the output',
    mutate: replace(is(abi.OP_ACTIVATE_GRADIENT), ({ a }) => ({ b: a! })),
  },
  {
    bug: 'the sum over the batch instead of the mean',
    mutate: replace(is(abi.OP_LOSS), ({ scale }, rows) => ({ scale: scale! * rows })),
  },
  {
    bug: 'the cost is reported without its factor ½',
    mutate: replace(is(abi.OP_LOSS), ({ scale2 }) => ({ scale2: 2 * scale2! })),
  },
  {
    bug: 'the derivative lacks the factor of the cost',
    mutate: replace(is(abi.OP_LOSS), ({ scale }) => ({ scale: scale! / 2 })),
    loss: 'squaredError',
  },
  {
    bug: 'the cost of another error',
    mutate: replace(is(abi.OP_LOSS), () => ({ kind: abi.LOSS_HUBER })),
    layers: [
      dense(SIZE, 'tanh'),
      dense(SIZE, 'linear', { init: { W: 'heUniform', b: [3, -4, 5, 6] } }),
    ],
  },
  {
    bug: 'W is not transposed on the way back',
    mutate: replace(BACKWARD, () => ({ kind: abi.MATMUL_NN })),
  },
  { bug: 'the bias is dropped', mutate: replace(FORWARD, () => ({ c: undefined }) as object) },
  { bug: 'the bias gets no gradient', mutate: remove(is(abi.OP_COLUMN_SUMS)) },
  {
    bug: 'the last example is left out of ∂C/∂b',
    mutate: replace(is(abi.OP_COLUMN_SUMS), (_, rows) => ({ rows: rows - 1 })),
  },
  {
    bug: 'the last example is left out of ∂C/∂W',
    mutate: replace(WEIGHT_GRADIENT, ({ inner }) => ({ inner: inner! - 1 })),
  },
  {
    bug: '∂C/∂W of the last input is left out',
    mutate: replace(WEIGHT_GRADIENT, ({ out }) => ({ rows: out!.rows - 1 })),
  },
  {
    bug: 'δ goes back over all but the last neuron',
    mutate: replace(BACKWARD, ({ inner }) => ({ inner: inner! - 1 })),
  },
  {
    bug: 'gradients of the batch before are left in the sum',
    mutate: replace(WEIGHT_GRADIENT, ({ out }) => ({ c: out! })),
  },
  {
    bug: 'the derivative of softmax is taken for an elementwise one',
    mutate: replace(is(abi.OP_SOFTMAX_GRADIENT), () => ({
      opcode: abi.OP_ACTIVATE_GRADIENT,
      kind: abi.ACTIVATION_SIGMOID,
    })),
    layers: softmaxOutput,
    loss: 'meanSquaredError',
  },
  {
    bug: 'softmax and its cross-entropy are not divided by the batch',
    mutate: replace(is(abi.OP_SOFTMAX_CROSS_ENTROPY), () => ({ scale: 1 })),
    layers: softmaxOutput,
    loss: 'crossEntropy',
  },
  {
    bug: 'softmax outputs with the derivative of sigmoid outputs',
    mutate: replace(is(abi.OP_SOFTMAX_CROSS_ENTROPY), () => ({
      opcode: abi.OP_SIGMOID_CROSS_ENTROPY,
    })),
    layers: softmaxOutput,
    loss: 'crossEntropy',
  },
  {
    bug: 'sgd forgets the learning rate',
    mutate: remove(is(abi.OP_SCALE_BY_RATE)),
    optimizer: sgd({ learningRate: 0.5 }),
  },
  {
    bug: 'sgd changes W before δ has gone back through it',
    mutate: weightsFirst,
    optimizer: sgd({ learningRate: 0.5 }),
  },
  {
    bug: 'the moment is stale: never used, never renewed',
    mutate: replace(is(abi.OP_MOMENTUM), () => ({ opcode: abi.OP_SGD })),
    optimizer: momentum(),
  },
  {
    bug: "Adam's moments share their memory",
    mutate: replace(is(abi.OP_ADAM), ({ b }) => ({ c: b! })),
    optimizer: adam({ beta1: 0.5 }),
  },
  {
    bug: "Adam's t runs twice as fast",
    mutate: twice(is(abi.OP_NEXT_STEP)),
    optimizer: adam(),
  },
  {
    bug: 'the last parameters are not updated',
    mutate: replace(is(abi.OP_ADAM), ({ columns }) => ({ columns: columns! - 16 })),
    optimizer: adam(),
  },
  {
    bug: 'Nesterov looks ahead in the wrong way: plain momentum',
    mutate: replace(is(abi.OP_NESTEROV), () => ({ opcode: abi.OP_MOMENTUM })),
    optimizer: nesterov(),
  },
];

/** Executes what matches twice. */
function twice(matches: (instruction: Instruction) => boolean): Mutation {
  return (instructions) => {
    instructions.splice(
      0,
      instructions.length,
      ...instructions.flatMap((i) => (matches(i) ? [i, i] : [i])),
    );
  };
}

/** Moves every weight gradient in front of the product that carries the same δ back. */
function weightsFirst(instructions: Instruction[]): void {
  for (const backward of instructions.filter(BACKWARD)) {
    const from = instructions.findIndex((i) => WEIGHT_GRADIENT(i) && i.b === backward.a);
    const [gradient] = instructions.splice(from, 1);
    instructions.splice(instructions.indexOf(backward), 0, gradient!);
  }
}

describe('finds planted bugs', () => {
  const { x, y } = draw(21);

  it.each(bugs)('$bug', ({ mutate, layers = sigmoids, loss = 'halfSquaredError', optimizer }) => {
    const spec: NetworkSpec = { input: SIZE, layers, loss, seed: 1 };
    const options = { samples: 'all' as const, ...(optimizer && { optimizer }) };
    const healthy = mutant(spec, () => {});
    expect(healthy.inspector.checkGradients(x, y, options).ok).toBe(true);
    expect(healthy.engine.changed).toBe(0);
    const { inspector, engine } = mutant(spec, mutate);
    const check = inspector.checkGradients(x, y, options);
    expect(engine.changed).toBeGreaterThan(0);
    expect(check.ok, String(check)).toBe(false);
    expect(String(check)).toContain('WRONG');
  });

  it('with 20 samples of each parameter of a larger network too, and says which parameters are wrong', () => {
    const spec: NetworkSpec = {
      input: SIZE,
      layers: [dense(60, 'sigmoid'), dense(40, 'sigmoid'), dense(SIZE, 'sigmoid')],
      loss: 'halfSquaredError',
      seed: 1,
    };
    const { inspector } = mutant(
      spec,
      remove((i) => is(abi.OP_ACTIVATE_GRADIENT)(i) && i.out!.name === 'layers.0.delta'),
    );
    const { gradients, cost } = inspector.checkGradients(x, y, {});
    expect(cost.verdict).toBe('right');
    const wrong = gradients.filter(({ verdict }) => verdict === 'wrong').map(({ name }) => name);
    expect(wrong).toEqual(['layers.0.W', 'layers.0.b']);
    expect(gradients[0]!.checked).toBe(20);
  });
});

describe('judges fairly', () => {
  it('a ReLU that stands exactly on its kink', () => {
    const net = new Network({
      input: 2,
      layers: [
        dense(2, 'relu', {
          init: {
            W: [
              [1, -1],
              [1, 1],
            ],
            b: [0, 0],
          },
        }),
        dense(1),
      ],
      loss: 'halfSquaredError',
      seed: 1,
    });
    const check = net.checkGradients(
      [
        [1, 1],
        [1, 2],
      ],
      [[3], [5]],
      { samples: 'all' },
    );
    expect(check.ok, String(check)).toBe(true);
    expect(check.gradients[0]!.kinks).toBeGreaterThan(0);
    expect(String(check)).toContain('on a kink');
    net.dispose();
  });

  it('rectifiers that all stand on their kinks, as an example of zeros makes them', () => {
    const x = [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ];
    const init = { W: 'glorotUniform', b: 'zeros' } as const;
    const layers = [dense(4, 'tanh', { init }), dense(6, 'relu', { init }), dense(1)];
    for (let seed = 0; seed < 10; seed++) {
      using net = new Network({ input: 2, layers, loss: 'halfSquaredError', seed });
      const check = net.checkGradients(x, [[1], [0], [0], [1]], { samples: 'all' });
      expect(check.ok, String(check)).toBe(true);
      expect(check.gradients.some(({ kinks }) => kinks > 0)).toBe(true);
    }
  });

  it.each([1e-6, 1e-4, 1e-2])('plain steps with rate %d, rounded term by term', (learningRate) => {
    const random = randomSource(4);
    const rows = 64;
    const [x, y] = [randomMatrix(random, rows, 4), randomMatrix(random, rows, 5)];
    for (let seed = 0; seed < 10; seed++) {
      const layers = [dense(9), dense(5, 'sigmoid')];
      using net = new Network({ input: 4, layers, loss: 'meanSquaredError', seed });
      const check = net.checkGradients(x, y, { optimizer: sgd({ learningRate }) });
      expect(check.ok, String(check)).toBe(true);
    }
  });

  it('numbers that should all be zero: none but rounding may be there', () => {
    const parameter = { name: 'p', shape: [2] };
    const at = (got: number, noise: number): string =>
      judge(
        parameter,
        [
          { index: 0, got: 0, expected: 0 },
          { index: 1, got, expected: 0 },
        ],
        noise,
      ).verdict;
    expect(at(1e-9, 0)).toBe('wrong');
    expect(at(1e-9, 1e-8)).toBe('right');
    expect(at(1e-7, 1e-8)).toBe('wrong');
  });

  it('a network whose gradients are gone: smaller than differences of its cost can tell', () => {
    const layers = [...Array.from({ length: 20 }, () => dense(3, 'sigmoid')), dense(1, 'sigmoid')];
    using net = new Network({ input: 3, layers, loss: 'halfSquaredError', seed: 3 });
    const check = net.checkGradients([[1, 0, 1]], [[1]], { samples: 'all' });
    expect(check.ok, String(check)).toBe(true);
    const [lowest] = check.gradients;
    expect(Math.abs(lowest!.worst.got)).toBeLessThan(1e-12);
    expect(lowest!.relativeError).toBeLessThanOrEqual(lowest!.limit);
    expect(lowest!.limit).toBeLessThan(Infinity);
  });

  it('a network whose gradients are nearly gone, and one that has saturated', () => {
    const deep = new Network({
      input: 3,
      layers: [...Array.from({ length: 8 }, () => dense(3, 'sigmoid')), dense(1, 'sigmoid')],
      loss: 'halfSquaredError',
      seed: 3,
    });
    const check = deep.checkGradients([[1, 0, 1]], [[1]], { samples: 'all' });
    expect(check.ok, String(check)).toBe(true);
    expect(Math.abs(check.gradients[0]!.worst.expected)).toBeLessThan(1e-5);
    const saturated = new Network({
      input: 2,
      layers: [
        dense(3, 'tanh'),
        dense(2, 'sigmoid', {
          init: {
            W: [
              [9, 9, 9],
              [-9, -9, 9],
            ],
            b: [3, 9],
          },
        }),
      ],
      loss: 'binaryCrossEntropy',
      seed: 1,
    });
    const x = [
      [20, 20],
      [-20, 20],
    ];
    const y = [...saturated.predict(x)].map((p) => [Math.round(p)]);
    const result = saturated.checkGradients(
      x,
      [
        [y[0]![0]!, y[1]![0]!],
        [y[2]![0]!, y[3]![0]!],
      ],
      { samples: 'all' },
    );
    expect(result.ok, String(result)).toBe(true);
  });

  it('a network that normalises its features', () => {
    const spec = {
      input: 2,
      layers: [dense(3, 'tanh'), dense(1)],
      loss: 'huber',
      seed: 1,
    } as const;
    const net = new Network({ ...spec, normalize: 'standard' });
    const x = [
      [100, -3],
      [104, -3.5],
      [99, -1],
    ];
    expect(() => net.checkGradients(x, [[1], [0], [2]])).toThrow(/normalis/);
    net.fitNormalizer(x);
    const check = net.checkGradients(x, [[1], [0], [2]], { samples: 'all', optimizer: sgd() });
    expect(check.ok, String(check)).toBe(true);
    const trace = net.trace(x, [[1], [0], [2]]);
    expect(trace.x.at(0, 0)).toBe(100);
    expect(Math.abs(trace.layers[0]!.input.at(0, 0))).toBeLessThan(1);
    net.dispose();
  });

  it('a network with a frozen layer, which is checked all the same and must not move', () => {
    const layers = [dense(5, 'tanh', { trainable: false }), dense(SIZE, 'sigmoid')];
    const net = new Network({ input: SIZE, layers, loss: 'squaredError', seed: 1 });
    const { x, y } = draw(3);
    const check = net.checkGradients(x, y, { samples: 'all', optimizer: adamw() });
    expect(check.ok, String(check)).toBe(true);
    expect(check.gradients).toHaveLength(4);
    expect(check.updates[0]).toMatchObject({
      name: 'layers.0.W',
      relativeError: 0,
      worst: { got: 0 },
    });
    net.dispose();
  });

  it('a network with dropout: its derivatives, but not its steps, which draw a mask', () => {
    const layers = [dense(5, 'tanh'), dropout(0.4), dense(SIZE, 'softmax')];
    const net = new Network({ input: SIZE, layers, loss: 'crossEntropy', seed: 1 });
    const { x, y } = draw(3);
    expect(net.checkGradients(x, y, { samples: 'all' }).ok).toBe(true);
    expect(() => net.checkGradients(x, y, { optimizer: sgd() })).toThrow(
      /without dropout, got one in layers\[1\]/,
    );
    net.dispose();
  });

  it('the networks of the test reference, at any scale of the data', () => {
    const random = randomSource(4);
    for (const scale of [1e-3, 1, 30]) {
      const layers = [
        { W: randomMatrix(random, 6, 3), b: randomMatrix(random, 1, 6)[0]!, activation: 'tanh' },
        { W: randomMatrix(random, 2, 6), b: null, activation: 'linear' },
      ];
      const net = networkOf({ layers, loss: 'halfSquaredError' }, 'simd');
      const check = net.checkGradients(
        randomMatrix(random, 5, 3, scale),
        randomMatrix(random, 5, 2, scale),
        { samples: 'all', optimizer: sgd() },
      );
      expect(check.ok, String(check)).toBe(true);
      net.dispose();
    }
  });
});

it('refuses options it does not know, and a network that is training', async () => {
  const net = new Network(specs[0]!);
  const { x, y } = draw(1);
  expect(() => net.checkGradients(x, y, { samples: 0 })).toThrow(RangeError);
  expect(() => net.checkGradients(x, y, { sample: 3 } as object)).toThrow(/samples/);
  const run = net.fit({ x, y }, { epochs: 2 });
  expect(() => net.checkGradients(x, y)).toThrow(/being trained/);
  await run;
  net.dispose();
});
