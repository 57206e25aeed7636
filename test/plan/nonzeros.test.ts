import { describe, expect, it } from 'vitest';
import { MAXIMUM_DENSITY, NonzeroWriter, sparseWords } from '../../src/plan/nonzeros.ts';
import { Tensor } from '../../src/plan/tensor.ts';

describe('lists of nonzeros', () => {
  it('are pairs of column and value, an even number of them per row', () => {
    const values = [0, 5, 0, -0, /**/ 0, 0, 0, 0, /**/ 1, 0, 2, 0, /**/ 1, 2, -3, 0];
    const buffer = new ArrayBuffer(512);
    const table = new Tensor('lists', 4, 2);
    table.address = 64;
    const lists = new Tensor('nonzeros', 1, 16);
    lists.address = 256;
    const writer = new NonzeroWriter(table, lists);
    writer.write(buffer, values, 4, 0, 3);
    writer.write(buffer, values, 4, 3, 4);
    const addresses = Array.from({ length: 4 }, (_, row) => [
      ...new Uint32Array(buffer, 64 + row * 16, 2),
    ]);
    expect(addresses).toEqual([
      [256, 272],
      [272, 272],
      [272, 288],
      [288, 320],
    ]);
    const entries = Array.from({ length: 9 }, (_, entry) => [
      new Uint32Array(buffer)[64 + 2 * entry],
      new Float32Array(buffer)[65 + 2 * entry],
    ]);
    const [first, third, fourth] = [
      [1, 5, 0, 0],
      [0, 1, 2, 2],
      [0, 1, 1, 2, 2, -3, 0, 0],
    ];
    const behind = [0, 0];
    expect(entries.flat()).toEqual([...first!, ...third!, ...fourth!, ...behind]);
  });

  it('take two words per entry', () => {
    expect(sparseWords([0, 5, 0, 0, 0, 0, 0, 0, 0, 0], 10)).toBe(4);
    expect(sparseWords(new Float32Array(20).fill(-0), 10)).toBe(0);
  });

  it('are not made of dense data', () => {
    const columns = 1000;
    const withEntries = (count: number): Uint8Array => new Uint8Array(columns).fill(1, 0, count);
    const most = Math.floor((columns * MAXIMUM_DENSITY) / 2) * 2;
    expect(sparseWords(withEntries(most), columns)).toBe(2 * most);
    expect(sparseWords(withEntries(most + 1), columns)).toBeUndefined();
    expect(sparseWords(withEntries(columns), columns)).toBeUndefined();
  });
});
