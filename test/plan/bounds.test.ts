import { describe, expect, it } from 'vitest';
import { createCore } from '../../src/core/create.ts';
import { Engine } from '../../src/engine.ts';
import { dense, gru, type LayerSpec, lstm, rnn } from '../../src/index.ts';
import { initialise } from '../../src/initialise.ts';
import { sequences } from '../../src/nn/layers/sequences.ts';
import { resolveSpec } from '../../src/nn/spec.ts';
import { CORES } from '../reference/library.ts';

// A program writes nothing behind its own memory, whatever the widths of its layers: the next region holds data or another program.

const STEPS = 2;

const layers: Record<string, (units: number) => LayerSpec> = {
  rnn: (units) => rnn(units),
  lstm: (units) => lstm(units),
  gru: (units) => gru(units),
  'gru, reset before': (units) => gru(units, { reset: 'before' }),
};

describe.each(CORES)('core %s', (core) => {
  it.each(Object.entries(layers))('%s', (_, layer) => {
    for (let units = 1; units <= 9; units++) {
      const { model } = resolveSpec(
        {
          input: { features: units },
          layers: [layer(units), dense(1)],
          loss: 'huber',
          seed: 1,
        },
        sequences,
      );
      const engine = new Engine(createCore(core), model);
      initialise(engine, 1);
      const shape = { steps: STEPS, states: 'zero' } as const;
      const program = engine.place(1, { kind: 'gradients' }, shape);
      const guard = engine.allocate('guard', 4, 64);
      new Uint32Array(engine.core.buffer, program.sequence!.lengths.address, 1)[0] = STEPS;
      guard.view(engine.core.buffer).fill(7);
      engine.run(program);
      const changed = guard.view(engine.core.buffer).some((value) => value !== 7);
      expect(changed, `${units} units`).toBe(false);
    }
  });
});
