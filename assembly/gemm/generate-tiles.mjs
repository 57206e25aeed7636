/**
 * Writes the loops of the matrix product for `generate.mjs`.
 *
 * A tile of m rows and n columns is one loop over k with m·n/4 accumulators that never leave their registers. V8 gives
 * 15 vector registers and reorders nothing, so the form of the loop decides its speed:
 *
 * - at most 10 accumulators: with a row of B, one value of A and one product the registers are full, and a single
 *   spill halves the speed. A fused multiply-add has no product to hold, which leaves room for 12;
 * - a loop that tests first, advances the pointers next and loads last; k is not unrolled;
 * - nothing but stores after the loop;
 * - literal load offsets (asc accepts no others), which is why the tiles are generated.
 *
 * Every instruction in the loop costs: with A interleaved a tile has one pointer to A instead of one for each row.
 */

/** How a tile reads A; what stands between the pointers c, cStride, from, fromStride and b, bStep, inner. */
export const LAYOUTS = {
  rows: {
    tile: 'tile',
    panel: 'panel',
    multiply: 'multiply',
    pointers: ['a', 'aStride'],
    comment: 'aᵢₖ at a + i · aStride + 4k',
  },
  interleaved: {
    tile: 'interleaved',
    panel: 'groups',
    multiply: 'multiplyInterleaved',
    pointers: ['a', 'aStep'],
    comment: 'aᵢₖ at a + 4i + k · aStep',
  },
};

export const range = (count) => Array.from({ length: count }, (_, index) => index);
export const indent = (lines) => lines.map((line) => `  ${line}`);
const offset = (bytes) => (bytes === 0 ? '' : `, ${bytes}`);

/** The first lines of a function without result. */
export function signature(functionName, parameters) {
  return [
    `export function ${functionName}(`,
    ...indent(parameters.map((parameter) => `${parameter},`)),
    '): void {',
  ];
}

/** The parameters of a tile. */
export const pointersOf = (layout) => [
  'c',
  'cStride',
  'from',
  'fromStride',
  ...layout.pointers,
  'b',
  'bStep',
  'inner',
];

/** The loop over k of a tile whose rows of A have a pointer each. */
function rowsLoop(rows, multiplyRow) {
  const pointers = range(rows).map((row) => `a${row}`);
  return [
    'let a0 = a - 4;',
    ...pointers.slice(1).map((pointer, row) => `let ${pointer} = a${row} + aStride;`),
    'b -= bStep;',
    'const end = a0 + (inner << 2);',
    'while (a0 != end) {',
    ...indent([
      ...pointers.map((pointer) => `${pointer} += 4;`),
      'b += bStep;',
      ...multiplyRow((row) => `a${row}`),
    ]),
    '}',
  ];
}

/** The loop over k of a tile whose rows of A are next to each other. */
function interleavedLoop(rows, multiplyRow) {
  return [
    'a -= aStep;',
    'b -= bStep;',
    'const end = a + inner * aStep;',
    'while (a != end) {',
    ...indent(['a += aStep;', 'b += bStep;', ...multiplyRow((row) => `a${offset(4 * row)}`)]),
    '}',
  ];
}

/** A register tile; `add` writes how an accumulator grows. */
export function tile(add, layout, rows, columns) {
  const vectors = range(columns / 4);
  const eachRow = (body) => range(rows).flatMap(body);
  const nextRow = (pointer, row) => (row < rows - 1 ? [`${pointer} += ${pointer}Stride;`] : []);
  const multiplyRow = (address) => [
    ...vectors.map((v) => `const b${v} = v128.load(b${offset(16 * v)});`),
    ...eachRow((row) => [
      `${row === 0 ? 'let ' : ''}splat = v128.load32_splat(${address(row)});`,
      ...vectors.map((v) => `c${row}${v} = ${add(`c${row}${v}`, 'splat', `b${v}`)};`),
    ]),
  ];
  return [
    `/** C[${rows}, ${columns}], ${layout.comment} */`,
    ...signature(
      `${layout.tile}${rows}x${columns}`,
      pointersOf(layout).map((pointer) => `${pointer}: usize`),
    ),
    ...indent([
      ...eachRow((row) => [
        ...vectors.map((v) => `let c${row}${v} = v128.load(from${offset(16 * v)});`),
        ...nextRow('from', row),
      ]),
      ...(layout === LAYOUTS.rows ? rowsLoop : interleavedLoop)(rows, multiplyRow),
      ...eachRow((row) => [
        ...vectors.map((v) => `v128.store(c, c${row}${v}${offset(16 * v)});`),
        ...nextRow('c', row),
      ]),
    ]),
    '}',
    '',
  ];
}

export const OUTER_POINTERS = ['c', 'cStride', 'from', 'fromStride', 'a', 'b'];

/** The product of a column and a row: B stays in the registers, C passes. */
export function outer(add, columns) {
  const vectors = range(columns / 4);
  return [
    `/** C[rows, ${columns}] for inner = 1, a of one row after the other at a + 4i */`,
    ...signature(`outer${columns}`, [
      'rows: i32',
      ...OUTER_POINTERS.map((pointer) => `${pointer}: usize`),
    ]),
    ...indent([
      ...vectors.map((v) => `const b${v} = v128.load(b${offset(16 * v)});`),
      'c -= cStride;',
      'from -= fromStride;',
      'a -= 4;',
      'const end = a + (rows << 2);',
      'while (a != end) {',
      ...indent([
        'a += 4;',
        'c += cStride;',
        'from += fromStride;',
        'const splat = v128.load32_splat(a);',
        ...vectors.map((v) => {
          const sum = add(`v128.load(from${offset(16 * v)})`, 'splat', `b${v}`);
          return `v128.store(c, ${sum}${offset(16 * v)});`;
        }),
      ]),
      '}',
    ]),
    '}',
    '',
  ];
}
