import type { LayerSpec } from '../../src/index.ts';
import { rnn } from '../../src/index.ts';

/** Every recurrent layer, by name. */
export const RECURRENT_LAYERS: Record<
  string,
  (units: number, returns: 'all' | 'last') => LayerSpec
> = {
  'rnn tanh': (units, returns) => rnn(units, { returns }),
  'rnn relu': (units, returns) => rnn(units, { activation: 'relu', returns }),
};
