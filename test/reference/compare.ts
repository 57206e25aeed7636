import { expect } from 'vitest';

/** Largest absolute value. */
export const largest = (values: Iterable<number>): number => {
  let result = 0;
  for (const value of values) result = Math.max(result, Math.abs(value));
  return result;
};

/** Fails when a number is not finite or differs from the expected one by more than the limit; says which one and by how much. */
export function expectClose(
  got: ArrayLike<number>,
  expected: ArrayLike<number>,
  limit: number,
  what: string,
): void {
  expect(got.length, `${what}: number of values`).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(got[i]! - expected[i]!);
    if (difference <= limit) continue;
    expect.fail(`${what}[${i}]: got ${got[i]}, expected ${expected[i]} ± ${limit}`);
  }
}
