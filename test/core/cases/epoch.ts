import * as abi from '../../../src/core/abi.ts';
import { type KernelCase, record } from './case.ts';

const beginEpoch: KernelCase = {
  name: 'begin epoch',
  opcode: abi.OP_BEGIN_EPOCH,
  prepare(arena, shape) {
    arena.setRegister(abi.STATE_EPOCH, 6);
    const cleared = [abi.STATE_CURSOR, abi.STATE_COST, abi.STATE_EXAMPLES, abi.STATE_CORRECT];
    for (const register of cleared) arena.setRegister(register, 3);
    return {
      instruction: record(this.opcode, shape, {}),
      outputs: [],
      registers: [
        [abi.STATE_EPOCH, 7],
        ...cleared.map((register): [number, number] => [register, 0]),
      ],
    };
  },
};

const endEpoch: KernelCase = {
  name: 'end epoch',
  opcode: abi.OP_END_EPOCH,
  prepare(arena, shape) {
    arena.setRegister(abi.STATE_LOGGED, 2);
    arena.setRegister(abi.STATE_COST, 1.5);
    arena.setRegister(abi.STATE_CORRECT, 9);
    const entries = new Float64Array([0, 0, 0, 0, 1.5, 9]);
    const out = arena.matrix([new Array<number>(entries.length * 2).fill(0)], entries.length * 2);
    return {
      instruction: record(this.opcode, shape, { out }),
      outputs: [
        {
          matrix: out,
          expected: [[...new Float32Array(entries.buffer)]],
          units: 0,
          padding: 'zero',
        },
      ],
      registers: [[abi.STATE_LOGGED, 3]],
    };
  },
};

const nextRate: KernelCase = {
  name: 'next rate',
  opcode: abi.OP_NEXT_RATE,
  prepare(arena, shape) {
    const rates = new Float64Array([0.5, 1 / 3, 0.1]);
    const a = arena.vector([...new Float32Array(rates.buffer)]);
    arena.setRegister(abi.STATE_STEP, 3e9 + shape.rows);
    arena.setRegister(abi.STATE_LEARNING_RATE, 9);
    return {
      instruction: record(this.opcode, { rows: 1, columns: rates.length }, { a }),
      outputs: [],
      registers: [[abi.STATE_LEARNING_RATE, rates[shape.rows % 3]!]],
    };
  },
};

/** Epochs: counting and logging. What repeats is tested with the interpreters. */
export const epochCases: KernelCase[] = [beginEpoch, endEpoch, nextRate];
