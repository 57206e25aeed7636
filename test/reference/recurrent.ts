import { activations, losses, sigmoid, softmax } from './functions.ts';
import type { Matrix } from './network.ts';

/**
 * Recurrent networks in double precision over plain arrays, one step of one example at a time: the equations and nothing else.
 * This is the specification the library is tested against; it is itself tested against the oracle files. Derivatives are central
 * differences of the cost.
 */

/** The parameters of one recurrent layer; the rows of its gates follow each other. */
export interface CellParameters {
  Wx: Matrix;
  Wh: Matrix;
  b: number[];
  bh?: number[];
}

/** The state of a layer; c only for an LSTM. */
export interface State {
  h: number[];
  c: number[];
}

const dot = (u: number[], v: number[]): number => u.reduce((sum, ui, i) => sum + ui * v[i]!, 0);
const times = (W: Matrix, v: number[]): number[] => W.map((row) => dot(row, v));
const add = (...vs: number[][]): number[] =>
  vs[0]!.map((_, i) => vs.reduce((s, v) => s + v[i]!, 0));
const gate = <T>(rows: T[], index: number, units: number): T[] =>
  rows.slice(index * units, (index + 1) * units);

/** Every kind of cell: the next state from the input of a step and the state before. */
export const cells: Record<string, (p: CellParameters, x: number[], state: State) => State> = {
  'rnn tanh': ({ Wx, Wh, b }, x, { h, c }) => {
    return { h: add(times(Wx, x), times(Wh, h), b).map(Math.tanh), c };
  },

  'rnn relu': ({ Wx, Wh, b }, x, { h, c }) => {
    return { h: add(times(Wx, x), times(Wh, h), b).map((z) => Math.max(z, 0)), c };
  },

  lstm: ({ Wx, Wh, b }, x, { h, c }) => {
    const z = add(times(Wx, x), times(Wh, h), b);
    const [i, f, g, o] = [0, 1, 2, 3].map((index) =>
      gate(z, index, h.length).map(index === 2 ? Math.tanh : sigmoid),
    ) as [number[], number[], number[], number[]];
    const next = c.map((cj, j) => f[j]! * cj + i[j]! * g[j]!);
    return { h: next.map((cj, j) => o[j]! * Math.tanh(cj)), c: next };
  },

  'gru after': ({ Wx, Wh, b, bh }, x, { h, c }) => {
    const [zx, zh] = [add(times(Wx, x), b), add(times(Wh, h), bh!)];
    const both = add(zx, zh);
    const [r, z] = [0, 1].map((index) => gate(both, index, h.length).map(sigmoid));
    const [nx, nh] = [gate(zx, 2, h.length), gate(zh, 2, h.length)];
    const n = nx.map((value, j) => Math.tanh(value + r![j]! * nh[j]!));
    return { h: h.map((hj, j) => (1 - z![j]!) * n[j]! + z![j]! * hj), c };
  },

  'gru before': ({ Wx, Wh, b }, x, { h, c }) => {
    const zx = add(times(Wx, x), b);
    const [r, z] = [0, 1].map((index) =>
      add(gate(zx, index, h.length), times(gate(Wh, index, h.length), h)).map(sigmoid),
    );
    const reset = h.map((hj, j) => r![j]! * hj);
    const n = add(gate(zx, 2, h.length), times(gate(Wh, 2, h.length), reset)).map(Math.tanh);
    return { h: h.map((hj, j) => (1 - z![j]!) * n[j]! + z![j]! * hj), c };
  },
};

/** Recurrent layers, all of one kind, and a dense layer on top. */
export interface RecurrentNetwork {
  cell: string;
  layers: CellParameters[];
  W: Matrix;
  b: number[];
  activation: string;
  loss: string;
  /** An output and a cost per step; their mean over all valid steps or the sum over those of an example. */
  perStep: boolean;
  steps?: 'mean' | 'sum';
}

/** Sequences of any lengths with their targets, of which there is one per step or one. */
export interface Sequences {
  x: Matrix[];
  y: Matrix[];
  h0?: Matrix[] | undefined;
  c0?: Matrix[] | undefined;
}

/** Outputs and states, [example][step]. */
export interface RecurrentForward {
  /** States of the top layer. */
  h: Matrix[];
  /** Of every step, or of the last alone. */
  a: Matrix[];
  cost: number;
}

/** The forward pass. */
export function forward(network: RecurrentNetwork, { x, y, h0, c0 }: Sequences): RecurrentForward {
  const cell = cells[network.cell]!;
  const h = x.map((sequence, example) => {
    let rows = sequence;
    network.layers.forEach((parameters, l) => {
      const zeros = parameters.Wh[0]!.map(() => 0);
      let state: State = { h: h0?.[l]?.[example] ?? zeros, c: c0?.[l]?.[example] ?? zeros };
      rows = rows.map((row) => (state = cell(parameters, row, state)).h);
    });
    return rows;
  });
  const read = network.perStep ? h : h.map((rows) => [rows.at(-1)!]);
  const a = read.map((rows) =>
    rows.map((row) => {
      const z = add(times(network.W, row), network.b);
      return network.activation === 'softmax'
        ? softmax(z)
        : z.map(activations[network.activation]!.f);
    }),
  );
  const costs = a.map((rows, example) =>
    rows.map((row, step) => costOf(network.loss, row, y[example]![step]!)),
  );
  const total = costs.flat().reduce((sum, cost) => sum + cost, 0);
  return { h, a, cost: total / (network.steps === 'sum' ? x.length : costs.flat().length) };
}

function costOf(loss: string, a: number[], y: number[]): number {
  const { cost, mean } = losses[loss]!;
  const sum = a.reduce((s, aj, j) => s + cost(aj, y[j]!), 0);
  return mean ? sum / a.length : sum;
}

/** All parameters by the library's names. */
export function namedParameters({ layers, W, b }: RecurrentNetwork): Record<string, number[]> {
  const named: Record<string, number[]> = {};
  layers.forEach(({ Wx, Wh, b, bh }, l) => {
    named[`layers.${l}.Wx`] = Wx.flat();
    named[`layers.${l}.Wh`] = Wh.flat();
    named[`layers.${l}.b`] = b;
    if (bh) named[`layers.${l}.bh`] = bh;
  });
  named[`layers.${layers.length}.W`] = W.flat();
  named[`layers.${layers.length}.b`] = b;
  return named;
}

/** Arrays that hold the parameters, in the order of {@link namedParameters}. */
const rowsOf = ({ layers, W, b }: RecurrentNetwork): number[][] => [
  ...layers.flatMap(({ Wx, Wh, b, bh }) => [...Wx, ...Wh, b, ...(bh ? [bh] : [])]),
  ...W,
  b,
];

/** dC/dp by central differences in the order of {@link namedParameters}, error of order h². */
export function centralDifferences(
  network: RecurrentNetwork,
  sequences: Sequences,
  h = 1e-5,
): number[] {
  const copy = structuredClone(network);
  return rowsOf(copy).flatMap((row) =>
    row.map((value, i) => {
      const costAt = (shift: number): number => {
        row[i] = value + shift;
        return forward(copy, sequences).cost;
      };
      const difference = (costAt(h) - costAt(-h)) / (2 * h);
      row[i] = value;
      return difference;
    }),
  );
}
