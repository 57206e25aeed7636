/**
 * The naive twin of every kernel, in double precision, on plain arrays of rows: the specification the cores are tested against.
 */
import { activations, losses, sigmoid, softmax } from '../reference/functions.ts';

/** A matrix as an array of rows. */
export type Rows = number[][];

const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);

/** rows of a, in the order of order[cursor …]. */
export function gatherRows(a: Rows, order: number[], cursor: number, rows: number): Rows {
  return order.slice(cursor, cursor + rows).map((row) => [...a[row]]);
}

/** (a − shift) ⊙ factor, row by row. */
export function normalize(a: Rows, shift: number[], factor: number[]): Rows {
  return a.map((row) => row.map((value, j) => (value - shift[j]) * factor[j]));
}

/** One-hot rows of the labels, in the order of order[cursor …]. */
export function gatherLabels(
  labels: number[],
  order: number[],
  cursor: number,
  rows: number,
  columns: number,
): Rows {
  const picked = order.slice(cursor, cursor + rows).map((row) => labels[row]);
  return picked.map((label) => Array.from({ length: columns }, (_, j) => (j === label ? 1 : 0)));
}

/** start + a b. */
export function matmul(a: Rows, b: Rows, start: number[]): Rows {
  return a.map((row) => start.map((s, j) => s + sum(row.map((value, k) => value * b[k][j]))));
}

/** aᵀ for a matrix with `columns` columns. */
export function transpose(a: Rows, columns: number): Rows {
  return Array.from({ length: columns }, (_, j) => a.map((row) => row[j]));
}

/** Σ over rows. */
export function columnSums(a: Rows, columns: number): number[] {
  return transpose(a, columns).map(sum);
}

/** f(a) elementwise. */
export function activate(name: string, a: Rows): Rows {
  return a.map((row) => row.map((z) => activations[name].f(z)));
}

/** Derivatives that are computed from the output of the activation; the others from its pre-activation. */
const slopesOfOutput: Record<string, (a: number) => number> = {
  sigmoid: (a) => a * (1 - a),
  tanh: (a) => 1 - a * a,
  relu: (a) => (a > 0 ? 1 : 0),
  leakyRelu: (a) => (a > 0 ? 1 : 0.01),
  elu: (a) => (a > 0 ? 1 : a + 1),
};

/** Whether the derivative of an activation is computed from its output. */
export const usesOutput = (name: string): boolean => name in slopesOfOutput;

/** g ⊙ f′(x), x the output or the pre-activation. */
export function activateGradient(name: string, g: Rows, x: Rows): Rows {
  const slope = slopesOfOutput[name] ?? activations[name].df;
  return g.map((row, i) => row.map((value, j) => value * slope(x[i][j])));
}

/** softmax of each row. */
export function softmaxRows(a: Rows): Rows {
  return a.map((row) => softmax(row));
}

/** sⱼ (gⱼ − Σ gᵢ sᵢ) for each row. */
export function softmaxGradient(g: Rows, s: Rows): Rows {
  return g.map((row, i) => {
    const mean = sum(row.map((value, j) => value * s[i][j]));
    return row.map((value, j) => s[i][j] * (value - mean));
  });
}

/** Costs and deltas. */
export interface Costs {
  costs: number[];
  deltas: Rows;
}

/** c = scale2 Σ f(e), δ = scale f′(e), for the kernel without the factor 2 in the derivative of e². */
export function loss(name: string, a: Rows, y: Rows, scale: number, scale2: number): Costs {
  const { cost, derivative } = losses[name];
  const factor = scale * (name === 'squaredError' ? 1 / 2 : 1);
  return {
    costs: a.map((row, i) => scale2 * sum(row.map((value, j) => cost(value, y[i][j])))),
    deltas: a.map((row, i) => row.map((value, j) => factor * derivative(value, y[i][j]))),
  };
}

