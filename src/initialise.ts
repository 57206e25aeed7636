import * as abi from './core/abi.ts';
import type { Engine } from './engine.ts';
import { type InitialValues, writeParameter } from './plan/parameters.ts';
import type { Tensor } from './plan/tensor.ts';

/**
 * Sets every parameter to its starting values.
 *
 * Each parameter has a random substream of its own, its place in the network, and is drawn in the order the user sees:
 * neither storage nor another layer's initialiser changes it.
 */
export function initialise(engine: Engine, seed: number): void {
  for (const [index, { initial, shape, value }] of engine.layout.parameters.entries()) {
    if (initial.kind === 'zeros') continue;
    if (initial.kind === 'values') {
      writeParameter(engine.core.buffer, value, initial.values);
      continue;
    }
    const count = shape.reduce((product, size) => product * size, 1);
    const drawn = engine.allocate('starting values', 1, count);
    draw(engine, drawn, initial, seed, index);
    writeParameter(engine.core.buffer, value, drawn.view(engine.core.buffer));
    engine.arena.free(drawn.address);
  }
}

function draw(
  engine: Engine,
  out: Tensor,
  initial: Extract<InitialValues, { kind: 'uniform' | 'normal' }>,
  seed: number,
  index: number,
): void {
  const uniform = initial.kind === 'uniform';
  engine.runOnce((builder) =>
    builder.emit({
      opcode: uniform ? abi.OP_RANDOM_UNIFORM : abi.OP_RANDOM_NORMAL,
      out,
      kind: abi.STREAM_INITIALISE,
      seed,
      index,
      scale: uniform ? initial.low : initial.mean,
      scale2: uniform ? initial.high : initial.deviation,
      text: `${out.name} = ${initial.kind} numbers`,
    }),
  );
}
