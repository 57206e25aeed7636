import * as abi from '../../../src/core/abi.ts';
import { philox } from '../../../src/core/js/random.ts';
import { type KernelCase, record, target } from './case.ts';

const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);

/** Sums of doubles the way the core makes them: one per lane. Multiples of ¼ are exact in any order. */
const quarters = (value: number): number => Math.round(value * 4) / 4;

const penalty = (l1: number): KernelCase => ({
  name: `penalty, l₁ = ${l1}`,
  opcode: abi.OP_PENALTY,
  prepare(arena, { rows, columns }, random) {
    const weights = random.values(columns, () => quarters(random.value()));
    const gradients = random.values(columns);
    const [a, out] = [arena.vector(weights), arena.vector(gradients)];
    arena.setRegister(abi.STATE_COST, 0.5);
    arena.setRegister(abi.STATE_L1, l1);
    arena.setRegister(abi.STATE_L2, 0.25);
    const value =
      0.125 * sum(weights.map((w) => w * w)) + l1 * sum(weights.map((w) => Math.abs(w)));
    return {
      instruction: record(this.opcode, { rows, columns: a.stride }, { out, a }),
      outputs: [
        {
          matrix: out,
          expected: [gradients.map((g, i) => g + 0.25 * weights[i] + l1 * Math.sign(weights[i]))],
          units: 8,
          padding: 'zero',
        },
      ],
      registers: [[abi.STATE_COST, 0.5 + rows * value]],
    };
  },
});

const checkBound: KernelCase = {
  name: 'check bound',
  opcode: abi.OP_CHECK_BOUND,
  prepare(arena, shape, random) {
    const { rows, columns, extra } = shape;
    const padded = { extra, padding: NaN };
    const a = arena.matrix(random.rows(rows, columns), columns, padded);
    const b = arena.matrix(random.rows(rows, columns + 2), columns + 2, padded);
    const limit = rows * 4 * 4;
    const operands = { inner: columns + 2, scale: limit };
    return { instruction: record(this.opcode, shape, { a, b }, operands), outputs: [] };
  },
};

const clipValue: KernelCase = {
  name: 'clip value',
  opcode: abi.OP_CLIP_VALUE,
  prepare(arena, { rows, columns }, random) {
    const values = random.values(rows * columns);
    const out = arena.vector(values);
    arena.setRegister(abi.STATE_CLIP_VALUE, 1.25);
    return {
      instruction: record(this.opcode, { rows: 1, columns: out.stride }, { out }),
      outputs: [
        {
          matrix: out,
          expected: [values.map((value) => Math.max(-1.25, Math.min(1.25, value)))],
          units: 0,
          padding: 'zero',
        },
      ],
    };
  },
};

const addSquares = (kind: number): KernelCase => ({
  name: kind === 1 ? 'add squares' : 'squares',
  opcode: abi.OP_ADD_SQUARES,
  kind,
  prepare(arena, { rows, columns }, random) {
    const values = random.values(rows * columns, () => quarters(random.value()));
    const a = arena.vector(values);
    arena.setRegister(abi.STATE_SQUARES, 2.5);
    const squares = sum(values.map((value) => value * value));
    return {
      instruction: record(this.opcode, { rows: 1, columns: a.stride }, { a }, { kind }),
      outputs: [],
      registers: [[abi.STATE_SQUARES, squares + (kind === 1 ? 2.5 : 0)]],
    };
  },
});

const clipNorm = (squares: number, factor: number): KernelCase => ({
  name: `clip norm by ${factor}`,
  opcode: abi.OP_CLIP_NORM,
  prepare(arena, { rows, columns }, random) {
    const values = random.values(rows * columns);
    const out = arena.vector(values);
    arena.setRegister(abi.STATE_SQUARES, squares);
    arena.setRegister(abi.STATE_CLIP_NORM, 3);
    return {
      instruction: record(this.opcode, { rows: 1, columns: out.stride }, { out }),
      outputs: [
        {
          matrix: out,
          expected: [values.map((value) => value * factor)],
          units: factor === 1 ? 0 : 4,
          padding: 'zero',
        },
      ],
    };
  },
});

const STREAM = 3;
const LAYER = 5;
const UPDATES = 2 ** 32 + 9;
const THRESHOLD = 0.3 * 2 ** 32;

const dropout: KernelCase = {
  name: 'dropout',
  opcode: abi.OP_DROPOUT,
  prepare(arena, shape, random) {
    const { rows, columns, extra } = shape;
    const values = random.rows(rows, columns);
    const seed = { a: random.integer(2 ** 32), b: random.integer(2 ** 32) };
    const from = arena.matrix(values, columns, { extra });
    const out = target(arena, shape, from);
    arena.setRegister(abi.STATE_UPDATES, UPDATES);
    const width = Math.ceil(columns / 4) * 4;
    const word = (i: number): number => {
      const words = new Uint32Array(4);
      philox(words, i >> 2, UPDATES % 2 ** 32, STREAM, LAYER, seed.a, seed.b);
      return words[i & 3];
    };
    const fields = {
      ...seed,
      aStride: from.stride,
      kind: STREAM,
      index: LAYER,
      scale: 1.5,
      inner: Math.floor(THRESHOLD),
    };
    return {
      instruction: record(this.opcode, shape, { out, c: from }, fields),
      outputs: [
        {
          matrix: out,
          expected: values.map((row, i) =>
            row.map((value, j) => (word(i * width + j) >= THRESHOLD ? 1.5 * value : 0)),
          ),
          units: 4,
          padding: 'kept',
        },
      ],
    };
  },
};

const weightRows: KernelCase = {
  name: 'weight rows',
  opcode: abi.OP_WEIGHT_ROWS,
  prepare(arena, { rows, columns, extra }, random) {
    const deltas = random.rows(rows, columns);
    const weights = random.rows(rows, 1);
    const costs = random.values(rows);
    const out = arena.matrix(deltas, columns, { extra });
    const a = arena.matrix(weights, 1, { extra: 1, padding: NaN });
    const c = arena.vector(costs);
    return {
      instruction: record(this.opcode, { rows, columns }, { out, a, c }),
      outputs: [
        {
          matrix: out,
          expected: deltas.map((row, i) => row.map((delta) => delta * weights[i][0])),
          units: 16,
          padding: 'zero',
        },
        {
          matrix: c,
          expected: [costs.map((cost, i) => cost * weights[i][0])],
          units: 16,
          padding: 'zero',
        },
      ],
    };
  },
};

/** Between the backward pass and the update: penalty, check, clipping; dropout and weights of examples. */
export const gradientCases: KernelCase[] = [
  penalty(0),
  penalty(0.375),
  checkBound,
  clipValue,
  addSquares(0),
  addSquares(1),
  clipNorm(36, 0.5),
  clipNorm(9, 1),
  clipNorm(0, 1),
  dropout,
  weightRows,
];
