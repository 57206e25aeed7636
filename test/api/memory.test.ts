import { afterEach, expect, it, vi } from 'vitest';
import { dense, Network, type NetworkSpec, sgd } from '../../src/index.ts';
import { Arena } from '../../src/plan/arena.ts';

const spec: NetworkSpec = {
  input: 2,
  layers: [dense(3, 'tanh'), dense(1)],
  loss: 'squaredError',
  seed: 1,
};
const x = [
  [0, 1],
  [1, 0],
  [1, 1],
  [0, 0],
  [2, 1],
];
const data = { x, y: x.map(([a, b]) => [a! - b!]) };
const wild = { x: [[3e30, 3e30]], y: [[-3e30]] };
const optimizer = sgd({ learningRate: 0.01 });

afterEach(() => vi.restoreAllMocks());

/** Watches every arena: which regions are in use, and whether one is given back that is not. */
function watchArenas(): { inUse: Set<number>; freedTwice: number[] } {
  const inUse = new Set<number>();
  const freedTwice: number[] = [];
  const { allocate, free } = Arena.prototype;
  vi.spyOn(Arena.prototype, 'allocate').mockImplementation(function (this: Arena, ...args) {
    const address = allocate.apply(this, args);
    inUse.add(address);
    return address;
  });
  vi.spyOn(Arena.prototype, 'free').mockImplementation(function (this: Arena, address) {
    if (!inUse.delete(address)) freedTwice.push(address);
    free.call(this, address);
  });
  return { inUse, freedTwice };
}

it('every run gives its memory back once, however it ends', async () => {
  const { inUse, freedTwice } = watchArenas();
  using net = new Network(spec);
  net.predict(x);
  const before = [...inUse];
  const options = { epochs: 3, batchSize: 2, optimizer };

  net.fitSync(data, options);
  await net.fit(data, options);
  net.fitSync(data, { ...options, signal: AbortSignal.abort() });
  await net.fit(data, { ...options, signal: AbortSignal.abort() });
  for await (const _ of net.fit(data, options)) break;
  for await (const { epoch } of net.fit(data, options)) net.predict(x.slice(0, epoch));
  expect(() => net.fitSync(wild, options)).toThrow('finite');
  await expect(net.fit(wild, options)).rejects.toThrow('finite');

  // Programs for predictions of 1, 2 and 3 examples are kept; nothing else is.
  await expect.poll(() => inUse.size).toBe(before.length + 3);
  expect(freedTwice).toEqual([]);
});

it('a run that came to its end says so, even when the loop is left at its last report', async () => {
  using net = new Network(spec);
  const run = net.fit(data, { epochs: 2, optimizer });
  for await (const { epoch } of run) if (epoch === 2) break;
  expect((await run).stoppedBy).toBe('epochs');
});

it('thousands of runs and networks do not make memory grow', () => {
  using net = new Network(spec);
  const memory = (): string | undefined => /[\d.]+ \w+ reserved/.exec(net.summary())?.[0];
  net.fitSync(data, { epochs: 2, batchSize: 2, optimizer });
  const reserved = memory();
  for (let run = 0; run < 2000; run++) {
    net.fitSync(data, { epochs: 1, batchSize: 2, optimizer });
    net.predict(x.slice(0, 1 + (run % 5)));
  }
  expect(reserved).toBeDefined();
  expect(memory()).toBe(reserved);
});
