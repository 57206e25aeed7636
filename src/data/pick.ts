import type { FlatValues, Matrix } from './features.ts';
import type { Examples } from './reader.ts';
import type { TargetRows } from './targets.ts';

/** Some of the examples, in the order of `indices`, as copies. */
export function pickExamples(
  { x, y, weights }: Pick<Examples, 'x' | 'y' | 'weights'>,
  indices: ArrayLike<number>,
): Examples {
  const total = x.examples;
  const rows = (matrix: Matrix): Matrix => pickRows(matrix, matrix.rows / total, indices);
  const column = <T extends FlatValues>(values: T): T =>
    pickRows({ rows: values.length, columns: 1, values }, values.length / total, indices)
      .values as T;
  const { sequence } = x;
  const lengths = sequence && column(sequence.lengths);
  const picked = {
    ...x,
    ...rows(x),
    examples: indices.length,
    ...(sequence && {
      sequence: {
        ...sequence,
        lengths: lengths!,
        ...(sequence.begins && { begins: column(sequence.begins) }),
        states:
          sequence.states && new Map([...sequence.states].map(([name, m]) => [name, rows(m)])),
      },
    }),
  };
  const targets: TargetRows =
    y.kind === 'values'
      ? { kind: 'values', ...rows(y) }
      : {
          kind: 'labels',
          rows: (y.rows / total) * indices.length,
          labels: column(y.labels),
        };
  const perStep = y.rows > total;
  const predictions = perStep && lengths ? sum(lengths) : indices.length;
  return {
    x: picked,
    y: targets,
    weights: weights && column(weights),
    costs: predictions,
    predictions,
  };
}

/** The rows of some examples, `each` rows to an example. */
function pickRows({ columns, values }: Matrix, each: number, indices: ArrayLike<number>): Matrix {
  const width = each * columns;
  const Values = values.constructor as new (length: number) => FlatValues;
  const picked = new Values(indices.length * width);
  for (let place = 0; place < indices.length; place++) {
    const from = indices[place]! * width;
    picked.set(values.subarray(from, from + width), place * width);
  }
  return { rows: indices.length * each, columns, values: picked };
}

function sum(values: Uint32Array): number {
  return values.reduce((total, value) => total + value, 0);
}
