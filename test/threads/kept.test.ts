import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import * as abi from '../../src/core/abi.ts';
import { encodeParts, partsOf } from '../../src/plan/parts.ts';
import type { Instruction } from '../../src/plan/program.ts';
import { Tensor } from '../../src/plan/tensor.ts';
import { randomSource } from '../reference/random.ts';

// A thread packs the left operand of a product once for all the parts that it takes of a line: the bits are those of the whole product.

const memory = new WebAssembly.Memory({ initial: 160, maximum: 65536 });
const module = new WebAssembly.Module(readFileSync('build/core.simd.wasm'));
const { takeParts, execute } = new WebAssembly.Instance(module, { env: { memory } })
  .exports as unknown as {
  takeParts(team: number, leads: number, copy: number, scratch: number): void;
  execute(state: number, record: number, scratch: number): number;
};

const MEGABYTE = 2 ** 20;
const [TEAM, SLOT, STATE, RECORD] = [1, 2, 3, 3.5].map((at) => at * MEGABYTE);
const [A, B, OUT, ROW] = [4, 6, 8, 9].map((at) => at * MEGABYTE);

function matrix(name: string, rows: number, columns: number, address: number): Tensor {
  return Object.assign(new Tensor(name, rows, columns), { address });
}

/** A product whose operands are in place, its record written with parts of the size that `shortest` asks for. */
function place(
  kind: number,
  [rows, columns, inner]: readonly [number, number, number],
  shortest: number,
) {
  const out = matrix('out', rows, columns, OUT!);
  const a = kind === abi.MATMUL_TN ? matrix('a', inner, rows, A!) : matrix('a', rows, inner, A!);
  const b =
    kind === abi.MATMUL_NT ? matrix('b', columns, inner, B!) : matrix('b', inner, columns, B!);
  const c = matrix('c', 1, columns, ROW!);
  const instruction: Instruction = { opcode: abi.OP_MATMUL, kind, out, a, b, c, inner, text: '' };
  const record = new DataView(memory.buffer, RECORD!, abi.RECORD_BYTES);
  const fields: [number, number][] = [
    [abi.FIELD_OPCODE, abi.OP_MATMUL],
    [abi.FIELD_KIND, kind],
    [abi.FIELD_OUT, OUT!],
    [abi.FIELD_A, A!],
    [abi.FIELD_B, B!],
    [abi.FIELD_C, ROW!],
    [abi.FIELD_ROWS, rows],
    [abi.FIELD_COLUMNS, columns],
    [abi.FIELD_INNER, inner],
    [abi.FIELD_OUT_STRIDE, out.stride],
    [abi.FIELD_A_STRIDE, a.stride],
    [abi.FIELD_B_STRIDE, b.stride],
  ];
  for (const [field, value] of fields) record.setUint32(field, value, true);
  const parts = partsOf(instruction, shortest);
  if (parts) encodeParts(record, parts);
  return { record, out: new Uint32Array(memory.buffer, OUT!, out.length), isCut: !!parts };
}

/** Has a leader take a share of the parts of the record, and a helper the others. */
function takeAll(record: DataView, share: number): void {
  const [lines, line] = [abi.FIELD_LINES, abi.FIELD_LINE_PARTS].map((field) =>
    record.getUint32(field, true),
  );
  const parts = lines! * line!;
  const words = new DataView(memory.buffer, TEAM!, abi.TEAM_SCRATCH);
  const fields = [
    [abi.TEAM_STATE, STATE!],
    [abi.TEAM_RECORD, RECORD!],
    [abi.TEAM_LINE, line!],
    [abi.TEAM_PARTS, parts],
    [abi.TEAM_PENDING, parts],
  ] as const;
  for (const [field, value] of fields) words.setUint32(field, value, true);
  const meeting = Math.round(share * parts);
  words.setUint32(abi.TEAM_LEFT, meeting << 16, true);
  takeParts(TEAM!, 1, TEAM! + abi.TEAM_RECORD_COPY, TEAM! + abi.TEAM_SCRATCH);
  words.setUint32(abi.TEAM_LEFT, meeting | (parts << 16), true);
  takeParts(TEAM!, 0, SLOT! + abi.SLOT_RECORD, SLOT! + abi.SLOT_SCRATCH);
  expect(words.getUint32(abi.TEAM_PENDING, true)).toBe(0);
}

/** Fills the scratch of both threads, as what is kept of another product would. */
function spoilScratch(): void {
  for (const scratch of [TEAM! + abi.TEAM_SCRATCH, SLOT! + abi.SLOT_SCRATCH]) {
    new Uint8Array(memory.buffer, scratch, abi.SCRATCH_BYTES + abi.KEPT_BYTES).fill(0xff);
  }
}

const random = randomSource(1);
const operands = new Float32Array(memory.buffer, A!, (OUT! - A!) / 4);
operands.forEach((_, index) => (operands[index] = random() - 0.5));
new Float32Array(memory.buffer, ROW!, 1024).forEach((_, index, row) => (row[index] = random()));

/** Around the rows of a block, and the terms of one, two and the most blocks. */
const rows = fc.oneof(fc.integer({ min: 1, max: 320 }), fc.constantFrom(149, 150, 151));
const columns = fc.integer({ min: 1, max: 400 });
const inner = fc.oneof(
  fc.integer({ min: 1, max: 600 }),
  fc.constantFrom(256, 257, abi.KEPT_TERMS, abi.KEPT_TERMS + 1),
);

it.each([
  ['NN', abi.MATMUL_NN],
  ['NT', abi.MATMUL_NT],
  ['TN', abi.MATMUL_TN],
])('a product %s in parts of one line after the other', (_, kind) => {
  let cut = 0;
  const property = fc.property(
    fc.tuple(rows, columns, inner),
    fc.constantFrom(0, 2_500),
    fc.double({ min: 0, max: 1, noNaN: true }),
    (shape, shortest, share) => {
      const { record, out, isCut } = place(kind, shape, shortest);
      out.fill(0);
      execute(STATE!, RECORD!, STATE! + abi.STATE_BYTES);
      const whole = out.slice();
      if (!isCut) return;
      cut++;
      spoilScratch();
      out.fill(0);
      takeAll(record, share);
      expect(out.findIndex((word, index) => word !== whole[index])).toBe(-1);
    },
  );
  fc.assert(property, { seed: 1, numRuns: 150 });
  expect(cut).toBeGreaterThan(100);
});