/** c = Σ y (ln Σ eᶻ − z), δ = scale (softmax(z) Σy − y). */
export function softmaxCrossEntropy(z: Rows, y: Rows, scale: number): Costs {
  const logSum = (row: number[]): number => {
    const largest = Math.max(...row);
    return largest + Math.log(sum(row.map((value) => Math.exp(value - largest))));
  };
  return {
    costs: z.map((row, i) => sum(row.map((value, j) => y[i][j] * (logSum(row) - value)))),
    deltas: z.map((row, i) => softmax(row).map((s, j) => scale * (s * sum(y[i]) - y[i][j]))),
  };
}

/** c = Σ max(z, 0) − z y + ln(1 + e^−|z|), δ = scale (σ(z) − y). */
export function sigmoidCrossEntropy(z: Rows, y: Rows, scale: number): Costs {
  const cost = (x: number, target: number): number =>
    Math.max(x, 0) - x * target + Math.log1p(Math.exp(-Math.abs(x)));
  return {
    costs: z.map((row, i) => sum(row.map((x, j) => cost(x, y[i][j])))),
    deltas: z.map((row, i) => row.map((x, j) => scale * (sigmoid(x) - y[i][j]))),
  };
}

/** Rows whose first maxima are in the same column, or that are on the same side of the thresholds. */
export function countCorrect(a: Rows, b: Rows, threshold: number): number {
  const argmax = (row: number[]): number => row.indexOf(Math.max(...row));
  const agrees = a.map((row, i) =>
    row.length === 1 ? row[0] >= threshold === b[i][0] >= 0.5 : argmax(row) === argmax(b[i]),
  );
  return agrees.filter(Boolean).length;
}

/** Hyper-parameters of the updates. */
export interface Hyper {
  learningRate: number;
  momentum: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  rho: number;
  weightDecay: number;
}

/** Parameters and moments after one update. */
export interface Updated {
  p: number[];
  b: number[];
  c: number[];
}

/** One update at step t of parameters p with gradients g, first moments b and second moments c. */
export const updates: Record<
  string,
  (p: number[], g: number[], b: number[], c: number[], hyper: Hyper, t: number) => Updated
> = {
  sgd: (p, g, b, c, { learningRate }) => ({
    p: p.map((value, i) => value - learningRate * g[i]),
    b,
    c,
  }),
  momentum: (p, g, b, c, { learningRate, momentum }) => {
    const v = b.map((value, i) => momentum * value + g[i]);
    return { p: p.map((value, i) => value - learningRate * v[i]), b: v, c };
  },
  nesterov: (p, g, b, c, { learningRate, momentum }) => {
    const v = b.map((value, i) => momentum * value + g[i]);
    return {
      p: p.map((value, i) => value - learningRate * (g[i] + momentum * v[i])),
      b: v,
      c,
    };
  },
  rmsprop: (p, g, b, c, { learningRate, rho, epsilon }) => {
    const s = b.map((value, i) => rho * value + (1 - rho) * g[i] ** 2);
    return {
      p: p.map((value, i) => value - (learningRate * g[i]) / (Math.sqrt(s[i]) + epsilon)),
      b: s,
      c,
    };
  },
  adagrad: (p, g, b, c, { learningRate, epsilon }) => {
    const s = b.map((value, i) => value + g[i] ** 2);
    return {
      p: p.map((value, i) => value - (learningRate * g[i]) / (Math.sqrt(s[i]) + epsilon)),
      b: s,
      c,
    };
  },
  adamw: (p, g, b, c, hyper, t) => {
    const decayed = p.map((value) => value * (1 - hyper.learningRate * hyper.weightDecay));
    return updates['adam'](decayed, g, b, c, hyper, t);
  },
  adam: (p, g, b, c, { learningRate, beta1, beta2, epsilon }, t) => {
    const m = b.map((value, i) => beta1 * value + (1 - beta1) * g[i]);
    const v = c.map((value, i) => beta2 * value + (1 - beta2) * g[i] ** 2);
    const step = (i: number): number =>
      m[i] / (1 - beta1 ** t) / (Math.sqrt(v[i] / (1 - beta2 ** t)) + epsilon);
    return { p: p.map((value, i) => value - learningRate * step(i)), b: m, c: v };
  },
};
