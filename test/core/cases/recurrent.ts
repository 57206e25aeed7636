import * as abi from '../../../src/core/abi.ts';
import type { Arena, Matrix } from '../arena.ts';
import { inPanels } from '../panels.ts';
import * as reference from '../reference-kernels.ts';
import type { Rows } from '../reference-kernels.ts';
import { type KernelCase, type Random, record, type Shape } from './case.ts';
import { drawLengths, STEPS } from './steps.ts';

// Recurrent layers: out and operands lie as the layers in src/nn/layers lay them out, every padding zero.

/** Numbers of at most 1/2, so that sums stay near one and rounding errors small. */
const small = (random: Random): number => random.value() / 8;

/** The rows of step t. */
const at = (steps: Rows, t: number, rows: number): Rows => steps.slice(t * rows, (t + 1) * rows);

/** How the recurrent weights lie: in rows, or in panels. */
interface Lay {
  readonly title: string;
  readonly index: number;
  place(arena: Arena, weights: Rows, columns: number): Matrix;
}

const inRows: Lay = {
  title: '',
  index: abi.MATMUL_NN,
  place: (arena, weights, columns) => arena.matrix(weights, columns, { extra: 1 }),
};

const panels: Lay = {
  title: ', weights in panels',
  index: abi.MATMUL_PANELS,
  place: (arena, weights, columns) =>
    arena.matrix(inPanels(weights, columns), Math.ceil(columns / abi.LANES) * abi.LANES, {}),
};

const zeros = (columns: number): number[] => new Array<number>(columns).fill(0);

const add = (a: Rows, b: Rows): Rows => a.map((row, i) => row.map((value, j) => value + b[i][j]));

/** A state before the first step and, directly behind it, `rows` further rows. */
export function stateMatrix(arena: Arena, values: Rows, columns: number): [Matrix, Matrix] {
  const all = arena.matrix(values, columns, {});
  const rows = values.length / (STEPS + 1);
  const after = { ...all, rows: rows * STEPS, address: all.address + 4 * rows * all.stride };
  return [all, after];
}

const rnnKinds: [string, number][] = [
  ['tanh', abi.ACTIVATION_TANH],
  ['relu', abi.ACTIVATION_RELU],
];

const rnnForward = (lay: Lay, [name, kind]: [string, number]): KernelCase => ({
  name: `rnn ${name}${lay.title}`,
  opcode: abi.OP_RNN,
  kind,
  prepare(arena, shape: Shape, random) {
    const { rows, columns } = shape;
    const values = random.rows((STEPS + 1) * rows, columns, () => small(random));
    const weights = random.rows(columns, columns, () => small(random));
    const [lengths, d] = drawLengths(arena, random, rows);
    const [all, out] = stateMatrix(arena, values, columns);
    const b = lay.place(arena, weights, columns);
    const states = [at(values, 0, rows)];
    for (let t = 0; t < STEPS; t++) {
      const products = reference.matmul(states[t], weights, zeros(columns));
      const h = reference.activate(name, add(at(values, t + 1, rows), products));
      states.push(h.map((row, i) => (t < lengths[i] ? row : states[t][i])));
    }
    return {
      instruction: record(
        this.opcode,
        shape,
        { out, a: all, b },
        { d, kind, inner: STEPS, index: lay.index },
      ),
      outputs: [{ matrix: all, expected: states.flat(), units: 16 * columns, padding: 'zero' }],
    };
  },
});

const rnnBackward = (lay: Lay, [name, kind]: [string, number]): KernelCase => ({
  name: `rnn gradient ${name}${lay.title}`,
  opcode: abi.OP_RNN_GRADIENT,
  kind,
  prepare(arena, shape: Shape, random) {
    const { rows, columns } = shape;
    const states = random.rows(STEPS * rows, columns, () => small(random) * 2);
    const gradients = random.rows(STEPS * rows, columns, () => small(random));
    const weights = random.rows(columns, columns, () => small(random));
    const [lengths, d] = drawLengths(arena, random, rows);
    const out = arena.matrix(gradients, columns, {});
    const a = arena.matrix(states, columns, {});
    const b = lay.place(arena, weights, columns);
    const deltas: Rows[] = [];
    const above = Array.from({ length: STEPS }, (_, t) => at(gradients, t, rows));
    for (let t = STEPS - 1; t >= 0; t--) {
      const products = t < STEPS - 1 && reference.matmul(deltas[t + 1], weights, zeros(columns));
      const total = products ? add(above[t], products) : above[t];
      const slopes = reference.activateGradient(name, total, at(states, t, rows));
      deltas[t] = slopes.map((row, i) => (t < lengths[i] ? row : zeros(columns)));
      if (t === 0) break;
      above[t - 1] = above[t - 1].map((row, i) =>
        t < lengths[i] ? row : row.map((value, j) => value + total[i][j]),
      );
    }
    return {
      instruction: record(
        this.opcode,
        shape,
        { out, a, b },
        { d, kind, inner: STEPS, index: lay.index },
      ),
      outputs: [{ matrix: out, expected: deltas.flat(), units: 16 * columns, padding: 'zero' }],
    };
  },
});

