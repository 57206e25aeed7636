import { describe, expect, it } from 'vitest';
import { expectClose, largest } from '../reference/compare.ts';
import type { Matrix } from '../reference/network.ts';
import { lossName } from '../reference/oracle.ts';
import { isPerStep, recurrentCases, recurrentNames } from '../reference/recurrent-oracle.ts';
import type { RecurrentCase } from '../reference/recurrent-oracle.ts';
import { centralDifferences, forward } from '../reference/recurrent.ts';
import type { RecurrentNetwork, Sequences } from '../reference/recurrent.ts';

// The specification itself, held against the oracle at the float64 limits of the oracle's README.

const CELLS: Record<string, string> = {
  tanh: 'rnn tanh',
  relu: 'rnn relu',
  lstm: 'lstm',
  gru_reset_after: 'gru after',
  gru_reset_before: 'gru before',
};

function referenceOf(c: RecurrentCase): RecurrentNetwork {
  const { Wx, Wh, b, bh, Wo, bo } = c.params;
  const loss = lossName(c.architecture.cost.name);
  return {
    cell: CELLS[c.architecture.cell]!,
    layers: Wx.map((_, l) => ({ Wx: Wx[l]!, Wh: Wh[l]!, b: b[l]!, ...(bh && { bh: bh[l]! }) })),
    W: Wo,
    b: bo,
    activation: loss === 'crossEntropy' ? 'softmax' : 'linear',
    loss,
    perStep: isPerStep(c),
    steps: isPerStep(c) && c.architecture.cost.batch.startsWith('sum') ? 'sum' : 'mean',
  };
}

/** Sequences of the valid steps, with one-hot rows for labels. */
function sequencesOf(c: RecurrentCase): Sequences {
  const { x, y, lengths, h0, c0 } = c.data;
  const target = (value: number | number[]): number[] =>
    typeof value === 'number'
      ? Array.from({ length: c.architecture.n_out }, (_, j) => Number(j === value))
      : value;
  return {
    x: x.map((rows, i) => rows.slice(0, lengths?.[i])),
    y: y.map((of, i) =>
      isPerStep(c)
        ? (of as (number | number[])[]).slice(0, lengths?.[i]).map(target)
        : [target(of as number | number[])],
    ),
    h0,
    c0,
  };
}

describe('the recurrent reference against the oracle', () => {
  it.each(recurrentCases)('$id', (c) => {
    const network = referenceOf(c);
    const sequences = sequencesOf(c);
    const { h, a, cost } = forward(network, sequences);
    const valid = (rows: Matrix[]): number[] =>
      rows.flatMap((row, i) => row.slice(0, sequences.x[i]!.length)).flat();
    expectClose(h.flat(2), valid(c.forward.h.at(-1)!), 1e-12, 'h');
    const outputs = isPerStep(c)
      ? valid(c.forward.ao as Matrix[])
      : (c.forward.ao as Matrix).flat();
    expectClose(a.flat(2), outputs, 1e-12 * Math.max(1, largest(outputs)), 'a');
    expectClose([cost], [c.cost], 1e-12 * Math.max(1, c.cost), 'cost');
    const derivatives = Object.values(recurrentNames(c.backward, 'd')).flat();
    // h² f‴ is about 1e-10; rounding of C over h about 1e-10 for costs of size ten.
    expectClose(centralDifferences(network, sequences), derivatives, 1e-8, 'derivatives');
    expect(derivatives.length).toBeGreaterThan(20);
  });
});
