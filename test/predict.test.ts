import { describe, expect, it } from 'vitest';
import { dense, dropout, embedding, gru, Network, NetworkError, sgd } from '../src/index.ts';
import { Predictor } from '../src/predict/index.ts';
import { CORES } from './reference/library.ts';

// What only predicts gives the outputs of the network that was saved, to the last bit.

const x = [[0.5, -1], [2, 3], [-4, 0.25]]; // prettier-ignore

describe.each(CORES)('a predictor of a network on core %s', (core) => {
  it.each([
    [
      'of dense layers with dropout',
      new Network({
        input: 2,
        layers: [dense(5, 'relu'), dropout(0.5), dense(3, 'softmax')],
        loss: 'crossEntropy',
        classes: ['a', 'b', 'c'],
      }),
      x,
    ],
    ['that has learnt to normalise', normalising(), x],
    [
      'of sequences of tokens',
      new Network({
        input: { vocabulary: 5 },
        layers: [embedding(5, 3), gru(4), dense(2)],
        loss: 'meanSquaredError',
      }),
      [[0, 4, 2], [1, 3]], // prettier-ignore
    ],
  ])('%s predicts as the network does', (_, network, inputs) => {
    const file = network.save();
    const predictor = Predictor.load(file);
    const expected = Network.load(file, { core }).predict(inputs);
    expect(predictor.core).toBe('simd');
    expect(predictor.spec).toEqual(network.spec);
    expect(predictor.predict(inputs)).toEqual(expected);
    expect(predictor.predict(inputs)).toEqual(expected);
  });
});

function normalising(): Network {
  const network = new Network({
    input: 2,
    normalize: 'standard',
    layers: [dense(1)],
    loss: 'meanSquaredError',
  });
  network.fitSync({ x, y: [[1], [2], [3]] }, { epochs: 2, optimizer: sgd({ learningRate: 0.1 }) });
  return network;
}

describe('a predictor', () => {
  const bytes = normalising().save();

  it('refuses what Network.load refuses', () => {
    const damaged = bytes.slice();
    damaged[damaged.length - 1]! ^= 1;
    expect(() => Predictor.load(damaged)).toThrow(expect.objectContaining({ code: 'BAD_FILE' }));
    expect(() => Predictor.load('file' as never)).toThrow(TypeError);
    expect(() => Predictor.load(bytes, { cor: 'js' } as never)).toThrow("Did you mean 'core'?");
    expect(() => Predictor.load(bytes, { core: 'fast' as never })).toThrow(RangeError);
    expect(() => Predictor.load(bytes, { core: 'js' as never })).toThrow(
      /^core: 'js': not part of this entry .* Import Network from 'chainrule'\.$/,
    );
  });

  it('checks its input', () => {
    const predictor = Predictor.load(bytes);
    expect(() => predictor.predict([[1, 2, 3]])).toThrow(RangeError);
    expect(() => predictor.predict([[1, Number.NaN]])).toThrow(RangeError);
    expect(predictor.predict(x)).toHaveLength(3);
  });

  it('gives its memory back', () => {
    using predictor = Predictor.load(bytes);
    predictor.dispose();
    expect(() => predictor.predict(x)).toThrow(NetworkError);
  });
});
