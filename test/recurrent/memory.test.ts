import { afterEach, expect, it, vi } from 'vitest';
import { bidirectional, dense, type LayerSpec, Network, rnn } from '../../src/index.ts';
import { Arena } from '../../src/plan/arena.ts';

afterEach(() => vi.restoreAllMocks());

const x = [[[1], [2]]];

/** What a network is advised to do when memory for programs runs out, by call. */
function advice(layer: LayerSpec, y: number[][] | number[][][]): string[] {
  using net = new Network({
    input: { features: 1 },
    layers: [layer, dense(1)],
    loss: 'huber',
    seed: 1,
  });
  const { allocate } = Arena.prototype;
  vi.spyOn(Arena.prototype, 'allocate').mockImplementation(function (this: Arena, ...args) {
    const [bytes, purpose, ...rest] = args;
    return allocate.call(this, purpose.includes('program') ? 2 ** 40 : bytes, purpose, ...rest);
  });
  const calls = [
    () => net.fitSync({ x, y: y as number[][] }, { epochs: 1 }),
    () => net.trainBatch(x, y),
    () => net.trace(x, y),
    () => net.predict(x),
  ];
  return calls.map((call) => {
    try {
      call();
    } catch (error) {
      return (error as Error).message.replace(/^.*may offer less\. /s, '');
    }
    return 'no error';
  });
}

it('every call that runs out of memory advises what the network can do', () => {
  const perStep = advice(rnn(2, { returns: 'all' }), [[[1], [1]]]);
  vi.restoreAllMocks();
  const last = advice(rnn(2), [[1]]);
  vi.restoreAllMocks();
  const both = advice(bidirectional(rnn(2)), [[1]]);
  for (const text of perStep) expect(text).toMatch(/shorter sequences.*, or fit with truncate: k/);
  for (const text of last) expect(text).toMatch(/shorter sequences.*returns: 'all'.*truncate: k/);
  for (const text of both) {
    expect(text).toMatch(/shorter sequences/);
    expect(text).not.toContain('truncate');
  }
});
