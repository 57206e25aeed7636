import { describe, expect, it } from 'vitest';
import { isSparse, listWords, MAXIMUM_DENSITY, NonzeroWriter } from '../../src/plan/nonzeros.ts';
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
    expect(writer.write(buffer, values, 4, 0, 3)).toBe(5);
    expect(writer.write(buffer, values, 4, 3, 4)).toBe(3);
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
    expect(listWords([0, 5, 0, 0, 0, 0, 0, 0, 0, 0], 10, 0, 1)).toBe(4);
    expect(listWords(new Float32Array(20).fill(-0), 10, 0, 2)).toBe(0);
    expect(listWords([1, 2, 3, 4, 0, 0, 5, 6], 2, 1, 4)).toBe(8);
  });

  it('are not made of dense data', () => {
    const columns = 1000;
    const withEntries = (count: number): Uint8Array => new Uint8Array(columns).fill(1, 0, count);
    const most = Math.floor((columns * MAXIMUM_DENSITY) / 2) * 2;
    expect(isSparse(withEntries(most), columns)).toBe(true);
    expect(isSparse(withEntries(most + 1), columns)).toBe(false);
    expect(isSparse(withEntries(columns), columns)).toBe(false);
  });

  it('are made of large data by a sample of rows from all over', () => {
    const [rows, columns] = [30_000, 100];
    const values = new Uint8Array(rows * columns);
    values.fill(1, 0, 0.2 * values.length);
    expect(isSparse(values, columns)).toBe(true);
    values.fill(1, 0.8 * values.length);
    expect(isSparse(values, columns)).toBe(false);
  });
});