/** Columns of a gate, the padding between gates included. */
const widthOf = (columns: number): number => Math.ceil(columns / abi.LANES) * abi.LANES;

const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

/** A matrix whose rows are gates, blocks of `columns` numbers padded with zeros, as [row][gate][unit]. */
function gateMatrix(arena: Arena, rows: number[][][], gates: number, columns: number): Matrix {
  const width = widthOf(columns);
  const padded = rows.map((row) => row.flatMap((gate) => [...gate, ...zeros(width - columns)]));
  return arena.matrix(padded, gates * width, {});
}

const drawGates = (
  random: Random,
  rows: number,
  gates: number,
  columns: number,
  draw: () => number = () => small(random),
): number[][][] => Array.from({ length: rows }, () => random.rows(gates, columns, draw));

/** What a gate's padding holds after a step: σ or tanh of 0. */
const flatGates = (rows: number[][][], columns: number, padding: readonly number[] = []): Rows => {
  const width = widthOf(columns) - columns;
  return rows.map((row) =>
    row.flatMap((gate, index) => [...gate, ...new Array<number>(width).fill(padding[index] ?? 0)]),
  );
};

/** Whᵀ as the forward pass takes it, [columns, gates · width], and Wh for the backward pass, [gates · width, columns]. */
function recurrentWeights(
  arena: Arena,
  weights: number[][][],
  gates: number,
  columns: number,
  lay: Lay,
): { forward: Matrix; backward: Matrix } {
  const width = widthOf(columns);
  const flat = flatGates(weights, columns);
  const back = reference.transpose(flat, gates * width);
  return {
    forward: lay.place(arena, flat, gates * width),
    backward: lay.place(arena, back, columns),
  };
}

/** h · Whᵀ of one gate, for one example. */
const product = (h: number[], weights: number[][][], gate: number, columns: number): number[] =>
  reference.matmul(
    [h],
    weights.map((row) => row[gate]),
    zeros(columns),
  )[0];

/** Wh · δ of one gate, for one example. */
const productBack = (delta: number[], weights: number[][][], gate: number): number[] =>
  weights.map((row) => row[gate].reduce((sum, value, j) => sum + value * delta[j], 0));

const plus = (...vectors: number[][]): number[] =>
  vectors[0].map((_, j) => vectors.reduce((sum, vector) => sum + vector[j], 0));

const map = (columns: number, f: (j: number) => number): number[] =>
  Array.from({ length: columns }, (_, j) => f(j));

/** Errors of a handful of rounded functions and of sums over the units. */
const gateUnits = (columns: number): number => 24 * columns;

const lstmForward = (lay: Lay): KernelCase => ({
  name: `lstm${lay.title}`,
  opcode: abi.OP_LSTM,
  prepare(arena, { rows, columns }, random) {
    const z = drawGates(random, STEPS * rows, 4, columns);
    const weights = drawGates(random, columns, 4, columns);
    const h = random.rows((STEPS + 1) * rows, columns, () => small(random));
    const cells = drawGates(random, (STEPS + 1) * rows, 2, columns);
    const [lengths, d] = drawLengths(arena, random, rows);
    const out = gateMatrix(arena, z, 4, columns);
    const b = recurrentWeights(arena, weights, 4, columns, lay).forward;
    const a = arena.matrix(h, columns, {});
    const c = gateMatrix(arena, cells, 2, columns);
    for (let row = 0; row < STEPS * rows; row++) {
      const [i, f, g, o] = [0, 1, 2, 3].map((gate) => {
        const total = plus(z[row][gate], product(h[row], weights, gate, columns));
        return total.map(gate === 2 ? Math.tanh : sigmoid);
      });
      z[row] = [i, f, g, o];
      const next = map(columns, (j) => f[j] * cells[row][0][j] + i[j] * g[j]);
      cells[row][1] = next.map(Math.tanh);
      const valid = Math.floor(row / rows) < lengths[row % rows];
      cells[row + rows][0] = valid ? next : cells[row][0];
      h[row + rows] = valid ? map(columns, (j) => o[j] * cells[row][1][j]) : h[row];
    }
    const units = gateUnits(columns);
    return {
      instruction: record(
        this.opcode,
        { rows, columns },
        { out, a, b, c },
        { d, inner: STEPS, index: lay.index },
      ),
      outputs: [
        {
          matrix: out,
          expected: flatGates(z, columns, [0.5, 0.5, 0, 0.5]),
          units,
          padding: 'zero',
        },
        { matrix: a, expected: h, units, padding: 'zero' },
        { matrix: c, expected: flatGates(cells, columns), units, padding: 'zero' },
      ],
    };
  },
});

