import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as abi from '../../src/core/abi.ts';
import type { Core } from '../../src/core/core.ts';
import { createSimdCore } from '../../src/core/instance.ts';
import { JsCore } from '../../src/core/js/core.ts';
import { Arena } from './arena.ts';
import { record, type Shape } from './cases/case.ts';
import { epochCases } from './cases/epoch.ts';
import { forwardCases } from './cases/forward.ts';
import { gradientCases } from './cases/gradient.ts';
import { randomCases } from './cases/random.ts';
import { recurrentCases } from './cases/recurrent.ts';
import { checkCase, runCase } from './cases/run.ts';
import { sparseCases } from './cases/sparse.ts';
import { stepCases } from './cases/steps.ts';
import { trainingCases } from './cases/training.ts';

const js = new JsCore();
const simd = createSimdCore();
const cases = [
  ...forwardCases,
  ...sparseCases,
  ...trainingCases,
  ...gradientCases,
  ...randomCases,
  ...epochCases,
  ...stepCases,
  ...recurrentCases,
];

/** Nothing, one, one below, at and above a vector, several vectors and a rest; compact and padded; both places of out. */
const shapes: Shape[] = [0, 1, 3].flatMap((rows) =>
  [1, 3, 4, 5, 14].flatMap((columns) => [
    { rows, columns, extra: 0, inPlace: false },
    { rows, columns, extra: 2, inPlace: true },
  ]),
);

describe.each([js, simd])('the $name core', (core) => {
  describe.each(cases)('$name', (kernelCase) => {
    test.each(shapes)('$rows × $columns, $extra extra vectors, in place: $inPlace', (shape) => {
      checkCase(core, kernelCase, shape, shape.rows * 100 + shape.columns);
    });
  });
  interpreterSuite(core);
  specialValuesSuite(core);
});

