import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as abi from '../../src/core/abi.ts';
import type { Core } from '../../src/core/core.ts';
import { createSimdCore } from '../../src/core/instance.ts';
import { encodeParts, partsOf } from '../../src/plan/parts.ts';
import type { Instruction } from '../../src/plan/program.ts';
import { Tensor } from '../../src/plan/tensor.ts';
import { Arena } from './arena.ts';
import { Random, type Shape } from './cases/case.ts';
import { epochCases } from './cases/epoch.ts';
import { forwardCases } from './cases/forward.ts';
import { gradientCases } from './cases/gradient.ts';
import { randomCases } from './cases/random.ts';
import { recurrentCases } from './cases/recurrent.ts';
import { sparseCases } from './cases/sparse.ts';
import { stepCases } from './cases/steps.ts';
import { trainingCases } from './cases/training.ts';

// An instruction in parts, as threads take them, is the instruction as a whole, bit by bit, whatever the order of the parts.

const cases = [
  ...forwardCases,
  ...sparseCases,
  ...gradientCases,
  ...trainingCases,
  ...recurrentCases,
  ...stepCases,
  ...randomCases,
  ...epochCases,
];

/** Behind everything that tests place: the record with its parts, and a copy of it and scratch memory, as a thread has of its own. */
const RECORD = 2 ** 20;
const COPY = RECORD + abi.RECORD_BYTES;
const SCRATCH = COPY + abi.RECORD_BYTES;

interface Exports {
  execute(state: number, record: number, scratch: number): number;
  executeParts(
    state: number,
    record: number,
    index: number,
    count: number,
    copy: number,
    scratch: number,
  ): void;
}

/** Executes every record in the smallest parts there can be, some of them together, in random order. */
class PartwiseCore implements Core {
  readonly name = 'simd';
  readonly base = 65536;
  /** Parts of the last record. */
  parts = 0;
  /** Floats between the rows of matrices by their addresses. */
  strides: ReadonlyMap<number, number> = new Map();
  random: Random = new Random(1);
  readonly #memory = new WebAssembly.Memory({ initial: 32, maximum: 65536 });
  readonly #exports: Exports;

