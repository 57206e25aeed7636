import { describe, expect, it, vi } from 'vitest';
import { createCore } from '../../src/core/create.ts';
import { Engine } from '../../src/engine.ts';
import { dense, Network, type NetworkSpec } from '../../src/index.ts';
import { resolveSpec } from '../../src/nn/spec.ts';
import { ResidentData } from '../../src/training/data.ts';
import { resolveStep } from '../../src/training/step.ts';
import { Trainer } from '../../src/training/trainer.ts';

// Large data sets are copied a piece at a time, so that nobody has to wait for all of it.

const FEATURES = 50;
const EXAMPLES = 20_000;

const spec: NetworkSpec = {
  input: FEATURES,
  layers: [dense(3, 'softmax')],
  loss: 'crossEntropy',
  seed: 1,
};

const y = Uint8Array.from({ length: EXAMPLES }, (_, i) => i % 3);

/** Features as they are kept in memory: lists of nonzeros, rows and bytes. */
const forms = {
  nonzeros: Float32Array.from({ length: EXAMPLES * FEATURES }, (_, i) =>
    i % 7 ? 0 : (i % 11) / 8,
  ),
  rows: Float32Array.from({ length: EXAMPLES * FEATURES }, (_, i) => ((i % 13) + 1) / 16),
  bytes: Uint8Array.from({ length: EXAMPLES * FEATURES }, (_, i) => (i % 250) + 1),
} as const;

describe.each(Object.entries(forms))('a large data set as %s', (form, values) => {
  it('is copied in pieces, all of it', () => {
    const engine = new Engine(createCore('js'), resolveSpec(spec).model);
    const x = { rows: EXAMPLES, columns: FEATURES, values, examples: EXAMPLES };
    const labels = { kind: 'labels', rows: EXAMPLES, labels: Uint32Array.from(y) } as const;
    const data = new ResidentData(engine, { x, y: labels }, 1);
    expect(data.source.form).toBe(form);
    // Lists are counted before they are written.
    const pieces = form === 'nonzeros' ? 8 : 4;
    const calls = Array.from({ length: pieces }, () => data.load(0));
    expect(calls).toEqual([...Array.from({ length: pieces - 1 }, () => false), true]);
    expect(engine.get('inputBound')).toBe(Array.from(values).reduce((a, b) => Math.max(a, b)));
  });

  it('gives the same bits whether the run is asked for its state before it is there or not', async () => {
    const options = { epochs: 2, batchSize: 64 };
    using expected = new Network(spec);
    expected.fitSync({ x: values, y }, options);

    using begun = new Network(spec);
    const stop = new AbortController();
    const run = begun.fit({ x: values, y }, { ...options, signal: stop.signal });
    const resume = await run.checkpoint();
    stop.abort();
    expect((await run).stoppedBy).toBe('abort');

    using net = new Network(spec);
    await net.fit({ x: values, y }, { ...options, resume });
    expect(net.hash()).toBe(expected.hash());
  });
});

describe('when there is no memory for lists, which are as long as the data have nonzeros', () => {
  const x = {
    rows: EXAMPLES,
    columns: FEATURES,
    values: forms.nonzeros,
    examples: EXAMPLES,
  };
  const labels = { kind: 'labels', rows: EXAMPLES, labels: Uint32Array.from(y) } as const;
  const outOfMemory = expect.objectContaining({ code: 'OUT_OF_MEMORY' });

  it('all that was taken for the data is given back', () => {
    const core = createCore('js');
    const engine = new Engine(core, resolveSpec(spec).model);
    const before = engine.arena.end;
    const data = new ResidentData(engine, { x, y: labels }, 1);
    for (let piece = 0; piece < 4; piece++) expect(data.load(0)).toBe(false);
    vi.spyOn(core, 'grow').mockImplementation(() => {
      throw new RangeError('no more memory');
    });
    expect(() => data.load(0)).toThrow(outOfMemory);
    data.free();
    expect(engine.arena.end).toBe(before);
  });

  it('and so is what the run has taken, if it is found as it begins', () => {
    const engine = new Engine(createCore('js'), resolveSpec(spec).model);
    const before = engine.arena.end;
    const { arena } = engine;
    const allocate = arena.allocate.bind(arena);
    vi.spyOn(arena, 'allocate').mockImplementation((bytes, purpose, advice) =>
      allocate(purpose.startsWith('nonzero features') ? 2 ** 33 : bytes, purpose, advice),
    );
    const few = { ...x, rows: 100, examples: 100, values: x.values.subarray(0, 100 * FEATURES) };
    const run = {
      x: few,
      costs: 100,
      predictions: 100,
      y: { ...labels, rows: 100, labels: labels.labels.subarray(0, 100) },
      epochs: 1,
      batchSize: 10,
      step: resolveStep({}),
      schedule: undefined,
      shuffleSeed: 1,
    };
    expect(() => new Trainer(engine, run)).toThrow(outOfMemory);
    expect(arena.end).toBe(before);
  });
});