function interpreterSuite(core: Core): void {
  test('runs the program repeatedly, each time on the next examples', () => {
    const arena = new Arena(core);
    const a = arena.matrix([[1], [2], [3], [4], [5]], 1);
    const b = arena.words([4, 2, 0, 1]);
    const batch = arena.matrix([[0], [0]], 1);
    const out = arena.vector([0]);
    const strides = { outStride: batch.stride, aStride: a.stride };
    const gather = { b, rows: 2, columns: 1, ...strides };
    const complete = arena.run(
      [
        { opcode: abi.OP_GATHER_ROWS, out: batch.address, a: a.address, ...gather },
        { opcode: abi.OP_COLUMN_SUMS, out: out.address, a: batch.address, ...gather },
        { opcode: abi.OP_NEXT_STEP, rows: 2 },
      ],
      2,
    );
    expect(complete).toBe(2);
    expect(arena.read(out)).toEqual([[3]]);
    expect(arena.register(abi.STATE_CURSOR)).toBe(4);
    expect(arena.register(abi.STATE_STEP)).toBe(2);
  });

  test('does nothing for no records and no repeats', () => {
    const arena = new Arena(core);
    expect(arena.run([], 3)).toBe(3);
    expect(arena.run([{ opcode: abi.OP_NEXT_STEP, rows: 1 }], 0)).toBe(0);
    expect(arena.register(abi.STATE_STEP)).toBe(0);
  });

  test.each([NaN, Infinity, -Infinity])('ends before the update when a cost is %d', (bad) => {
    const arena = new Arena(core);
    const costs = arena.vector([1, bad, 2]);
    const addCost = { opcode: abi.OP_ADD_COST, a: costs.address, rows: 3 };
    const nextStep = { opcode: abi.OP_NEXT_STEP, rows: 1 };
    expect(arena.run([{ ...addCost, kind: 1 }, nextStep], 4)).toBe(0);
    expect(arena.register(abi.STATE_COST)).toBe(bad);
    expect(arena.register(abi.STATE_STOP)).toBe(abi.STOP_COST);
    expect(arena.register(abi.STATE_EXAMPLES)).toBe(3);
    expect(arena.register(abi.STATE_STEP)).toBe(0);
    expect(arena.run([addCost, nextStep], 4)).toBe(4);
    expect(arena.register(abi.STATE_STEP)).toBe(4);
  });

  test('counts the repeats before a cost ceased to be finite', () => {
    const arena = new Arena(core);
    const a = arena.matrix([[1], [2], [Infinity]], 1);
    const cost = arena.vector([0]);
    const complete = arena.run(
      [
        {
          opcode: abi.OP_GATHER_ROWS,
          out: cost.address,
          a: a.address,
          b: arena.words([0, 1, 2]),
          rows: 1,
          columns: 1,
          outStride: 4,
          aStride: 4,
        },
        { opcode: abi.OP_ADD_COST, a: cost.address, rows: 1, kind: 1 },
        { opcode: abi.OP_NEXT_STEP, rows: 1 },
      ],
      3,
    );
    expect(complete).toBe(2);
  });

  test('repeats a part of the program, then goes on behind it', () => {
    const step = { opcode: abi.OP_NEXT_STEP, rows: 10 };
    const epoch = { opcode: abi.OP_BEGIN_EPOCH };
    for (const times of [0, 1, 5]) {
      const arena = new Arena(core);
      const repeat = { opcode: abi.OP_REPEAT, rows: times, columns: 2 };
      expect(arena.run([epoch, repeat, step, step, { ...step, rows: 1 }], 3)).toBe(3);
      expect(arena.register(abi.STATE_STEP)).toBe(3 * (2 * times + 1));
      expect(arena.register(abi.STATE_CURSOR)).toBe(20 * times + 1);
      expect(arena.register(abi.STATE_EPOCH)).toBe(3);
    }
  });

  test('ends in the midst of a repeated part when a cost is not finite', () => {
    const arena = new Arena(core);
    const costs = arena.vector([Infinity]);
    const addCost = { opcode: abi.OP_ADD_COST, a: costs.address, rows: 1, kind: 1 };
    const step = { opcode: abi.OP_NEXT_STEP, rows: 1 };
    const repeat = { opcode: abi.OP_REPEAT, rows: 9, columns: 2 };
    expect(arena.run([step, repeat, step, addCost, step], 3)).toBe(0);
    expect(arena.register(abi.STATE_STEP)).toBe(2);
  });

  test.each([
    ['momentum', abi.OP_MOMENTUM],
    ['nesterov', abi.OP_NESTEROV],
    ['adam', abi.OP_ADAM],
    ['adamw', abi.OP_ADAMW],
    ['rmsprop', abi.OP_RMSPROP],
  ])('%s moments without gradients decay to 0, never to subnormal numbers', (_, opcode) => {
    const arena = new Arena(core);
    const count = 12;
    arena.setRegister(abi.STATE_LEARNING_RATE, 0.001);
    arena.setRegister(abi.STATE_MOMENTUM, 0.9);
    arena.setRegister(abi.STATE_BETA1, 0.9);
    arena.setRegister(abi.STATE_BETA2, 0.5);
    arena.setRegister(abi.STATE_EPSILON, 1e-8);
    arena.setRegister(abi.STATE_RHO, 0.9);
    const gradients = arena.vector(new Array<number>(count).fill(0));
    const [parameters, first, second] = [1, 1e-3, 1e-6].map((value) =>
      arena.vector(new Array<number>(count).fill(value)),
    );
    const update = {
      opcode,
      out: parameters!.address,
      a: gradients.address,
      b: first!.address,
      c: second!.address,
      columns: count,
    };
    const smallest = 2 ** -126;
    for (let round = 0; round < 20; round++) {
      arena.run([update], 50);
      for (const value of [first!, second!].flatMap((moment) => arena.read(moment)[0]!)) {
        expect(value === 0 || Math.abs(value) >= smallest).toBe(true);
      }
    }
    expect(arena.read(first!)[0]!.every((value) => value === 0)).toBe(true);
    new Float32Array(core.buffer)[gradients.address / 4] = NaN;
    arena.run([update]);
    expect(arena.read(parameters!)[0]!.map(Number.isNaN).indexOf(false)).toBe(1);
  });

  test('squares of tiny gradients are 0 to adagrad and rmsprop, never subnormal numbers', () => {
    for (const opcode of [abi.OP_ADAGRAD, abi.OP_RMSPROP]) {
      const arena = new Arena(core);
      arena.setRegister(abi.STATE_LEARNING_RATE, 0.5);
      arena.setRegister(abi.STATE_EPSILON, 1e-8);
      arena.setRegister(abi.STATE_RHO, 0.9);
      const tiny = new Array<number>(12).fill(2 ** -70);
      const zeros = tiny.map(() => 0);
      const [out, a, b] = [arena.vector(zeros), arena.vector(tiny), arena.vector(zeros)];
      arena.run([record(opcode, out, { out, a, b })], 10);
      expect(arena.read(b)[0]).toEqual(zeros);
      // The root is 0, so each step is η g/ε, a few roundings apart.
      const step = (10 * 0.5 * 2 ** -70) / 1e-8;
      for (const p of arena.read(out)[0]) expect(Math.abs(p / -step - 1)).toBeLessThan(1e-5);
    }
  });

  test.each([0, 99, 999])('refuses opcode %d', (opcode) => {
    expect(() => new Arena(core).run([{ opcode }])).toThrow();
  });

  test('keeps its memory when it grows', () => {
    const arena = new Arena(core);
    const vector = arena.vector([1, 2, 3]);
    const before = core.buffer.byteLength;
    core.grow(before + 1);
    expect(core.buffer.byteLength).toBeGreaterThan(before);
    expect(arena.read(vector)).toEqual([[1, 2, 3]]);
    core.grow(1);
    expect(core.buffer.byteLength).toBeGreaterThan(before);
    expect(() => core.grow(2 ** 33)).toThrow(RangeError);
  });
}

