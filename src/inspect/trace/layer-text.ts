import type { TracedTensor } from './tensor.ts';
import type { LayerTrace, RecurrentTrace } from './trace.ts';

/** A line of a trace, and the numbers below it. */
export type Entry = readonly [formula: string, tensor: TracedTensor];

/** What a layer computes forwards, formula by formula. */
export function forwardEntries(layer: LayerTrace): Entry[] {
  const { input, z, a, activation, activationDerivative, recurrent, parameters } = layer;
  const below = input.name.endsWith('x') ? input.name : 'a_below';
  if (recurrent) return recurrentEntries(layer, recurrent, below);
  if (parameters['E']) return [['a = the row of E that the token names', a]];
  const entries: Entry[] = [[`z = ${below} Wᵀ${parameters['b'] ? ' + b' : ''}`, z]];
  if (activation === undefined || activation === 'linear') return entries;
  entries.push([`a = ${activation}(z)`, a]);
  if (activationDerivative) entries.push([`σ′(z), σ = ${activation}`, activationDerivative]);
  return entries;
}

const pre = 'z_t = Wx x_t + Wh h_{t−1} + b';

/** z and a of the gates side by side, then the states. */
function recurrentEntries(
  { z, a, activationDerivative }: LayerTrace,
  { kind, h, c }: RecurrentTrace,
  below: string,
): Entry[] {
  const slopes: Entry = ['σ′(z)', activationDerivative!];
  const input = pre.replace('x_t', below === 'x' ? 'x_t' : 'a_below,t');
  switch (kind) {
    case 'rnn':
      return [[input, z], ['h_t = σ(z_t)', a], slopes];
    case 'lstm':
      return [
        [`${input}: gates i, f, g, o side by side`, z],
        ['i, f, o = sigmoid(z), g = tanh(z)', a],
        slopes,
        ['c_t = f c_{t−1} + i g', c!],
        ['h_t = o tanh(c_t)', h],
      ];
    case 'gru':
      return [
        [`${input}, that of n with the reset r: gates r, z, n side by side`, z],
        ['r, z = sigmoid(z), n = tanh(z)', a],
        slopes,
        ['h_t = (1 − z) n + z h_{t−1}', h],
      ];
  }
}

/** What it computes backwards, down to δ. */
export function backwardEntries(layer: LayerTrace, isLast: boolean): Entry[] {
  const { dCda, delta, recurrent, activation, activationDerivative } = layer;
  const origin = isLast ? 'from the cost' : 'from above';
  if (recurrent) {
    const through =
      recurrent.kind === 'rnn'
        ? 'δ_t = (dC/dh_t + Whᵀ δ_{t+1}) ⊙ σ′(z_t)'
        : `δ of the gates ${recurrent.gates.join(', ')}, from dC/dh_t + Whᵀ δ_{t+1} through their slopes`;
    return [
      [`dC/dh of each step, ${origin}`, dCda],
      [`${through}   (BP2, through time)`, delta],
    ];
  }
  if (layer.parameters['E']) return [['dC/da = δ_above Wx_above   (BP2)', dCda]];
  const equation = isLast ? 'BP1' : 'BP2';
  const slope = activationDerivative
    ? 'δ = dC/da ⊙ σ′(z)'
    : `δ = dC/da through the derivative of ${activation}`;
  return [
    [isLast ? 'dC/da, from the cost' : `dC/da = δ_above W_above   (${equation}, first half)`, dCda],
    [`${slope}   (${equation})`, delta],
  ];
}

/** How the derivative of a parameter is made, by its letter. */
export const gradientFormulas: Readonly<Record<string, string>> = {
  E: ' = Σ dC/da of the steps with that token   (BP4)',
  W: ' = δᵀ a_below   (BP4)',
  Wx: ' = Σ δ_t x_tᵀ over steps and examples   (BP4)',
  Wh: ' = Σ δ_t h_{t−1}ᵀ over steps and examples   (BP4)',
  b: ' = Σ δ over examples   (BP3)',
  bh: ' = Σ δ of what Wh adds to   (BP3)',
  h0: ' = Σ dC/dh_0 over examples   (BP2, to before the first step)',
  c0: ' = Σ dC/dc_0 over examples   (BP2, to before the first step)',
};
