import * as abi from '../../../src/core/abi.ts';
import type { Arena, Matrix } from '../arena.ts';
import * as reference from '../reference-kernels.ts';
import type { Rows } from '../reference-kernels.ts';
import { type KernelCase, type Random, record, target } from './case.ts';

/** Inner dimension of the products: longer than a row of pairs. */
const INNER = 5;

/** Two values of three are a zero of either sign. */
const sparse = (random: Random) => (): number => [0, -0, random.value()][random.integer(3)];

/** The table of the lists of a matrix, the lists themselves being words elsewhere in the arena. */
export function lists(arena: Arena, values: Rows): Matrix {
  const table = arena.matrix(
    values.map(() => [0, 0, 0]),
    3,
    { extra: 1 },
  );
  values.forEach((row, i) => {
    const entries = [...row.entries()].filter(([, value]) => value !== 0);
    if (entries.length % 2 === 1) entries.push([entries.at(-1)![0], 0]);
    const inFirstHalf = entries.filter(([column]) => column < row.length / 2);
    const bits = (value: number): number => new Uint32Array(Float32Array.of(value).buffer)[0];
    const begin = arena.words(entries.flatMap(([column, value]) => [column, bits(value)]));
    const addresses = [begin, begin + 8 * entries.length, begin + 8 * inFirstHalf.length];
    new Uint32Array(arena.core.buffer).set(addresses, table.address / 4 + i * table.stride);
  });
  return table;
}

const sparseForward: KernelCase = {
  name: 'sparse matmul, forward',
  opcode: abi.OP_SPARSE_MATMUL,
  kind: abi.MATMUL_NN,
  prepare(arena, shape, random) {
    const { rows, columns, inPlace } = shape;
    const left = random.rows(rows, INNER, sparse(random));
    const right = random.rows(INNER, columns);
    const start = random.values(columns, () => (inPlace ? 0 : random.value()));
    const a = lists(arena, left);
    const b = arena.matrix(right, columns);
    const out = target(arena, { ...shape, inPlace: false });
    const c = inPlace ? undefined : arena.vector(start);
    return {
      instruction: record(
        this.opcode,
        shape,
        { out, a, b, ...(c && { c }) },
        { kind: abi.MATMUL_NN, inner: INNER },
      ),
      // Five products and five sums of at most 84.
      outputs: [
        {
          matrix: out,
          expected: reference.matmul(left, right, start),
          units: 10 * 84,
          padding: 'finite',
        },
      ],
    };
  },
};

const sparseGradient: KernelCase = {
  name: 'sparse matmul, weight gradient',
  opcode: abi.OP_SPARSE_MATMUL,
  kind: abi.MATMUL_TN,
  prepare(arena, shape, random) {
    const { rows, columns, extra, inPlace } = shape;
    const left = random.rows(INNER, rows, sparse(random));
    const right = random.rows(INNER, columns);
    const before = random.rows(rows, columns);
    const a = lists(arena, left);
    const b = arena.matrix(right, columns);
    const out = arena.matrix(before, columns, { extra });
    const product = reference.matmul(
      reference.transpose(left, rows),
      right,
      new Array<number>(columns).fill(0),
    );
    const expected = product.map((row, i) =>
      row.map((value, j) => value + (inPlace ? before[i][j] : 0)),
    );
    return {
      instruction: record(
        this.opcode,
        shape,
        { out, a, b, ...(inPlace && { c: out }) },
        { kind: abi.MATMUL_TN, inner: INNER },
      ),
      outputs: [{ matrix: out, expected, units: 10 * 84, padding: 'zero' }],
    };
  },
};

/** Products over the nonzeros of the left operand; that they have the bits of the dense ones is tested on its own. */
export const sparseCases: KernelCase[] = [sparseForward, sparseGradient];