const lstmBackward = (lay: Lay): KernelCase => ({
  name: `lstm gradient${lay.title}`,
  opcode: abi.OP_LSTM_GRADIENT,
  prepare(arena, { rows, columns }, random) {
    const gates = drawGates(random, STEPS * rows, 4, columns);
    const weights = drawGates(random, columns, 4, columns);
    const dh = random.rows(STEPS * rows, columns, () => small(random));
    const cells = drawGates(random, (STEPS + 1) * rows, 2, columns);
    const [lengths, d] = drawLengths(arena, random, rows);
    const out = gateMatrix(arena, gates, 4, columns);
    const b = recurrentWeights(arena, weights, 4, columns, lay).backward;
    const a = arena.matrix(dh, columns, {});
    const c = gateMatrix(arena, cells, 2, columns);
    for (let i = 0; i < rows; i++) cells[STEPS * rows + i][1] = zeros(columns);
    for (let row = STEPS * rows - 1; row >= 0; row--) {
      const t = Math.floor(row / rows);
      if (t < STEPS - 1) {
        for (const gate of [0, 1, 2, 3]) {
          dh[row] = plus(dh[row], productBack(gates[row + rows][gate], weights, gate));
        }
      }
      if (t >= lengths[row % rows]) {
        if (t > 0) dh[row - rows] = plus(dh[row - rows], dh[row]);
        dh[row] = zeros(columns);
        gates[row] = gates[row].map(() => zeros(columns));
        cells[row][1] = cells[row + rows][1];
        continue;
      }
      const [i, f, g, o] = gates[row];
      const [before, squashed] = cells[row];
      const dc = map(
        columns,
        (j) => cells[row + rows][1][j] + dh[row][j] * o[j] * (1 - squashed[j] ** 2),
      );
      cells[row][1] = map(columns, (j) => dc[j] * f[j]);
      gates[row] = [
        map(columns, (j) => dc[j] * g[j] * i[j] * (1 - i[j])),
        map(columns, (j) => dc[j] * before[j] * f[j] * (1 - f[j])),
        map(columns, (j) => dc[j] * i[j] * (1 - g[j] ** 2)),
        map(columns, (j) => dh[row][j] * squashed[j] * o[j] * (1 - o[j])),
      ];
    }
    const units = gateUnits(columns);
    return {
      instruction: record(
        this.opcode,
        { rows, columns },
        { out, a, b, c },
        { d, inner: STEPS, index: lay.index },
      ),
      outputs: [
        { matrix: out, expected: flatGates(gates, columns), units, padding: 'zero' },
        { matrix: a, expected: dh, units, padding: 'zero' },
        { matrix: c, expected: flatGates(cells, columns), units, padding: 'zero' },
      ],
    };
  },
});

const gruForward = (after: boolean, lay: Lay): KernelCase => ({
  name: `${after ? 'gru' : 'gru, reset before'}${lay.title}`,
  opcode: after ? abi.OP_GRU : abi.OP_GRU_BEFORE,
  prepare(arena, { rows, columns }, random) {
    const z = drawGates(random, STEPS * rows, 3, columns);
    const weights = drawGates(random, columns, 3, columns);
    const h = random.rows((STEPS + 1) * rows, columns, () => small(random));
    const second = drawGates(random, STEPS * rows, 3, columns);
    const [lengths, d] = drawLengths(arena, random, rows);
    const out = gateMatrix(arena, z, 3, columns);
    const b = recurrentWeights(arena, weights, 3, columns, lay).forward;
    const a = arena.matrix(h, columns, {});
    const c = gateMatrix(arena, second, 3, columns);
    for (let row = 0; row < STEPS * rows; row++) {
      const u = [0, 1, 2].map((gate) =>
        plus(after ? second[row][gate] : zeros(columns), product(h[row], weights, gate, columns)),
      );
      const [r, update] = [0, 1].map((gate) => plus(z[row][gate], u[gate]).map(sigmoid));
      const resetState = map(columns, (j) => r[j] * h[row][j]);
      const inner = after
        ? map(columns, (j) => r[j] * u[2][j])
        : product(resetState, weights, 2, columns);
      const n = plus(z[row][2], inner).map(Math.tanh);
      z[row] = [r, update, n];
      second[row] = after
        ? [u[0], map(columns, (j) => h[row][j] - n[j]), u[2]]
        : [resetState, h[row], second[row][2]];
      const valid = Math.floor(row / rows) < lengths[row % rows];
      const next = map(columns, (j) => (1 - update[j]) * n[j] + update[j] * h[row][j]);
      h[row + rows] = valid ? next : h[row];
    }
    const units = gateUnits(columns);
    return {
      instruction: record(
        this.opcode,
        { rows, columns },
        { out, a, b, c },
        { d, inner: STEPS, index: lay.index },
      ),
      outputs: [
        { matrix: out, expected: flatGates(z, columns, [0.5, 0.5, 0]), units, padding: 'zero' },
        { matrix: a, expected: h, units, padding: 'zero' },
        { matrix: c, expected: flatGates(second, columns), units, padding: 'zero' },
      ],
    };
  },
});

