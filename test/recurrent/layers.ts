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