  constructor() {
    const module = new WebAssembly.Module(readFileSync('build/core.simd.wasm'));
    const instance = new WebAssembly.Instance(module, { env: { memory: this.#memory } });
    this.#exports = instance.exports as unknown as Exports;
  }

  get buffer(): ArrayBuffer {
    return this.#memory.buffer;
  }

  grow(): void {}

  run(state: number, program: number, count: number): number {
    new Float64Array(this.buffer, state + abi.STATE_STOP, 1)[0] = 0;
    for (let index = 0; index < count; index++) {
      const address = program + index * abi.RECORD_BYTES;
      if (!this.#execute(state, address)) return 0;
    }
    return 1;
  }

  share(): undefined {
    return undefined;
  }

  dismiss(): void {}

  #execute(state: number, address: number): boolean {
    new Uint8Array(this.buffer).copyWithin(RECORD, address, address + abi.RECORD_BYTES);
    const record = new DataView(this.buffer, RECORD, abi.RECORD_BYTES);
    const instruction = this.#decode(record);
    const parts = partsOf(instruction, 0);
    if (parts) encodeParts(record, parts);
    const [lines, lineParts] = [abi.FIELD_LINES, abi.FIELD_LINE_PARTS].map((field) =>
      record.getUint32(field, true),
    );
    this.parts = parts ? lines! * lineParts! : 1;
    if (this.parts < 2) return this.#exports.execute(state, RECORD, SCRATCH) !== 0;
    const runs = this.#runs(lines!, lineParts!);
    for (let left = runs.length; left > 0; left--) {
      const [run] = runs.splice(this.random.integer(left), 1);
      this.#exports.executeParts(state, RECORD, run!.first, run!.count, COPY, SCRATCH);
    }
    return new Float64Array(this.buffer, state + abi.STATE_STOP, 1)[0] === 0;
  }

  /** All parts, up to three of a line together, as threads take them. */
  #runs(lines: number, lineParts: number): { first: number; count: number }[] {
    const runs = [];
    for (let line = 0; line < lines; line++) {
      for (let place = 0, count = 0; place < lineParts; place += count) {
        count = Math.min(1 + this.random.integer(3), lineParts - place);
        runs.push({ first: line * lineParts + place, count });
      }
    }
    return runs;
  }

  /** The instruction of the plan that a record came from, as far as its parts depend on it. */
  #decode(record: DataView): Instruction {
    const word = (field: number): number => record.getUint32(field, true);
    const rows = word(abi.FIELD_ROWS);
    const columns = word(abi.FIELD_COLUMNS);
    const tensors = new Map<number, Tensor>();
    const operand = (field: number, strideField?: number): Tensor | undefined => {
      const address = word(field);
      if (address === 0) return undefined;
      const stride = strideField ? word(strideField) : (this.strides.get(address) ?? abi.LANES);
      const tensor =
        tensors.get(address) ?? Object.assign(new Tensor('', rows, columns), { stride });
      tensors.set(address, tensor);
      return tensor;
    };
    const seeded = word(abi.FIELD_OPCODE) === abi.OP_DROPOUT;
    const operands = {
      out: operand(abi.FIELD_OUT, abi.FIELD_OUT_STRIDE),
      a: seeded ? undefined : operand(abi.FIELD_A, abi.FIELD_A_STRIDE),
      b: seeded ? undefined : operand(abi.FIELD_B, abi.FIELD_B_STRIDE),
      c: operand(abi.FIELD_C, seeded ? abi.FIELD_A_STRIDE : undefined),
      d: operand(abi.FIELD_D),
    };
    return {
      opcode: word(abi.FIELD_OPCODE),
      kind: word(abi.FIELD_KIND),
      inner: word(abi.FIELD_INNER),
      rows,
      columns,
      text: '',
      ...Object.fromEntries(Object.entries(operands).filter(([, tensor]) => tensor)),
    };
  }
}

const core = new PartwiseCore();
const whole = createSimdCore();

/** Around the smallest parts: 16 columns, 32 of lists, 8 rows of recurrent layers. */
const shapes: Shape[] = [
  { rows: 3, columns: 5, extra: 0, inPlace: false },
  { rows: 33, columns: 17, extra: 0, inPlace: true },
  { rows: 35, columns: 24, extra: 1, inPlace: false },
  { rows: 97, columns: 9, extra: 0, inPlace: true },
  { rows: 6, columns: 70, extra: 0, inPlace: true },
];

/** Wide enough to cut a weight gradient between columns, in parts of 64. */
const wide: Shape = { rows: 7, columns: 133, extra: 0, inPlace: false };

/** Opcodes that were executed in parts. */
const divided = new Set<number>();

describe.each(cases)('$name', (kernelCase) => {
  const all = kernelCase.opcode === abi.OP_MATMUL ? [...shapes, wide] : shapes;
  test.each(all)('$rows × $columns, $extra extra vectors, in place: $inPlace', (shape) => {
    const [partwise, expected] = [core, whole].map((each) => {
      const arena = new Arena(each);
      const { instruction } = kernelCase.prepare(arena, shape, new Random(shape.rows));
      core.strides = arena.strides;
      expect(arena.run([instruction])).toBe(1);
      return arena.bits();
    });
    if (core.parts > 1) divided.add(kernelCase.opcode);
    const difference = expected!.findIndex((word, index) => word !== partwise![index]);
    expect(difference, 'first word that differs').toBe(-1);
  });
});

test('every opcode that may be cut was cut', () => {
  const opcodes = Object.entries(abi).filter(([name]) => name.startsWith('OP_'));
  const dividing = opcodes.filter(([, opcode]) => hasRule(opcode));
  expect(dividing.filter(([, opcode]) => !divided.has(opcode))).toEqual([]);
  expect(dividing.length).toBeGreaterThan(20);
});

test.each([
  [1, 20_000_000],
  [20_000_000, 1],
  [1, 30_000],
  [30_000, 1],
  [4_000, 4_000],
  [150, 260],
])(
  'the parts of a product of %i × %i are more than one and can be counted in 16 bits',
  (rows, columns) => {
    const out = new Tensor('', rows, columns);
    const operand = new Tensor('', 1, 1);
    for (const kind of [abi.MATMUL_NN, abi.MATMUL_NT, abi.MATMUL_TN]) {
      const instruction = {
        opcode: abi.OP_MATMUL,
        kind,
        out,
        a: operand,
        b: operand,
        inner: 1000,
        text: '',
      };
      const parts = partsOf(instruction)!;
      const down = Math.ceil(rows / (parts.rows || rows));
      const across = Math.ceil(columns / (parts.columns || columns));
      expect(down * across).toBeGreaterThan(1);
      expect(down * across).toBeLessThan(2 ** 16);
    }
  },
);

/** Whether a large instruction of this opcode has parts. */
function hasRule(opcode: number): boolean {
  const tensor = new Tensor('', 1000, 1000);
  const operands = { out: tensor, a: tensor, b: tensor };
  return partsOf({ opcode, ...operands, inner: 1000, text: '' }) !== undefined;
}