const gruBackward = (after: boolean, lay: Lay): KernelCase => ({
  name: `${after ? 'gru gradient' : 'gru gradient, reset before'}${lay.title}`,
  opcode: after ? abi.OP_GRU_GRADIENT : abi.OP_GRU_BEFORE_GRADIENT,
  prepare(arena, { rows, columns }, random) {
    const gates = drawGates(random, STEPS * rows, 3, columns);
    const weights = drawGates(random, columns, 3, columns);
    const dh = random.rows(STEPS * rows, columns, () => small(random));
    const second = drawGates(random, STEPS * rows, 3, columns);
    const [lengths, d] = drawLengths(arena, random, rows);
    const out = gateMatrix(arena, gates, 3, columns);
    const b = recurrentWeights(arena, weights, 3, columns, lay).backward;
    const a = arena.matrix(dh, columns, {});
    const c = gateMatrix(arena, second, 3, columns);
    const recurrent = after ? second : gates;
    for (let row = STEPS * rows - 1; row >= 0; row--) {
      const t = Math.floor(row / rows);
      const valid = t < lengths[row % rows];
      if (t < STEPS - 1) {
        for (const gate of after ? [0, 1, 2] : [0, 1]) {
          dh[row] = plus(dh[row], productBack(recurrent[row + rows][gate], weights, gate));
        }
      }
      const above = valid ? dh[row] : zeros(columns);
      if (!valid && t > 0) dh[row - rows] = plus(dh[row - rows], dh[row]);
      const [r, z, n] = gates[row];
      const [, kept, u] = second[row];
      const deltaN = map(columns, (j) => above[j] * (1 - z[j]) * (1 - n[j] ** 2));
      const difference = after ? kept : map(columns, (j) => kept[j] - n[j]);
      const deltaZ = map(columns, (j) => above[j] * difference[j] * z[j] * (1 - z[j]));
      const q = after ? map(columns, (j) => deltaN[j] * u[j]) : productBack(deltaN, weights, 2);
      const deltaR = map(columns, (j) => q[j] * (after ? 1 : kept[j]) * r[j] * (1 - r[j]));
      dh[row] = map(columns, (j) => above[j] * z[j] + (after ? 0 : q[j] * r[j]));
      gates[row] = [deltaR, deltaZ, deltaN];
      if (after) second[row] = [deltaR, deltaZ, map(columns, (j) => deltaN[j] * r[j])];
      else second[row] = [second[row][0], kept, q];
      if (t > 0) dh[row - rows] = plus(dh[row - rows], dh[row]);
    }
    const units = gateUnits(columns);
    return {
      instruction: record(
        this.opcode,
        { rows, columns },
        { out, a, b, c },
        { d, inner: STEPS, index: lay.index },
      ),
      outputs: [
        { matrix: out, expected: flatGates(gates, columns), units, padding: 'zero' },
        { matrix: a, expected: dh, units, padding: 'zero' },
        { matrix: c, expected: flatGates(second, columns), units, padding: 'zero' },
      ],
    };
  },
});

/** Recurrent layers forwards and backwards. */
export const recurrentCases: KernelCase[] = [
  ...[inRows, panels].flatMap((lay) => [
    ...rnnKinds.map((kind) => rnnForward(lay, kind)),
    ...rnnKinds.map((kind) => rnnBackward(lay, kind)),
    lstmForward(lay),
    lstmBackward(lay),
    gruForward(true, lay),
    gruBackward(true, lay),
  ]),
  gruForward(false, inRows),
  gruBackward(false, inRows),
];
