import { describe, expect, it } from 'vitest';
import { dense, Network, rnn } from '../../src/index.ts';

const make = (outputs: number): Network =>
  new Network({
    input: { features: 1 },
    layers: [rnn(2, { returns: 'all' }), dense(outputs, outputs === 1 ? 'linear' : 'softmax')],
    loss: outputs === 1 ? 'squaredError' : 'crossEntropy',
    seed: 1,
  });

const ragged = [[[1], [2]], [[1]]];
const padded = [
  [[1], [2], [0]],
  [[1], [0], [0]],
];
const lengths = [2, 1];

describe('targets per step', () => {
  it('are as many as the steps of a sequence without lengths', () => {
    using one = make(1);
    using three = make(3);
    const long = /^y\[1\]: expected 1 targets, one for each step of its sequence, got 2\. Make y/;
    expect(() =>
      one.trainBatch(ragged, [
        [[1], [2]],
        [[1], [200]],
      ]),
    ).toThrow(long);
    expect(() => one.trainBatch(ragged, [[1, 2], Float32Array.of(1, 200)] as never)).toThrow(long);
    expect(() =>
      three.trainBatch(ragged, [
        [0, 1],
        [2, 2],
      ] as never),
    ).toThrow(long);
    expect(() => one.trainBatch(ragged, [[[1]], [[1]]])).toThrow(
      /^y\[0\]: expected 2 targets, .* got 1\./,
    );
    expect(() => one.trainBatch(ragged, [[[1], [2]], [[1]]])).not.toThrow();
  });

  it('may be padded up to the steps of x where lengths are given', () => {
    using net = make(1);
    const train = (last: number[][]): unknown =>
      net.trainBatch({ x: padded, lengths }, [[[1], [2]], last]);
    expect(() => train([[1]])).not.toThrow();
    expect(() => train([[1], [NaN], [NaN]])).not.toThrow();
    expect(() => train([[1], [0], [0], [0]])).toThrow(
      /^y\[1\]: expected 1 targets, one for each valid step, or up to 3 with those of padding, got 4\./,
    );
  });

  it('are counted for typed arrays of values too', () => {
    using net = make(3);
    const row = [0, 1, 0];
    const y = (count: number): never =>
      [
        Float32Array.from([...row, ...row]),
        Float32Array.from(Array(count).fill(row).flat()),
      ] as never;
    expect(() => net.trainBatch({ x: padded, lengths }, y(3))).not.toThrow();
    expect(() => net.trainBatch({ x: padded, lengths }, y(4))).toThrow(/y\[1\]: .* got 4\./);
    expect(() => net.trainBatch(ragged, y(2))).toThrow(/y\[1\]: .* got 2\./);
  });
});
