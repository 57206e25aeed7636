import * as abi from '../../../src/core/abi.ts';
import type { Arena, Matrix } from '../arena.ts';
import * as reference from '../reference-kernels.ts';
import type { Rows } from '../reference-kernels.ts';
import { type KernelCase, type Random, record, type Shape } from './case.ts';
import { drawLengths, STEPS } from './steps.ts';

// Recurrent layers: out and operands lie as the layers in src/nn/layers lay them out, every padding zero.

/** Numbers of at most 1/2, so that sums stay near one and rounding errors small. */
const small = (random: Random): number => random.value() / 8;

/** The rows of step t. */
const at = (steps: Rows, t: number, rows: number): Rows => steps.slice(t * rows, (t + 1) * rows);

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

const rnnForward = ([name, kind]: [string, number]): KernelCase => ({
  name: `rnn ${name}`,
  opcode: abi.OP_RNN,
  kind,
  prepare(arena, shape: Shape, random) {
    const { rows, columns } = shape;
    const values = random.rows((STEPS + 1) * rows, columns, () => small(random));
    const weights = random.rows(columns, columns, () => small(random));
    const [lengths, d] = drawLengths(arena, random, rows);
    const [all, out] = stateMatrix(arena, values, columns);
    const b = arena.matrix(weights, columns, { extra: 1 });
    const states = [at(values, 0, rows)];
    for (let t = 0; t < STEPS; t++) {
      const products = reference.matmul(states[t], weights, zeros(columns));
      const h = reference.activate(name, add(at(values, t + 1, rows), products));
      states.push(h.map((row, i) => (t < lengths[i] ? row : states[t][i])));
    }
    return {
      instruction: record(this.opcode, shape, { out, a: all, b }, { d, kind, inner: STEPS }),
      outputs: [{ matrix: all, expected: states.flat(), units: 16 * columns, padding: 'zero' }],
    };
  },
});

const rnnBackward = ([name, kind]: [string, number]): KernelCase => ({
  name: `rnn gradient ${name}`,
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
    const b = arena.matrix(weights, columns, { extra: 1 });
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
      instruction: record(this.opcode, shape, { out, a, b }, { d, kind, inner: STEPS }),
      outputs: [{ matrix: out, expected: deltas.flat(), units: 16 * columns, padding: 'zero' }],
    };
  },
});

/** Recurrent layers forwards and backwards. */
export const recurrentCases: KernelCase[] = [
  ...rnnKinds.map(rnnForward),
  ...rnnKinds.map(rnnBackward),
];
