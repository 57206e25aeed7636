import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import * as abi from '../../src/core/abi.ts';

// Wherever the leader and a helper meet, together they have executed every part of an instruction once.

const [TEAM, STATE, RECORD, COPY, SCRATCH, OPERANDS] = [1, 2, 3, 4, 5, 8].map((i) => i * 65536);
const memory = new WebAssembly.Memory({ initial: 32, maximum: 65536 });
const module = new WebAssembly.Module(readFileSync('build/core.simd.wasm'));
const instance = new WebAssembly.Instance(module, { env: { memory } });
const { takeParts } = instance.exports as unknown as {
  takeParts(team: number, leads: number, copy: number, scratch: number): void;
};

const INNER = 2;
/** Of a part, which has one row. */
const COLUMNS = 16;

/** Places out += aᵀ b, where all elements of a and b are 1, cut into `down` × `across` parts. */
function place(down: number, across: number, sideBySide: boolean): Float32Array {
  const stride = across * COLUMNS;
  const aStride = Math.ceil(down / abi.LANES) * abi.LANES;
  const a = OPERANDS!;
  const b = a + INNER * aStride * 4;
  const out = b + INNER * stride * 4;
  new Float32Array(memory.buffer, a, INNER * (aStride + stride)).fill(1);
  const record = new DataView(memory.buffer, RECORD, abi.RECORD_BYTES);
  const fields: [number, number][] = [
    [abi.FIELD_OPCODE, abi.OP_MATMUL],
    [abi.FIELD_KIND, abi.MATMUL_TN],
    [abi.FIELD_OUT, out],
    [abi.FIELD_A, a],
    [abi.FIELD_B, b],
    [abi.FIELD_C, out],
    [abi.FIELD_ROWS, down],
    [abi.FIELD_COLUMNS, stride],
    [abi.FIELD_INNER, INNER],
    [abi.FIELD_OUT_STRIDE, stride],
    [abi.FIELD_A_STRIDE, aStride],
    [abi.FIELD_B_STRIDE, stride],
    [abi.FIELD_PART_ROWS, 1],
    [abi.FIELD_PART_COLUMNS, COLUMNS],
    [abi.FIELD_OUT_ROW_STEP, stride * 4],
    [abi.FIELD_OUT_COLUMN_STEP, 4],
    [abi.FIELD_A_ROW_STEP, 4],
    [abi.FIELD_B_COLUMN_STEP, 4],
    [abi.FIELD_C_ROW_STEP, stride * 4],
    [abi.FIELD_C_COLUMN_STEP, 4],
    [abi.FIELD_LINES, sideBySide ? down : across],
    [abi.FIELD_LINE_PARTS, sideBySide ? across : down],
    [abi.FIELD_SIDE_BY_SIDE, Number(sideBySide)],
  ];
  for (const [field, value] of fields) record.setUint32(field, value, true);
  return new Float32Array(memory.buffer, out, down * stride).fill(0);
}

/** Takes all parts that are in a range of the queue. */
function take(leads: boolean, first: number, end: number): void {
  new DataView(memory.buffer).setUint32(TEAM! + abi.TEAM_LEFT, first | (end << 16), true);
  takeParts(TEAM!, Number(leads), COPY!, SCRATCH!);
}

it('parts are executed once each', () => {
  const count = fc.integer({ min: 1, max: 20 });
  const property = fc.property(
    count,
    count,
    fc.boolean(),
    fc.double({ min: 0, max: 1, noNaN: true }),
    (down, across, sideBySide, share) => {
      const out = place(down, across, sideBySide);
      const parts = down * across;
      const words = new DataView(memory.buffer, TEAM, abi.TEAM_BYTES);
      words.setUint32(abi.TEAM_STATE, STATE!, true);
      words.setUint32(abi.TEAM_RECORD, RECORD!, true);
      words.setUint32(abi.TEAM_LINE, sideBySide ? across : down, true);
      words.setUint32(abi.TEAM_PARTS, parts, true);
      words.setUint32(abi.TEAM_PENDING, parts, true);
      const meeting = Math.round(share * parts);
      take(true, 0, meeting);
      take(false, meeting, parts);
      expect(out.every((value) => value === INNER)).toBe(true);
      expect(words.getUint32(abi.TEAM_PENDING, true)).toBe(0);
    },
  );
  fc.assert(property, { seed: 1, numRuns: 500 });
});
