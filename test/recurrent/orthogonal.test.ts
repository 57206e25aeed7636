import { describe, expect, it } from 'vitest';
import { orthonormalColumns } from '../../src/nn/orthogonal.ts';
import { Network, dense, gru, rnn } from '../../src/index.ts';
import { randomSource } from '../reference/random.ts';

// Starting values of recurrent weights: orthonormal columns, whose bits depend on no order of the work.

const shapes = [[1, 1], [2, 1], [3, 3], [4, 4], [5, 4], [9, 9], [12, 5], [33, 31]] as const; // prettier-ignore

/** H₀ H₁ … applied to the unit vectors, one column and one reflection after the other. */
function reflected(normals: number[], rows: number, columns: number): number[] {
  const vectors = Array.from({ length: columns }, (_, k) =>
    Array.from({ length: rows }, (_row, i) => (i < k ? 0 : normals[i * columns + k]!)),
  );
  const q = new Array<number>(rows * columns).fill(0);
  for (let column = 0; column < columns; column++) {
    let x = new Array<number>(rows).fill(0);
    for (let k = columns - 1; k >= 0; k--) {
      const v = [...vectors[k]!];
      const norm = Math.sqrt(v.reduce((sum, value) => sum + value ** 2, 0));
      const sign = v[k]! < 0 ? -1 : 1;
      if (k === column) x[k] = -sign;
      if (k > column) continue;
      v[k]! += sign * norm;
      const factor = 1 / (norm * Math.abs(v[k]!));
      const projection = v.reduce((sum, value, i) => sum + value * x[i]!, 0);
      x = x.map((value, i) => value - factor * v[i]! * projection);
    }
    x.forEach((value, i) => (q[i * columns + column] = value));
  }
  return q;
}

describe.each(shapes)('%d × %d', (rows, columns) => {
  const random = randomSource(rows * 100 + columns);
  // Sums of uniform numbers: the formula does not care.
  const normals = Array.from({ length: rows * columns }, () => random() + random() - random());
  const q = orthonormalColumns(normals, rows, columns);

  it('has orthonormal columns', () => {
    for (let a = 0; a < columns; a++) {
      for (let b = 0; b <= a; b++) {
        let dot = 0;
        for (let i = 0; i < rows; i++) dot += q[i * columns + a]! * q[i * columns + b]!;
        expect(dot).toBeCloseTo(a === b ? 1 : 0, 13);
      }
    }
  });

  it('has the bits of one reflection after the other, column by column', () => {
    expect([...q].map((value) => value + 0)).toEqual(
      reflected(normals, rows, columns).map((value) => value + 0),
    );
  });

  it('has a first column that points where the numbers do', () => {
    const norm = Math.hypot(...Array.from({ length: rows }, (_, i) => normals[i * columns]!));
    for (let i = 0; i < rows; i++) {
      expect(q[i * columns]).toBeCloseTo(normals[i * columns]! / norm, 12);
    }
  });
});

it('starts recurrent weights, gate by gate', () => {
  const layers = [rnn(6, { returns: 'all' }), gru(5), dense(1)];
  using network = new Network({ input: { features: 2 }, layers, loss: 'huber', seed: 3 });
  for (const [index, units, gates] of [[0, 6, 1], [1, 5, 3]] as const) {
    const name = `layers.${index}.Wh`;
    const Wh = network.parameters.find((parameter) => parameter.name === name)!.get();
    for (let gate = 0; gate < gates; gate++) {
      const row = (i: number): Float32Array =>
        Wh.subarray((gate * units + i) * units, (gate * units + i + 1) * units);
      for (let a = 0; a < units; a++) {
        for (let b = 0; b < units; b++) {
          const dot = row(a).reduce((sum, value, j) => sum + value * row(b)[j]!, 0);
          expect(dot).toBeCloseTo(a === b ? 1 : 0, 6);
        }
      }
    }
  } // prettier-ignore
});
