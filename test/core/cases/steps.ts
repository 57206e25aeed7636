import * as abi from '../../../src/core/abi.ts';
import type { Arena, Matrix } from '../arena.ts';
import { inPanels } from '../panels.ts';
import * as reference from '../reference-kernels.ts';
import { type KernelCase, PADDING, type Random, record, target } from './case.ts';

/** Steps of every sequence in these cases. */
export const STEPS = 3;

/** Lengths from 1 to STEPS, the first one whole, and where they are: one u32 in each row of one column. */
export function drawLengths(arena: Arena, random: Random, rows: number): [number[], number] {
  const lengths = Array.from({ length: rows }, (_, i) => (i === 0 ? STEPS : 1 + random.integer(3)));
  return [lengths, arena.words(lengths.flatMap((length) => [length, 0, 0, 0]))];
}

/** The example and the step of a row of a sequence. */
export const rowIndex = (row: number, rows: number): { i: number; t: number } => ({
  i: row % rows,
  t: Math.floor(row / rows),
});

/** A sequence of drawn rows. */
const drawSteps = (random: Random, rows: number, columns: number): reference.Rows =>
  random.rows(STEPS * rows, columns);

/** A matrix like `out` but with STEPS times its rows. */
const stepsTarget = (arena: Arena, rows: number, columns: number, extra: number): Matrix =>
  target(arena, { rows: STEPS * rows, columns, extra, inPlace: false });

const orderSteps: KernelCase = {
  name: 'order of steps',
  opcode: abi.OP_ORDER_STEPS,
  prepare(arena, shape, random) {
    const { rows } = shape;
    const order = random.values(rows + 2, () => random.integer(50));
    arena.setRegister(abi.STATE_CURSOR, 2);
    const words = Array.from({ length: STEPS * rows }, (_, row) => {
      const { i, t } = rowIndex(row, rows);
      return order[2 + i] * STEPS + t;
    });
    const out = arena.matrix([new Array<number>(words.length).fill(PADDING)], words.length, {
      padding: PADDING,
    });
    const expected = [[...new Float32Array(Uint32Array.from(words).buffer)]];
    return {
      instruction: record(this.opcode, shape, { out }, { a: arena.words(order), inner: STEPS }),
      outputs: [{ matrix: out, expected, units: 0, padding: 'kept' }],
    };
  },
};

const copyCases = [true, false].map((fromA): KernelCase => ({
  name: fromA ? 'copy' : 'clear',
  opcode: abi.OP_COPY,
  prepare(arena, shape, random) {
    const { rows, columns, extra } = shape;
    const values = random.rows(rows, columns);
    const a = arena.matrix(values, columns, { extra: 1, padding: PADDING });
    const out = target(arena, { rows, columns, extra, inPlace: false });
    const expected = fromA ? values : values.map((row) => row.map(() => 0));
    return {
      instruction: record(this.opcode, shape, fromA ? { out, a } : { out }),
      outputs: [{ matrix: out, expected, units: 0, padding: 'kept' }],
    };
  },
}));

const selectCases = [true, false].map((given): KernelCase => ({
  name: given ? 'select rows' : 'select rows or zeros',
  opcode: abi.OP_SELECT_ROWS,
  prepare(arena, shape, random) {
    const { rows, columns, extra } = shape;
    const [kept, begun] = [random.rows(rows, columns), random.rows(rows, columns)];
    const flags = Array.from({ length: rows }, () => random.integer(2));
    const a = arena.matrix(kept, columns, { extra: 1, padding: PADDING });
    const b = arena.matrix(begun, columns, { padding: PADDING });
    const out = target(arena, { rows, columns, extra, inPlace: false });
    const start = (i: number): number[] => (given ? begun[i] : begun[i].map(() => 0));
    const expected = kept.map((row, i) => (flags[i] === 0 ? row : start(i)));
    const d = arena.words(flags.flatMap((flag) => [flag, 0, 0, 0]));
    return {
      instruction: record(this.opcode, shape, given ? { out, a, b } : { out, a }, { d }),
      outputs: [{ matrix: out, expected, units: 0, padding: 'kept' }],
    };
  },
}));

const reverseSteps: KernelCase = {
  name: 'reverse steps',
  opcode: abi.OP_REVERSE_STEPS,
  prepare(arena, shape, random) {
    const { rows, columns, extra } = shape;
    const values = drawSteps(random, rows, columns);
    const [lengths, d] = drawLengths(arena, random, rows);
    const a = arena.matrix(values, columns, { extra: 1, padding: PADDING });
    const out = stepsTarget(arena, rows, columns, extra);
    const expected = values.map((row, index) => {
      const { i, t } = rowIndex(index, rows);
      return t < lengths[i] ? values[(lengths[i] - 1 - t) * rows + i] : row;
    });
    return {
      instruction: record(this.opcode, shape, { out, a }, { d, inner: STEPS }),
      outputs: [{ matrix: out, expected, units: 0, padding: 'kept' }],
    };
  },
};

