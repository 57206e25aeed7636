import { describe, expect, test } from 'vitest';
import * as abi from '../../src/core/abi.ts';
import type { CoreName } from '../../src/core/core.ts';
import { createCore } from '../../src/core/create.ts';

/** Every shape up to here in every dimension. */
const LARGEST = 40;
const AREA = LARGEST * LARGEST;

/** Numbers whose products and sums have to be rounded. */
function numbers(seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: AREA }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

const left = numbers(1);
const right = numbers(2);
const bias = numbers(3).subarray(0, LARGEST);

/**
 * The three-line loop, once for all shapes: sums ascend in k, so the product of a smaller inner dimension is what the loop holds
 * after so many rounds, and fewer rows or columns are its upper left corner.
 */
const afterRounds: Float32Array[] = [];
{
  const c = Float32Array.from({ length: AREA }, (_, index) => bias[index % LARGEST]!);
  for (let k = 0; k < LARGEST; k++) {
    for (let index = 0; index < AREA; index++) {
      const [i, j] = [Math.floor(index / LARGEST), index % LARGEST];
      c[index] = c[index]! + Math.fround(left[i * LARGEST + k]! * right[k * LARGEST + j]!);
    }
    afterRounds.push(c.slice());
  }
}

function transposed(values: Float32Array): Float32Array {
  return values.map(
    (_, index) => values[(index % LARGEST) * LARGEST + Math.floor(index / LARGEST)]!,
  );
}

const layouts = {
  NN: { kind: abi.MATMUL_NN, a: left, b: right },
  NT: { kind: abi.MATMUL_NT, a: left, b: transposed(right) },
  TN: { kind: abi.MATMUL_TN, a: transposed(left), b: right },
};

describe.each<CoreName>(['js', 'simd'])(
  'every shape from 1 to 40 on the %s core has the bits of the three-line loop',
  (name) => {
    test.each(Object.entries(layouts))('%s', (_, { kind, a, b }) => {
      const core = createCore(name);
      const bytes = AREA * 4;
      const record = core.base + abi.STATE_BYTES + abi.SCRATCH_BYTES;
      const first = record + abi.RECORD_BYTES;
      const [aAt, bAt, biasAt, outAt] = [0, 1, 2, 3].map((index) => first + index * bytes);
      core.grow(first + 4 * bytes);
      for (const [at, values] of [
        [aAt!, a],
        [bAt!, b],
        [biasAt!, bias],
      ] as const) {
        new Float32Array(core.buffer, at, values.length).set(values);
      }
      const fields = new DataView(core.buffer, record, abi.RECORD_BYTES);
      const set = (field: number, value: number): void => fields.setUint32(field, value, true);
      set(abi.FIELD_OPCODE, abi.OP_MATMUL);
      set(abi.FIELD_KIND, kind);
      set(abi.FIELD_OUT, outAt!);
      set(abi.FIELD_A, aAt!);
      set(abi.FIELD_B, bAt!);
      set(abi.FIELD_C, biasAt!);
      for (const stride of [abi.FIELD_OUT_STRIDE, abi.FIELD_A_STRIDE, abi.FIELD_B_STRIDE]) {
        set(stride, LARGEST);
      }
      const out = new Int32Array(core.buffer, outAt, AREA);
      const wrong: string[] = [];
      for (let inner = 1; inner <= LARGEST; inner++) {
        const expected = new Int32Array(afterRounds[inner - 1]!.buffer);
        set(abi.FIELD_INNER, inner);
        for (let rows = 1; rows <= LARGEST; rows++) {
          set(abi.FIELD_ROWS, rows);
          for (let columns = 1; columns <= LARGEST; columns++) {
            set(abi.FIELD_COLUMNS, columns);
            core.run(core.base, record, 1, 1);
            if (!sameCorner(out, expected, rows, columns)) {
              wrong.push(`${rows} × ${columns} × ${inner}`);
            }
          }
        }
      }
      expect(wrong).toEqual([]);
    });
  },
);

function sameCorner(out: Int32Array, expected: Int32Array, rows: number, columns: number): boolean {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      if (out[i * LARGEST + j] !== expected[i * LARGEST + j]) return false;
    }
  }
  return true;
}
