import * as abi from '../../../src/core/abi.ts';
import { inPanels } from '../panels.ts';
import * as reference from '../reference-kernels.ts';
import { type KernelCase, PADDING, record, target } from './case.ts';

const EXAMPLES = 12;
/** Long enough for every shape, with repetitions. */
const ORDER = Array.from({ length: 128 }, (_, i) => (4 + i * i * 5) % EXAMPLES);
const CURSOR = 2;

const gatherRows: KernelCase = {
  name: 'gather rows',
  opcode: abi.OP_GATHER_ROWS,
  prepare(arena, shape, random) {
    const values = random.rows(EXAMPLES, shape.columns);
    const a = arena.matrix(values, shape.columns, { extra: 1, padding: PADDING + 1 });
    const out = target(arena, shape);
    const b = arena.words(ORDER);
    arena.setRegister(abi.STATE_CURSOR, CURSOR);
    const expected = reference.gatherRows(values, ORDER, CURSOR, shape.rows);
    return {
      instruction: record(this.opcode, shape, { out, a }, { b }),
      outputs: [{ matrix: out, expected, units: 0, padding: 'kept' }],
      registers: [[abi.STATE_CURSOR, CURSOR]],
    };
  },
};

const gatherBytes: KernelCase = {
  name: 'gather bytes',
  opcode: abi.OP_GATHER_BYTES,
  prepare(arena, shape, random) {
    const values = random.rows(EXAMPLES, shape.columns, () => random.integer(256));
    const aStride = 4 * Math.ceil(shape.columns / 16);
    const bytes = new Uint8Array(EXAMPLES * aStride * 4);
    values.forEach((row, i) => bytes.set(row, i * aStride * 4));
    const a = arena.words([...new Uint32Array(bytes.buffer)]);
    const out = target(arena, shape);
    const b = arena.words(ORDER);
    arena.setRegister(abi.STATE_CURSOR, CURSOR);
    const expected = reference.gatherRows(values, ORDER, CURSOR, shape.rows);
    return {
      instruction: record(this.opcode, shape, { out }, { a, b, aStride }),
      outputs: [{ matrix: out, expected, units: 0, padding: 'finite' }],
      registers: [[abi.STATE_CURSOR, CURSOR]],
    };
  },
};

const gatherLabels: KernelCase = {
  name: 'gather labels',
  opcode: abi.OP_GATHER_LABELS,
  prepare(arena, shape, random) {
    const labels = random.values(EXAMPLES, () => random.integer(shape.columns));
    const out = target(arena, shape);
    const a = arena.words(labels);
    const b = arena.words(ORDER);
    arena.setRegister(abi.STATE_CURSOR, CURSOR);
    const expected = reference.gatherLabels(labels, ORDER, CURSOR, shape.rows, shape.columns);
    return {
      instruction: record(this.opcode, shape, { out }, { a, b }),
      outputs: [{ matrix: out, expected, units: 0, padding: 'kept' }],
      registers: [[abi.STATE_CURSOR, CURSOR]],
    };
  },
};

const normalize: KernelCase = {
  name: 'normalize',
  opcode: abi.OP_NORMALIZE,
  prepare(arena, shape, random) {
    const { rows, columns, extra } = shape;
    const values = random.rows(rows, columns);
    const shift = random.values(columns);
    const factor = random.values(columns);
    const a = arena.matrix(values, columns, { extra, padding: PADDING });
    const out = target(arena, shape, a);
    const expected = reference.normalize(values, shift, factor);
    return {
      instruction: record(
        this.opcode,
        shape,
        { out, a },
        { b: arena.vector(shift).address, c: arena.vector(factor).address },
      ),
      // A difference of at most 8, rounded and multiplied by at most 4, and rounded again.
      outputs: [{ matrix: out, expected, units: 8 * 4 + 1, padding: 'kept' }],
    };
  },
};

/** Inner dimension of the matrix products: here only their records are tested, their tiles have tests of their own. */
const INNER = 3;

const matmul = (kind: number): KernelCase => ({
  name: `matmul kind ${kind}`,
  opcode: abi.OP_MATMUL,
  kind,
  prepare(arena, shape, random) {
    const { rows, columns } = shape;
    const left = random.rows(rows, INNER);
    const right = random.rows(INNER, columns);
    const start = random.values(columns);
    const a =
      kind === abi.MATMUL_TN
        ? arena.matrix(reference.transpose(left, INNER), rows, { extra: 1 })
        : arena.matrix(left, INNER, { extra: 1 });
    const b =
      kind === abi.MATMUL_NT
        ? arena.matrix(reference.transpose(right, columns), INNER)
        : kind === abi.MATMUL_PANELS
          ? arena.matrix(inPanels(right, columns), Math.ceil(columns / abi.LANES) * abi.LANES)
          : arena.matrix(right, columns);
    const out = target(arena, { ...shape, inPlace: false });
    const expected = reference.matmul(left, right, start);
    return {
      instruction: record(
        this.opcode,
        shape,
        { out, a, b, c: arena.vector(start) },
        { kind, inner: INNER },
      ),
      // Three products and three sums of at most 52.
      outputs: [{ matrix: out, expected, units: 6 * 52, padding: 'finite' }],
    };
  },
});

