import { readFileSync } from 'node:fs';
import type { Forward, Backward, Matrix, ReferenceNetwork } from './network.ts';
import { optimizers } from './optimizers.ts';
import type { Update } from './optimizers.ts';

/**
 * Reads the oracle files (test/fixtures/oracle) and translates their names into the library's.
 */

/** Weights and biases as the files write them. */
export interface OracleParameters {
  W: Matrix[];
  b?: number[][];
}

/** Five steps of one optimizer. */
export interface OracleSteps {
  hyper: Record<string, number>;
  /** C after 0 … 5 steps. */
  costs: number[];
  /** Missing in the digits case, to keep its file small. */
  after1?: OracleParameters;
  after5: OracleParameters;
}

/** One dense-network case. */
export interface OracleCase {
  id: string;
  title: string;
  architecture: {
    sizes: number[];
    activations: string[];
    bias: boolean;
    cost: { name: string; batch: string };
  };
  params: OracleParameters;
  data: { x: Matrix; y: Matrix } | { table: string; rows: [number, number] };
  /** Keys may be missing in the large cases. */
  forward: Partial<Forward> & { a: Matrix[]; example_cost?: number[] };
  cost: number;
  backward: Partial<Backward> & { dW: Matrix[] };
  cost_with_l2?: number;
  regularisation?: { l2: number };
  clipping?: { max_norm: number };
  clip?: { global_norm: number; clipped: { dW: Matrix[]; db: number[][] } };
  optimisers: Record<string, OracleSteps>;
}

/** numerics.json: functions at ordinary and extreme arguments. */
export interface OracleNumerics {
  z: number[];
  activations: Record<string, { f: number[]; df: number[] }>;
  softmax_cross_entropy: {
    z: number[];
    class: number;
    softmax: number[];
    cost: number;
    dz: number[];
  }[];
  binary_cross_entropy: { z: number; y: number; cost: number; dz: number }[];
}

/** optimisers.json: parameter traces for prescribed gradients. */
export interface OracleTraces {
  params0: number[];
  gradients: number[][];
  traces: Record<string, { rule: string; hyper: Record<string, number>; params: number[][] }>;
}

const folder = new URL('../fixtures/oracle/', import.meta.url);

/** The parsed contents of one file. */
export function readOracle<T>(file: string): T {
  return JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as T;
}

/** index.json: every file of the oracle. */
export const oracleIndex: { file: string; family: string; title: string }[] =
  readOracle('index.json');

const ACTIVATION_NAMES: Record<string, string> = {
  identity: 'linear',
  logistic: 'sigmoid',
  tanh: 'tanh',
  relu: 'relu',
  leaky_relu: 'leakyRelu',
  elu: 'elu',
  softplus: 'softplus',
  gelu: 'gelu',
  gelu_tanh: 'geluTanh',
  silu: 'silu',
  softmax: 'softmax',
};

const LOSS_NAMES: Record<string, string> = {
  half_sse: 'halfSquaredError',
  half_mse: 'halfMeanSquaredError',
  mse: 'meanSquaredError',
  mae: 'meanAbsoluteError',
  huber: 'huber',
  bce: 'binaryCrossEntropy',
  softmax_ce: 'crossEntropy',
};

const HYPER_NAMES: Record<string, string> = {
  lr: 'learningRate',
  mu: 'momentum',
  beta1: 'beta1',
  beta2: 'beta2',
  eps: 'epsilon',
  alpha: 'rho',
  weight_decay: 'weightDecay',
};

/** The library's name of an activation; throws for one that has none, so that nothing is skipped in silence. */
export const activationName = (name: string): string => translate(ACTIVATION_NAMES, name);

/** The library's name of a cost function. */
export const lossName = (name: string): string => translate(LOSS_NAMES, name);

/** The library's optimizer options. */
export function optimizerOptions(hyper: Record<string, number>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(hyper).map(([name, value]) => [translate(HYPER_NAMES, name), value]),
  );
}

function translate(names: Record<string, string>, name: string): string {
  const translated = names[name];
  if (translated === undefined) throw new Error(`oracle: no name for ${name}`);
  return translated;
}

/** The reference's optimizer of a rule. */
export function referenceOptimizer(rule: string, hyper: Record<string, number>): Update {
  const create = optimizers[rule as keyof typeof optimizers] as (options: object) => Update;
  return create(optimizerOptions(hyper));
}

/** The case as a reference network, with the given parameters of the case. */
export function referenceNetwork(
  { architecture }: OracleCase,
  parameters: OracleParameters,
): ReferenceNetwork {
  const layers = parameters.W.map((W, l) => ({
    W,
    b: architecture.bias ? parameters.b![l]! : null,
    activation: activationName(architecture.activations[l]!),
  }));
  return { layers, loss: lossName(architecture.cost.name) };
}

/** Inputs and targets of a case; the digits case refers to rows of the table in examples/digits. */
export function oracleData({ data }: OracleCase): { x: Matrix; y: Matrix } {
  if (!('rows' in data)) return data;
  const table = new URL(`../../examples/digits/${data.table}`, import.meta.url);
  const rows = readFileSync(table, 'utf8')
    .trim()
    .split('\n')
    .slice(1 + data.rows[0], 2 + data.rows[1])
    .map((line) => line.split(',').map(Number));
  return {
    x: rows.map((row) => row.slice(0, -1).map((pixel) => pixel / 16)),
    y: rows.map((row) => Array.from({ length: 10 }, (_, digit) => Number(digit === row.at(-1)))),
  };
}