function specialValuesSuite(core: Core): void {
  const kinds = forwardCases.filter(({ opcode }) => opcode === abi.OP_ACTIVATE);

  test.each(kinds)('$name keeps NaN, so that a broken network shows', ({ opcode, kind }) => {
    const arena = new Arena(core);
    const a = arena.vector([NaN, 0, NaN, -1]);
    const strides = { outStride: a.stride, aStride: a.stride };
    arena.run([{ opcode, kind, out: a.address, a: a.address, rows: 1, columns: 4, ...strides }]);
    expect(arena.read(a)[0].map(Number.isNaN)).toEqual([true, false, true, false]);
  });

  test.each([
    ['every prediction right', [[1, 2, 3]], [[0, 0, 1]], 1],
    ['the first maximum counts', [[3, 3, 1]], [[1, 0, 0]], 1],
    ['the second does not', [[3, 3, 1]], [[0, 1, 0]], 0],
    ['NaN at the target', [[NaN, 2, 3]], [[1, 0, 0]], 0],
    ['NaN elsewhere', [[NaN, 2, 3]], [[0, 0, 1]], 0],
    ['NaN everywhere', [[NaN, NaN]], [[NaN, NaN]], 0],
    ['infinities', [[-Infinity, -Infinity]], [[1, 0]], 1],
    ['one column at the threshold', [[0.75], [0.75]], [[1], [0]], 1],
    ['one column below it', [[0.5], [0.5]], [[1], [0]], 1],
    ['one column, NaN', [[NaN], [NaN]], [[1], [0]], 0],
  ])('counts correct predictions: %s', (_, values, targets, expected) => {
    const arena = new Arena(core);
    const columns = values[0].length;
    const [a, b] = [arena.matrix(values, columns), arena.matrix(targets, columns)];
    const operands = { a: a.address, b: b.address, aStride: a.stride, bStride: b.stride };
    const shape = { rows: values.length, columns };
    arena.run([{ opcode: abi.OP_COUNT_CORRECT, ...operands, ...shape, scale: 0.75 }]);
    expect(arena.register(abi.STATE_CORRECT)).toBe(expected);
  });
}

test('both cores give the same bits', () => {
  const shape = fc.record({
    rows: fc.nat(9),
    columns: fc.integer({ min: 1, max: 40 }),
    extra: fc.nat(2),
    inPlace: fc.boolean(),
  });
  const seed = fc.nat();
  for (const kernelCase of cases) {
    const property = fc.property(shape, seed, (drawn, number) => {
      const [first, second] = [js, simd].map((core) => {
        return runCase(core, kernelCase, drawn, number).arena.bits();
      });
      const difference = first.findIndex((word, i) => word !== second[i]);
      expect(difference, `${kernelCase.name}, first different word`).toBe(-1);
      expect(second.length).toBe(first.length);
    });
    fc.assert(property, { seed: 1, numRuns: 30 });
  }
});
