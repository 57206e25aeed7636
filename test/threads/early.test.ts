import { afterAll, describe, expect, it, vi } from 'vitest';
import { createCore } from '../../src/core/create.ts';
import { Engine } from '../../src/engine.ts';
import { dense } from '../../src/index.ts';
import { resolveSpec } from '../../src/nn/spec.ts';
import { runExtras } from '../../src/training/run-extras.ts';
import { resolveStep } from '../../src/training/step.ts';
import { Trainer, type TrainingRun } from '../../src/training/trainer.ts';
import { helpers } from '../../src/threads/pool.ts';
import { threads } from '../../src/threads/threads.ts';

// What memory is moved to where threads can share it, and when.

const EXAMPLES = 5000;
const FEATURES = 100;
const DATA_BYTES = EXAMPLES * FEATURES * 4;

const { model } = resolveSpec({
  input: FEATURES,
  layers: [dense(64, 'relu'), dense(10, 'softmax')],
  loss: 'crossEntropy',
  seed: 1,
});

const run: TrainingRun = {
  x: {
    rows: EXAMPLES,
    columns: FEATURES,
    values: Float32Array.from({ length: EXAMPLES * FEATURES }, (_, i) => (i % 13) + 1),
    examples: EXAMPLES,
  },
  y: {
    kind: 'labels',
    rows: EXAMPLES,
    labels: Uint32Array.from({ length: EXAMPLES }, (_, i) => i % 10),
  },
  costs: EXAMPLES,
  predictions: EXAMPLES,
  epochs: 1,
  batchSize: 100,
  step: resolveStep({}),
  schedule: undefined,
  shuffleSeed: 1,
  threads: 2,
};

afterAll(() => helpers.forEach((helper) => helper.terminate()));

describe('a run on several threads', () => {
  it('does not copy its data to shared memory: they go there straight away', () => {
    const core = createCore('simd');
    const engine = new Engine(core, model, threads);
    let copied = 0;
    const share = core.share.bind(core);
    vi.spyOn(core, 'share').mockImplementation(() => {
      copied = core.buffer.byteLength;
      return share();
    });
    const trainer = new Trainer(engine, run, runExtras);
    while (!trainer.advance(1));
    expect(core.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(core.buffer.byteLength).toBeGreaterThan(DATA_BYTES);
    expect(copied).toBeGreaterThan(0);
    expect(copied).toBeLessThan(DATA_BYTES / 2);
    trainer.free();
    engine.dispose();
  });

  it('gives its threads back when its data find no room', () => {
    const engine = new Engine(createCore('simd'), model, threads);
    const engage = vi.spyOn(threads, 'engage');
    const { arena } = engine;
    const allocate = arena.allocate.bind(arena);
    const spy = vi
      .spyOn(arena, 'allocate')
      .mockImplementation((bytes, purpose, advice) =>
        allocate(purpose.startsWith('features') ? 2 ** 33 : bytes, purpose, advice),
      );
    expect(() => new Trainer(engine, run, runExtras)).toThrow(
      expect.objectContaining({ code: 'OUT_OF_MEMORY' }),
    );
    const [team] = engage.mock.calls[0]!;
    expect(team.busy).toBe(false);
    spy.mockRestore();
    engage.mockRestore();
    engine.dispose();
  });
});
