import fc from 'fast-check';
import { expect, it } from 'vitest';
import { largestMagnitude, readFeatures } from '../../src/data/features.ts';

const numbers = fc.float({ noNaN: true, noDefaultInfinity: true });
const rowsOf = (columns: number): fc.Arbitrary<number[]> =>
  fc
    .array(fc.array(numbers, { minLength: columns, maxLength: columns }), { minLength: 1 })
    .map((rows) => rows.flat());

it('finds the largest absolute value wherever it is', () => {
  const values = fc.array(numbers, { maxLength: 40 });
  fc.assert(
    fc.property(values, (values) => {
      const truth = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      expect(largestMagnitude(Float32Array.from(values))).toBe(truth);
      expect(largestMagnitude(Float64Array.from(values))).toBe(truth);
    }),
  );
  expect(largestMagnitude(Int8Array.of(3, -128, 127, 1, 0))).toBe(128);
});

it.each([
  ['f32', Float32Array, [NaN, Infinity, -Infinity]],
  ['f64', Float64Array, [NaN, Infinity, -Infinity, 3.5e38, -1e300]],
] as const)('names the place of a number in %s that is not finite', (_, Values, wrong) => {
  fc.assert(
    fc.property(
      rowsOf(3),
      fc.nat(),
      fc.constantFrom<number>(...wrong),
      (values, position, number) => {
        const index = position % values.length;
        const x = Values.from(values.with(index, number));
        const [row, column] = [Math.floor(index / 3), index % 3];
        const message = `x: row ${row}, column ${column} is ${number}`;
        expect(readFeatures(Values.from(values), 3, undefined, 'x').rows).toBe(values.length / 3);
        expect(() => readFeatures(x, 3, undefined, 'x')).toThrow(message);
      },
    ),
  );
});
