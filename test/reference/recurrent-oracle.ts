import type { LayerSpec, NetworkSpec } from '../../src/index.ts';
import { Network, dense, gru, lstm, rnn } from '../../src/index.ts';
import type { Matrix } from './network.ts';
import { lossName, oracleIndex, readOracle } from './oracle.ts';

/**
 * Reads the recurrent files of the oracle and translates them into networks of the library.
 */

/** Parameters as the files write them. */
export interface RecurrentParameters {
  Wx: Matrix[];
  Wh: Matrix[];
  b: Matrix;
  bh?: Matrix;
  Wo: Matrix;
  bo: number[];
}

/** One recurrent case. */
export interface RecurrentCase {
  id: string;
  title: string;
  architecture: {
    cell: 'tanh' | 'relu' | 'lstm' | 'gru_reset_after' | 'gru_reset_before';
    n_in: number;
    hidden: number[];
    n_out: number;
    readout: string;
    cost: { name: string; batch: string };
  };
  params: RecurrentParameters;
  data: {
    x: Matrix[];
    y: number[] | number[][] | number[][][];
    lengths?: number[];
    h0?: Matrix[];
    c0?: Matrix[];
  };
  forward: { h: Matrix[][]; c?: Matrix[][]; zo: Matrix | Matrix[]; ao: Matrix | Matrix[] };
  cost: number;
  backward: Record<string, unknown> & { dWx: Matrix[]; dWh: Matrix[]; db: Matrix; dbh?: Matrix };
  clipping?: { max_norm: number };
  optimisers: Record<
    string,
    {
      hyper: Record<string, number>;
      costs: number[];
      after1: RecurrentParameters;
      after5: RecurrentParameters;
    }
  >;
}

/** Every recurrent case of the oracle. */
export const recurrentCases: RecurrentCase[] = oracleIndex
  .filter(({ family }) => family === 'rnn')
  .map(({ file }) => readOracle<RecurrentCase>(file));

/** Whether a case has a cost per step. */
export const isPerStep = ({ architecture }: RecurrentCase): boolean =>
  architecture.readout.includes('every valid step');

function recurrentLayer(
  cell: RecurrentCase['architecture']['cell'],
  units: number,
  returns: 'all' | 'last',
): LayerSpec {
  switch (cell) {
    case 'tanh':
    case 'relu':
      return rnn(units, { activation: cell, returns });
    case 'lstm':
      return lstm(units, { returns });
    case 'gru_reset_after':
      return gru(units, { reset: 'after', returns });
    case 'gru_reset_before':
      return gru(units, { reset: 'before', returns });
  }
}

/** The spec of a case's network; without its dense layer, and returning every state, for looking at those. */
export function recurrentSpec(c: RecurrentCase, statesOnly = false): NetworkSpec {
  const { cell, n_in, hidden, n_out, cost } = c.architecture;
  const perStep = isPerStep(c);
  const layers = hidden.map((units, l) =>
    recurrentLayer(cell, units, l < hidden.length - 1 || perStep || statesOnly ? 'all' : 'last'),
  );
  const name = lossName(cost.name);
  const readout = dense(n_out, name === 'crossEntropy' ? 'softmax' : 'linear');
  const sum = perStep && cost.batch.startsWith('sum');
  return {
    input: { features: n_in },
    layers: statesOnly ? layers : [...layers, readout],
    loss: statesOnly ? 'meanSquaredError' : { name, ...(sum && { steps: 'sum' }) },
    seed: 1,
  } as NetworkSpec;
}

/** Values by the library's parameter names; keys may be those of parameters or of derivatives. */
export function recurrentNames(
  values: RecurrentParameters | Record<string, unknown>,
  prefix = '',
): Record<string, number[]> {
  const of = <T>(name: string): T | undefined =>
    (values as Record<string, unknown>)[prefix + name] as T | undefined;
  const named: Record<string, number[]> = {};
  const Wx = of<Matrix[]>('Wx')!;
  Wx.forEach((matrix, l) => {
    named[`layers.${l}.Wx`] = matrix.flat();
    named[`layers.${l}.Wh`] = of<Matrix[]>('Wh')![l]!.flat();
    named[`layers.${l}.b`] = of<Matrix>('b')![l]!;
    const bh = of<Matrix>('bh');
    if (bh) named[`layers.${l}.bh`] = bh[l]!;
  });
  named[`layers.${Wx.length}.W`] = of<Matrix>('Wo')!.flat();
  named[`layers.${Wx.length}.b`] = of<number[]>('bo')!;
  return named;
}

/** A network of the library with the parameters of a case. */
export function recurrentNetwork(
  c: RecurrentCase,
  core: 'js' | 'simd',
  statesOnly = false,
): Network {
  const network = new Network(recurrentSpec(c, statesOnly), { core });
  const values = recurrentNames(c.params);
  for (const parameter of network.parameters) parameter.set(values[parameter.name]!);
  return network;
}

/** Lengths and initial states of a case as the library takes them. */
export function recurrentInputs({ data, architecture }: RecurrentCase): {
  x: Matrix[];
  lengths?: number[];
  initialState?: Record<string, { h: Matrix; c?: Matrix }>;
} {
  const states = data.h0?.map((h, l) => [
    `layers.${l}`,
    { h, ...(architecture.cell === 'lstm' && { c: data.c0![l]! }) },
  ]);
  return {
    x: data.x,
    ...(data.lengths && { lengths: data.lengths }),
    ...(states && { initialState: Object.fromEntries(states) }),
  };
}
