import type { LayerSpec } from '../../src/index.ts';
import { gru, lstm, rnn } from '../../src/index.ts';

/** Every recurrent layer, by name. */
export const RECURRENT_LAYERS: Record<
  string,
  (units: number, returns: 'all' | 'last') => LayerSpec
> = {
  'rnn tanh': (units, returns) => rnn(units, { returns }),
  lstm: (units, returns) => lstm(units, { returns }),
  'gru after': (units, returns) => gru(units, { returns }),
  'gru before': (units, returns) => gru(units, { reset: 'before', returns }),
  'rnn relu': (units, returns) => rnn(units, { activation: 'relu', returns }),
};

const initialState = 'learned';

/** Numbers that are not zero. */
const start = (units: number, phase: number): number[] =>
  Array.from({ length: units }, (_, unit) => Math.sin(unit + phase));

/** Those that learn where they start, from where it is not zero. */
export const LEARNING_LAYERS: typeof RECURRENT_LAYERS = {
  'rnn with h0': (units, returns) =>
    rnn(units, { returns, initialState, init: { h0: start(units, 1) } }),
  'lstm with h0 and c0': (units, returns) =>
    lstm(units, { returns, initialState, init: { h0: start(units, 2), c0: start(units, 3) } }),
  'gru after with h0': (units, returns) =>
    gru(units, { returns, initialState, init: { h0: start(units, 4) } }),
  'gru before with h0': (units, returns) =>
    gru(units, { reset: 'before', returns, initialState, init: { h0: start(units, 5) } }),
};
