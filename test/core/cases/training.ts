import * as abi from '../../../src/core/abi.ts';
import * as reference from '../reference-kernels.ts';
import { type KernelCase, PADDING, type Random, record, target } from './case.ts';

const SCALE = 0.125;
const SCALE2 = 0.5;

/** A case that writes deltas to out and one cost per row to c. */
function costCase(
  name: string,
  opcode: number,
  kind: number,
  twin: (a: reference.Rows, y: reference.Rows) => reference.Costs,
  draw: (random: Random) => number,
): KernelCase {
  return {
    name,
    opcode,
    kind,
    prepare(arena, shape, random) {
      const { rows, columns, extra } = shape;
      const values = random.rows(rows, columns);
      const targets = random.rows(rows, columns, () => draw(random));
      const a = arena.matrix(values, columns, { extra: 1, padding: PADDING });
      const b = arena.matrix(targets, columns, { extra });
      const c = arena.matrix([new Array<number>(rows).fill(PADDING)], rows, { padding: PADDING });
      const out = target(arena, { ...shape, inPlace: false });
      const { costs, deltas } = twin(values, targets);
      return {
        instruction: record(
          opcode,
          shape,
          { out, a, b, c },
          { kind, scale: SCALE, scale2: SCALE2 },
        ),
        outputs: [
          // A softmax (8 + 4 + columns units) times the sum of the targets, at most columns, times 1/8.
          { matrix: out, expected: deltas, units: 4 + 2 * columns, padding: 'zero' },
          // Terms are not negative, so the error of their sum is relative; each is made of numbers of at most 8.
          { matrix: c, expected: [costs], units: 16 * columns + 4, padding: 'kept' },
        ],
      };
    },
  };
}

/** Name of each loss in the reference and its kind. */
const LOSSES: [name: string, kind: number][] = [
  ['squaredError', abi.LOSS_SQUARED],
  ['meanAbsoluteError', abi.LOSS_ABSOLUTE],
  ['huber', abi.LOSS_HUBER],
];

const costCases: KernelCase[] = [
  ...LOSSES.map(([name, kind]) =>
    costCase(
      `loss ${name}`,
      abi.OP_LOSS,
      kind,
      (a, y) => reference.loss(name, a, y, SCALE, SCALE2),
      (random) => random.value(),
    ),
  ),
  costCase(
    'softmax cross-entropy',
    abi.OP_SOFTMAX_CROSS_ENTROPY,
    0,
    (z, y) => reference.softmaxCrossEntropy(z, y, SCALE),
    (random) => random.fraction(),
  ),
  costCase(
    'sigmoid cross-entropy',
    abi.OP_SIGMOID_CROSS_ENTROPY,
    0,
    (z, y) => reference.sigmoidCrossEntropy(z, y, SCALE),
    (random) => random.fraction(),
  ),
];

const columnSums: KernelCase = {
  name: 'column sums',
  opcode: abi.OP_COLUMN_SUMS,
  prepare(arena, shape, random) {
    const { rows, columns, extra } = shape;
    const values = random.rows(rows, columns);
    const a = arena.matrix(values, columns, { extra });
    const out = target(arena, { rows: 1, columns, extra: 0, inPlace: false });
    const expected = [reference.columnSums(values, columns)];
    return {
      instruction: record(this.opcode, shape, { out, a }),
      // Each partial sum is at most 4 · rows.
      outputs: [{ matrix: out, expected, units: 4 * rows * rows, padding: 'zero' }],
    };
  },
};

const columnSumsOntoOut: KernelCase = {
  name: 'column sums onto what is there',
  opcode: abi.OP_COLUMN_SUMS,
  prepare(arena, shape, random) {
    const { rows, columns, extra } = shape;
    const values = random.rows(rows, columns);
    const start = random.rows(1, columns);
    const a = arena.matrix(values, columns, { extra });
    const out = arena.matrix(start, columns, {});
    const expected = [reference.columnSums([...start, ...values], columns)];
    return {
      instruction: record(this.opcode, shape, { out, a, c: out }),
      outputs: [{ matrix: out, expected, units: 4 * (rows + 1) ** 2, padding: 'zero' }],
    };
  },
};

const scaleByRate: KernelCase = {
  name: 'scale by rate',
  opcode: abi.OP_SCALE_BY_RATE,
  prepare(arena, shape, random) {
    const values = random.rows(shape.rows, shape.columns);
    arena.setRegister(abi.STATE_LEARNING_RATE, 0.75);
    const a = arena.matrix(values, shape.columns, { extra: shape.extra });
    const out = target(arena, shape, a);
    return {
      instruction: record(this.opcode, shape, { out, a }),
      outputs: [
        {
          matrix: out,
          expected: values.map((row) => row.map((value) => -0.75 * value)),
          units: 4,
          padding: 'zero',
        },
      ],
    };
  },
};

