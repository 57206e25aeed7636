import * as abi from './core/abi.ts';
import type { Engine } from './engine.ts';
import { orthonormalColumns } from './nn/orthogonal.ts';
import { type Parameter, writeParameter } from './plan/parameters.ts';
import type { ProgramBuilder } from './plan/program.ts';
import type { Tensor } from './plan/tensor.ts';

const STANDARD_NORMAL = { kind: 'normal', mean: 0, deviation: 1 } as const;

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
  for (const { initial, value } of engine.layout.parameters) {
    if (initial.kind === 'orthogonal') orthogonalise(engine.core.buffer, value);
  }
}

function draw(
  builder: ProgramBuilder,
  { initial, value }: Parameter,
  seed: number,
  index: number,
): void {
  if (initial.kind === 'zeros' || initial.kind === 'values') return;
  const distribution = initial.kind === 'orthogonal' ? STANDARD_NORMAL : initial;
  const uniform = distribution.kind === 'uniform';
  builder.emit({
    opcode: uniform ? abi.OP_RANDOM_UNIFORM : abi.OP_RANDOM_NORMAL,
    out: value.gateRows(),
    kind: abi.STREAM_INITIALISE,
    seed,
    index,
    scale: uniform ? distribution.low : distribution.mean,
    scale2: uniform ? distribution.high : distribution.deviation,
    text: `${value.name} = ${distribution.kind} numbers`,
  });
}

/** Turns the normal numbers of a matrix into a random orthogonal matrix, gate by gate. */
function orthogonalise(buffer: ArrayBuffer, stored: Tensor): void {
  const { rows, stride, gates } = stored;
  const columns = stored.columns / gates;
  const values = stored.view(buffer);
  const wide = columns > rows;
  const [longer, shorter] = wide ? [columns, rows] : [rows, columns];
  for (let gate = 0; gate < gates; gate++) {
    const first = stored.position(gate * columns);
    const block = new Float64Array(rows * columns);
    const each = (visit: (inBlock: number, inMemory: number) => void): void => {
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          const inBlock = wide ? column * rows + row : row * columns + column;
          visit(inBlock, row * stride + first + column);
        }
      }
    };
    each((inBlock, inMemory) => (block[inBlock] = values[inMemory]!));
    const orthogonal = orthonormalColumns(block, longer, shorter);
    each((inBlock, inMemory) => (values[inMemory] = orthogonal[inBlock]! + 0));
  }
}