/** Name of each activation in the reference and its kind. */
export const ACTIVATIONS: [name: string, kind: number][] = [
  ['sigmoid', abi.ACTIVATION_SIGMOID],
  ['tanh', abi.ACTIVATION_TANH],
  ['relu', abi.ACTIVATION_RELU],
  ['leakyRelu', abi.ACTIVATION_LEAKY_RELU],
  ['elu', abi.ACTIVATION_ELU],
  ['softplus', abi.ACTIVATION_SOFTPLUS],
  ['gelu', abi.ACTIVATION_GELU],
  ['geluTanh', abi.ACTIVATION_GELU_TANH],
  ['silu', abi.ACTIVATION_SILU],
];

const activate = ([name, kind]: [string, number]): KernelCase => ({
  name: `activate ${name}`,
  opcode: abi.OP_ACTIVATE,
  kind,
  prepare(arena, shape, random) {
    const { rows, columns, extra } = shape;
    const values = random.rows(rows, columns);
    const a = arena.matrix(values, columns, { extra, padding: PADDING });
    const out = target(arena, shape, a);
    const expected = reference.activate(name, values);
    return {
      instruction: record(this.opcode, shape, { out, a }, { kind }),
      // A function and a rounding, times ½ z up to 2, twice as much when z itself has been rounded.
      outputs: [{ matrix: out, expected, units: 24, padding: 'finite' }],
    };
  },
});

const activateGradient = ([name, kind]: [string, number]): KernelCase => ({
  name: `activate gradient ${name}`,
  opcode: abi.OP_ACTIVATE_GRADIENT,
  kind,
  prepare(arena, shape, random) {
    const { rows, columns, extra } = shape;
    const g = random.rows(rows, columns);
    const z = random.rows(rows, columns);
    const outputs = reference.activate(name, z).map((row) => row.map(Math.fround));
    const x = reference.usesOutput(name) ? outputs : z;
    const a = arena.matrix(g, columns, { extra });
    const b = arena.matrix(x, columns, { extra, padding: PADDING });
    const out = target(arena, shape, a);
    const expected = reference.activateGradient(name, g, x);
    return {
      instruction: record(this.opcode, shape, { out, a, b }, { kind }),
      // geluTanh is the worst: 1 − t² is wrong by 4 units, times ½ z · 0.8 (1 + 0.134 z²) g, which is up to 20.
      outputs: [{ matrix: out, expected, units: 100, padding: 'zero' }],
    };
  },
});

const softmax: KernelCase = {
  name: 'softmax',
  opcode: abi.OP_SOFTMAX,
  prepare(arena, shape, random) {
    const { rows, columns, extra } = shape;
    const values = random.rows(rows, columns);
    const a = arena.matrix(values, columns, { extra, padding: PADDING });
    const out = target(arena, shape, a);
    const expected = reference.softmaxRows(values);
    return {
      instruction: record(this.opcode, shape, { out, a }),
      // The rounding of z − max, at most 8, is that of the exponent; then exp, the sum and the quotient.
      outputs: [{ matrix: out, expected, units: 8 + 4 + columns, padding: 'zero' }],
    };
  },
};

const softmaxGradient: KernelCase = {
  name: 'softmax gradient',
  opcode: abi.OP_SOFTMAX_GRADIENT,
  prepare(arena, shape, random) {
    const { rows, columns, extra } = shape;
    const g = random.rows(rows, columns);
    const exact = reference.softmaxRows(random.rows(rows, columns));
    const s = exact.map((row) => row.map(Math.fround));
    const a = arena.matrix(g, columns, { extra });
    const b = arena.matrix(s, columns, { extra: 1 });
    const out = target(arena, shape, a);
    const expected = reference.softmaxGradient(g, s);
    return {
      instruction: record(this.opcode, shape, { out, a, b }),
      // Products and partial sums of at most 4 for each column, then a difference and a product of at most 8.
      outputs: [{ matrix: out, expected, units: 8 * columns + 16, padding: 'zero' }],
    };
  },
};

/** From the examples to the output, and the derivatives of the activations. */
export const forwardCases: KernelCase[] = [
  gatherRows,
  gatherBytes,
  gatherLabels,
  normalize,
  ...[abi.MATMUL_NN, abi.MATMUL_NT, abi.MATMUL_TN, abi.MATMUL_PANELS].map(matmul),
  ...ACTIVATIONS.map(activate),
  ...ACTIVATIONS.map(activateGradient),
  softmax,
  softmaxGradient,
];