const transpose: KernelCase = {
  name: 'transpose',
  opcode: abi.OP_TRANSPOSE,
  prepare(arena, shape, random) {
    const { rows, columns, extra } = shape;
    const values = random.rows(rows, columns);
    const a = arena.matrix(values, columns, { extra });
    // Whole blocks of 4 × 4 are written.
    const padded = rows === 0 ? 0 : Math.ceil(columns / abi.LANES) * abi.LANES;
    const out = target(arena, { rows: padded, columns: rows, extra: 0, inPlace: false });
    const expected = reference.transpose(values, columns);
    while (expected.length < padded) expected.push(new Array<number>(rows).fill(0));
    return {
      instruction: record(this.opcode, shape, { out, a }),
      outputs: [{ matrix: out, expected, units: 0, padding: 'zero' }],
    };
  },
};

const pack: KernelCase = {
  name: 'pack',
  opcode: abi.OP_PACK,
  prepare(arena, shape, random) {
    const { rows, columns, extra } = shape;
    const values = random.rows(rows, columns);
    const a = arena.matrix(values, columns, { extra });
    const width = Math.ceil(columns / abi.LANES) * abi.LANES;
    const out = target(arena, { rows, columns: width, extra: 0, inPlace: false });
    const expected = inPanels(values, columns);
    return {
      instruction: record(this.opcode, shape, { out, a }),
      outputs: [{ matrix: out, expected, units: 0, padding: 'finite' }],
    };
  },
};

const KINDS: [string, number][] = [
  ['mean', abi.STEPS_MEAN],
  ['sum', abi.STEPS_SUM],
];

const divisor = (kind: number, lengths: number[]): number =>
  kind === abi.STEPS_SUM ? lengths.length : lengths.reduce((sum, length) => sum + length, 0);

const maskCases = KINDS.map(([name, kind]): KernelCase => ({
  name: `mask steps, ${name}`,
  opcode: abi.OP_MASK_STEPS,
  kind,
  prepare(arena, shape, random) {
    const { rows, columns, extra } = shape;
    const values = drawSteps(random, rows, columns);
    const [lengths, d] = drawLengths(arena, random, rows);
    const out = arena.matrix(values, columns, { extra });
    const expected = values.map((row, index) => {
      const { i, t } = rowIndex(index, rows);
      return row.map((value) => (t < lengths[i] ? value / divisor(kind, lengths) : 0));
    });
    return {
      instruction: record(this.opcode, shape, { out }, { d, kind, inner: STEPS }),
      outputs: [{ matrix: out, expected, units: 4, padding: 'zero' }],
    };
  },
}));

const addCostCases = KINDS.map(([name, kind]): KernelCase => ({
  name: `add costs of steps, ${name}`,
  opcode: abi.OP_ADD_STEP_COSTS,
  kind,
  prepare(arena, shape, random) {
    const { rows } = shape;
    const costs = random.values(STEPS * rows, () => random.fraction());
    const [lengths, d] = drawLengths(arena, random, rows);
    arena.setRegister(abi.STATE_COST, 0.25);
    arena.setRegister(abi.STATE_EXAMPLES, 5);
    let expected = 0.25;
    lengths.forEach((length, i) => {
      for (let t = 0; t < length; t++) expected += costs[t * rows + i];
    });
    return {
      instruction: record(
        this.opcode,
        shape,
        { a: arena.vector(costs) },
        { d, kind, inner: STEPS },
      ),
      outputs: [],
      registers: [
        [abi.STATE_COST, expected],
        [abi.STATE_EXAMPLES, 5 + divisor(kind, lengths)],
      ],
    };
  },
}));

const countCorrect: KernelCase = {
  name: 'count correct steps',
  opcode: abi.OP_COUNT_CORRECT_STEPS,
  prepare(arena, shape, random) {
    const { rows, columns, extra } = shape;
    const values = random.rows(STEPS * rows, columns, () => random.integer(4) / 4);
    const targets = random.rows(STEPS * rows, columns, () => random.integer(3) / 2);
    const [lengths, d] = drawLengths(arena, random, rows);
    const a = arena.matrix(values, columns, { extra, padding: PADDING });
    const b = arena.matrix(targets, columns, { extra: 1, padding: PADDING });
    const valid = values.map((_, index) => {
      const { i, t } = rowIndex(index, rows);
      return t < lengths[i];
    });
    const only = (m: reference.Rows): reference.Rows => m.filter((_, index) => valid[index]);
    arena.setRegister(abi.STATE_CORRECT, 3);
    const correct = reference.countCorrect(only(values), only(targets), 0.5);
    return {
      instruction: record(this.opcode, shape, { a, b }, { d, scale: 0.5, inner: STEPS }),
      outputs: [],
      registers: [[abi.STATE_CORRECT, 3 + correct]],
    };
  },
};

const addCase: KernelCase = {
  name: 'add',
  opcode: abi.OP_ADD,
  prepare(arena, shape, random) {
    const { rows, columns, extra } = shape;
    const [values, added] = [random.rows(rows, columns), random.rows(rows, columns)];
    const out = arena.matrix(values, columns, { extra });
    const a = arena.matrix(added, columns, { extra });
    const expected = values.map((row, i) => row.map((value, j) => value + added[i][j]));
    return {
      instruction: record(this.opcode, shape, { out, a }),
      outputs: [{ matrix: out, expected, units: 4, padding: 'zero' }],
    };
  },
};

/** What sequences need besides products. */
export const stepCases: KernelCase[] = [
  orderSteps,
  ...copyCases,
  ...selectCases,
  addCase,
  reverseSteps,
  transpose,
  pack,
  ...maskCases,
  ...addCostCases,
  countCorrect,
];
