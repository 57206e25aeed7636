import { sigmoid } from './activations.ts';
import { affine } from './dense.ts';

/** The parameters of a recurrent layer; the rows of its gates follow each other. */
export interface CellParameters {
  readonly Wx: Float64Array;
  readonly Wh: Float64Array;
  readonly b: Float64Array;
  readonly bh: Float64Array | undefined;
}

/** The state of a layer: h, and c of an LSTM. */
export interface CellState {
  readonly h: readonly number[];
  readonly c: readonly number[];
}

/** One step: the state after it from the input and the state before it. */
export type Cell = (p: CellParameters, x: readonly number[], state: CellState) => CellState;

const add = (u: readonly number[], v: readonly number[]): number[] => u.map((ui, i) => ui + v[i]!);
const times = (u: readonly number[], v: readonly number[]): number[] =>
  u.map((ui, i) => ui * v[i]!);

/** The pre-activations of one gate among those of all. */
const gate = (z: readonly number[], index: number, units: number): number[] =>
  z.slice(index * units, (index + 1) * units);

/** The rows of one gate of a weight matrix. */
const rowsOf = (W: Float64Array, index: number, units: number): Float64Array =>
  W.subarray(index * units * units, (index + 1) * units * units);

/** h = f(Wx x + Wh h + b). */
export const rnnCell =
  (f: (z: number) => number): Cell =>
  ({ Wx, Wh, b }, x, { h, c }) => ({ h: add(affine(x, Wx, b), affine(h, Wh)).map(f), c });

/** [i f g o] = σ, σ, tanh, σ of (Wx x + Wh h + b); c = f c + i g; h = o tanh c. */
export const lstmCell: Cell = ({ Wx, Wh, b }, x, { h, c }) => {
  const z = add(affine(x, Wx, b), affine(h, Wh));
  const [i, f, g, o] = [sigmoid, sigmoid, Math.tanh, sigmoid].map((squash, index) =>
    gate(z, index, h.length).map(squash),
  ) as [number[], number[], number[], number[]];
  const next = add(times(f, c), times(i, g));
  return { h: times(o, next.map(Math.tanh)), c: next };
};

/** [r z] = σ(Wx x + b + Wh h + bh); n = tanh(Wx x + b + r (Wh h + bh)); h = (1 − z) n + z h. */
export const gruAfterCell: Cell = ({ Wx, Wh, b, bh }, x, { h, c }) => {
  const units = h.length;
  const [below, before] = [affine(x, Wx, b), affine(h, Wh, bh)];
  const [r, z] = [0, 1].map((index) => gate(add(below, before), index, units).map(sigmoid)) as [
    number[],
    number[],
  ];
  const n = add(gate(below, 2, units), times(r, gate(before, 2, units))).map(Math.tanh);
  return { h: blend(z, n, h), c };
};

/** The same with the reset before the product: n = tanh(Wx x + b + Wh (r h)). */
export const gruBeforeCell: Cell = ({ Wx, Wh, b }, x, { h, c }) => {
  const units = h.length;
  const below = affine(x, Wx, b);
  const [r, z] = [0, 1].map((index) =>
    add(gate(below, index, units), affine(h, rowsOf(Wh, index, units))).map(sigmoid),
  ) as [number[], number[]];
  const n = add(gate(below, 2, units), affine(times(r, h), rowsOf(Wh, 2, units))).map(Math.tanh);
  return { h: blend(z, n, h), c };
};

/** (1 − z) n + z h. */
function blend(z: readonly number[], n: readonly number[], h: readonly number[]): number[] {
  return z.map((zj, j) => (1 - zj) * n[j]! + zj * h[j]!);
}

/** The states after every step. */
export function runCell(
  cell: Cell,
  parameters: CellParameters,
  steps: readonly (readonly number[])[],
  initial: CellState,
): number[][] {
  let state = initial;
  return steps.map((x) => {
    state = cell(parameters, x, state);
    return [...state.h];
  });
}
