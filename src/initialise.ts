import * as abi from './core/abi.ts';
import type { Engine } from './engine.ts';
import { type Parameter, writeParameter } from './plan/parameters.ts';
import type { ProgramBuilder } from './plan/program.ts';

/**
 * Sets every parameter to its starting values.
 *
 * Each parameter has a random substream of its own, its place in the network, and is drawn input by input: another layer's
 * initialiser does not change it.
 */
export function initialise(engine: Engine, seed: number): void {
  for (const { initial, value } of engine.layout.parameters) {
    if (initial.kind === 'values') writeParameter(engine.core.buffer, value, initial.values);
  }
  engine.runOnce((builder) => {
    for (const [index, parameter] of engine.layout.parameters.entries()) {
      draw(builder, parameter, seed, index);
    }
  });
}

function draw(
  builder: ProgramBuilder,
  { initial, value }: Parameter,
  seed: number,
  index: number,
): void {
  if (initial.kind !== 'uniform' && initial.kind !== 'normal') return;
  const uniform = initial.kind === 'uniform';
  builder.emit({
    opcode: uniform ? abi.OP_RANDOM_UNIFORM : abi.OP_RANDOM_NORMAL,
    out: value,
    kind: abi.STREAM_INITIALISE,
    seed,
    index,
    scale: uniform ? initial.low : initial.mean,
    scale2: uniform ? initial.high : initial.deviation,
    text: `${value.name} = ${initial.kind} numbers`,
  });
}
