import * as abi from '../../../src/core/abi.ts';
import { randomNormal, randomUniform, shuffle } from '../../../src/core/js/random.ts';
import { type KernelCase, record, target } from './case.ts';

/** The numbers themselves are tested with their generator; here that every field of the record reaches it. */
const STREAM = 3;
const SUBSTREAM = 5;
const LOW = -0.125;
const HIGH = 0.5;

const fill = (name: string, opcode: number, twin: typeof randomUniform): KernelCase => ({
  name,
  opcode,
  prepare(arena, { rows, columns, extra }, random) {
    const seed = { a: random.integer(2 ** 32), b: random.integer(2 ** 32) };
    const expected = new Float32Array(rows * columns);
    twin(expected, LOW, HIGH, seed.a, seed.b, STREAM, SUBSTREAM);
    const out = target(arena, { rows, columns, extra, inPlace: false });
    const fields = { ...seed, kind: STREAM, index: SUBSTREAM, scale: LOW, scale2: HIGH };
    return {
      instruction: record(opcode, { rows, columns }, { out }, fields),
      outputs: [
        {
          matrix: out,
          expected: Array.from({ length: rows }, (_, row) => [
            ...expected.subarray(row * columns, (row + 1) * columns),
          ]),
          units: 0,
          padding: 'zero',
        },
      ],
    };
  },
});

const shuffled: KernelCase = {
  name: 'shuffle',
  opcode: abi.OP_SHUFFLE,
  prepare(arena, { rows, columns }, random) {
    const seed = { a: random.integer(2 ** 32), b: random.integer(2 ** 32) };
    const expected = new Uint32Array(rows);
    shuffle(expected, seed.a, seed.b, STREAM, SUBSTREAM);
    const out = target(arena, { rows: 1, columns: rows, extra: 0, inPlace: false });
    arena.setRegister(abi.STATE_EPOCH, SUBSTREAM);
    const asFloats = [...new Float32Array(expected.buffer)];
    return {
      instruction: record(this.opcode, { rows, columns }, { out }, { ...seed, kind: STREAM }),
      outputs: [{ matrix: out, expected: [asFloats], units: 0, padding: 'kept' }],
    };
  },
};

/** Initial parameters and shuffles. */
export const randomCases: KernelCase[] = [
  fill('random uniform', abi.OP_RANDOM_UNIFORM, randomUniform),
  fill('random normal', abi.OP_RANDOM_NORMAL, randomNormal),
  shuffled,
];