const addCost: KernelCase = {
  name: 'add cost',
  opcode: abi.OP_ADD_COST,
  prepare(arena, shape, random) {
    const costs = random.values(shape.rows, () => random.fraction());
    arena.setRegister(abi.STATE_COST, 0.25);
    arena.setRegister(abi.STATE_EXAMPLES, 5);
    return {
      instruction: record(this.opcode, shape, { a: arena.vector(costs) }),
      outputs: [],
      registers: [
        [abi.STATE_COST, costs.reduce((sum, cost) => sum + cost, 0.25)],
        [abi.STATE_EXAMPLES, 5 + shape.rows],
      ],
    };
  },
};

const countCorrect: KernelCase = {
  name: 'count correct',
  opcode: abi.OP_COUNT_CORRECT,
  prepare(arena, shape, random) {
    const { rows, columns, extra } = shape;
    const values = random.rows(rows, columns, () => random.integer(4) / 4);
    const targets = random.rows(rows, columns, () => random.integer(3) / 2);
    const a = arena.matrix(values, columns, { extra, padding: PADDING });
    const b = arena.matrix(targets, columns, { extra: 1, padding: PADDING });
    arena.setRegister(abi.STATE_CORRECT, 3);
    return {
      instruction: record(this.opcode, shape, { a, b }, { scale: SCALE2 }),
      outputs: [],
      registers: [[abi.STATE_CORRECT, 3 + reference.countCorrect(values, targets, SCALE2)]],
    };
  },
};

const nextStep: KernelCase = {
  name: 'next step',
  opcode: abi.OP_NEXT_STEP,
  prepare(arena, shape) {
    arena.setRegister(abi.STATE_BETA1, 0.75);
    arena.setRegister(abi.STATE_BETA2, 0.5);
    arena.setRegister(abi.STATE_BETA1_POWER, 1);
    arena.setRegister(abi.STATE_BETA2_POWER, 0.25);
    arena.setRegister(abi.STATE_STEP, 2);
    arena.setRegister(abi.STATE_UPDATES, 7);
    arena.setRegister(abi.STATE_CURSOR, 10);
    return {
      instruction: record(this.opcode, shape, {}),
      outputs: [],
      registers: [
        [abi.STATE_BETA1_POWER, 0.75],
        [abi.STATE_BETA2_POWER, 0.125],
        [abi.STATE_STEP, 3],
        [abi.STATE_UPDATES, 8],
        [abi.STATE_CURSOR, 10 + shape.rows],
      ],
    };
  },
};

const HYPER: reference.Hyper = {
  learningRate: 0.1,
  momentum: 0.9,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  rho: 0.75,
  weightDecay: 0.3,
};

/** An update at step 3 over rows × stride floats, whose padding is zero. */
const update = ([name, opcode]: [string, number]): KernelCase => ({
  name: `update ${name}`,
  opcode,
  prepare(arena, { rows, columns }, random) {
    const length = rows * columns;
    const [p, g] = [random.values(length), random.values(length)];
    const keepsSquares = name === 'rmsprop' || name === 'adagrad';
    const b = random.values(length, () => (keepsSquares ? random.fraction() : random.value()));
    const c = random.values(length, () => random.fraction());
    const [out, ga, ba, ca] = [arena.vector(p), arena.vector(g), arena.vector(b), arena.vector(c)];
    arena.setRegister(abi.STATE_LEARNING_RATE, HYPER.learningRate);
    arena.setRegister(abi.STATE_MOMENTUM, HYPER.momentum);
    arena.setRegister(abi.STATE_BETA1, HYPER.beta1);
    arena.setRegister(abi.STATE_BETA2, HYPER.beta2);
    arena.setRegister(abi.STATE_EPSILON, HYPER.epsilon);
    arena.setRegister(abi.STATE_RHO, HYPER.rho);
    arena.setRegister(abi.STATE_WEIGHT_DECAY, HYPER.weightDecay);
    arena.setRegister(abi.STATE_BETA1_POWER, HYPER.beta1 ** 3);
    arena.setRegister(abi.STATE_BETA2_POWER, HYPER.beta2 ** 3);
    const after = reference.updates[name](p, g, b, c, HYPER, 3);
    return {
      instruction: record(opcode, { rows: 1, columns: out.stride }, { out, a: ga, b: ba, c: ca }),
      outputs: [
        // A handful of roundings of numbers of at most 8; Adam's step is relative and can be as large as p.
        { matrix: out, expected: [after.p], units: 64, padding: 'zero' },
        { matrix: ba, expected: [after.b], units: 24, padding: 'zero' },
        { matrix: ca, expected: [after.c], units: 8, padding: 'zero' },
      ],
    };
  },
});

/** From the output to the new parameters. */
export const trainingCases: KernelCase[] = [
  ...costCases,
  columnSums,
  columnSumsOntoOut,
  scaleByRate,
  addCost,
  countCorrect,
  nextStep,
  ...(
    [
      ['sgd', abi.OP_SGD],
      ['momentum', abi.OP_MOMENTUM],
      ['nesterov', abi.OP_NESTEROV],
      ['rmsprop', abi.OP_RMSPROP],
      ['adagrad', abi.OP_ADAGRAD],
      ['adam', abi.OP_ADAM],
      ['adamw', abi.OP_ADAMW],
    ] as [string, number][]
  ).map(update),
];
