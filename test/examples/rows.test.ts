import { describe, expect, it } from 'vitest';
import { runExample } from './run.ts';

describe('digits read row by row', () => {
  it.each([['lstm'], ['gru'], ['rnn']])('are recognised by a layer of kind %s', (layer) => {
    const { status, out, error } = runExample('rows', '--layer', layer);
    expect({ status, error }).toEqual({ status: 0, error: '' });
    const share = Number(/([\d.]+) % of 355 digits it had not seen/.exec(out)?.[1]);
    expect(share).toBeGreaterThanOrEqual(96);
  });

  it('need a layer that there is', () => {
    const { status, error } = runExample('rows', '--layer', 'transformer');
    expect({ status, error }).toEqual({
      status: 1,
      error: '--layer: expected rnn, lstm or gru, got transformer\n',
    });
  });
});
