import { expect } from 'vitest';
import type { Core } from '../../../src/core/core.ts';
import { Arena } from '../arena.ts';
import { type KernelCase, type Output, PADDING, Random, type Shape } from './case.ts';

/** Lays out a case, runs it once and returns the arena together with what it should contain. */
export function runCase(core: Core, kernelCase: KernelCase, shape: Shape, seed: number) {
  const arena = new Arena(core);
  const prepared = kernelCase.prepare(arena, shape, new Random(seed));
  const complete = arena.run([prepared.instruction]);
  return { arena, prepared, complete };
}

/** Runs a case and checks values, padding, registers, and that nothing else has changed. */
export function checkCase(core: Core, kernelCase: KernelCase, shape: Shape, seed: number): void {
  const { arena, prepared, complete } = runCase(core, kernelCase, shape, seed);
  expect(complete).toBe(1);
  for (const output of prepared.outputs) checkOutput(arena, output);
  for (const [register, expected] of prepared.registers ?? []) {
    expect(arena.register(register)).toBe(expected);
  }
  expect(arena.changedOutside(prepared.outputs.map(({ matrix }) => matrix))).toEqual([]);
}

function checkOutput(arena: Arena, { matrix, expected, units, padding }: Output): void {
  const got = arena.read(matrix);
  got.forEach((row, i) => {
    row.forEach((value, j) => expectClose(value, expected[i][j], units, `[${i}, ${j}]`));
  });
  const isPadding = {
    zero: (value: number): boolean => value === 0,
    kept: (value: number): boolean => value === PADDING || value === 0,
    finite: Number.isFinite,
  };
  expect(arena.padding(matrix).filter((value) => !isPadding[padding](value))).toEqual([]);
}

/** |got − expected| ≤ units · 2⁻²⁴ · max(1, |expected|); equal when units is 0. */
export function expectClose(got: number, expected: number, units: number, where: string): void {
  const bound = units * 2 ** -24 * Math.max(1, Math.abs(expected));
  const isClose = units === 0 ? Object.is(got, expected) : Math.abs(got - expected) <= bound;
  if (!isClose) expect.fail(`${where}: expected ${expected} within ${bound}, got ${got}`);
}
