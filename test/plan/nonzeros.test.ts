import { describe, expect, it } from 'vitest';
import {
  isSparse,
  listWords,
  MAXIMUM_DENSITY,
  NonzeroWriter,
  ONE_HOT_WORDS,
  TABLE_COLUMNS,
  writeOneHotLists,
  writeToken,
} from '../../src/plan/nonzeros.ts';
import { Tensor } from '../../src/plan/tensor.ts';

describe('lists of nonzeros', () => {
  it('are pairs of column and value, an even number of them per row, that know where the second half of the columns begins', () => {
    const values = [0, 5, 0, -0, /**/ 0, 0, 0, 0, /**/ 1, 0, 2, 0, /**/ 1, 2, -3, 0];
    const buffer = new ArrayBuffer(512);
    const table = new Tensor('lists', 4, TABLE_COLUMNS);
    table.address = 64;
    const lists = new Tensor('nonzeros', 1, 16);
    lists.address = 256;
    const writer = new NonzeroWriter(table, lists);
    expect(writer.write(buffer, values, 4, 0, 3)).toBe(5);
    expect(writer.write(buffer, values, 4, 3, 4)).toBe(3);
    const addresses = Array.from({ length: 4 }, (_, row) => [
      ...new Uint32Array(buffer, 64 + row * 16, TABLE_COLUMNS),
    ]);
    expect(addresses).toEqual([
      [256, 272, 272],
      [272, 272, 272],
      [272, 288, 280],
      [288, 320, 304],
    ]);
    const entries = Array.from({ length: 9 }, (_, entry) => [
      new Uint32Array(buffer)[64 + 2 * entry],
      new Float32Array(buffer)[65 + 2 * entry],
    ]);
    const [first, third, fourth] = [
      [1, 5, 1, 0],
      [0, 1, 2, 2],
      [0, 1, 1, 2, 2, -3, 2, 0],
    ];
    const behind = [0, 0];
    expect(entries.flat()).toEqual([...first!, ...third!, ...fourth!, ...behind]);
  });

  it('of tokens have their one entry in the half that their number is in', () => {
    const buffer = new ArrayBuffer(512);
    const lists = new Tensor('one-hot lists', 3, ONE_HOT_WORDS);
    lists.address = 256;
    writeOneHotLists(buffer, lists);
    const words = new Uint32Array(buffer);
    const one = new Uint32Array(Float32Array.of(1).buffer)[0];
    expect([...words.subarray(64, 76)]).toEqual([0, one, 0, 0, 1, one, 1, 0, 2, one, 2, 0]);
    const table = new Tensor('tokens', 3, TABLE_COLUMNS);
    table.address = 64;
    for (const [row, token] of [2, 0, 1].entries()) writeToken(words, table, row, lists, token);
    expect(
      Array.from({ length: 3 }, (_, row) => [...words.subarray(16 + 4 * row, 19 + 4 * row)]),
    ).toEqual([
      [288, 304, 288],
      [256, 272, 272],
      [272, 288, 288],
    ]);
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
