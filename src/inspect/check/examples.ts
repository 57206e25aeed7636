import type { Examples, InputRows } from '../../data/reader.ts';
import { targetValues } from '../../data/targets.ts';
import type { Model } from '../../plan/model.ts';
import type { Normalizer } from '../../plan/normalization.ts';
import type { ReferenceExample, Steps } from '../reference/network.ts';

/** Examples for the reference network: rows of numbers in double precision, normalised, without padding, tokens as one-hot rows. */
export function referenceExamples({ x, y }: Examples, model: Model): ReferenceExample[] {
  const { examples, sequence } = x;
  const targets = targetValues(y, model.outputs, 0, y.rows);
  const rows = x.rows / examples;
  const targetRows = y.rows / examples;
  const features = featureRow(x, model);
  return Array.from({ length: examples }, (_, example) => {
    const valid = sequence?.lengths[example] ?? 1;
    const step = (row: number): readonly number[] => features(example * rows + row);
    const target = (row: number): readonly number[] =>
      rowOf(targets, example * targetRows + row, model.outputs);
    return {
      x: Array.from({ length: valid }, (_row, row) => step(row)),
      y: Array.from({ length: Math.min(targetRows, valid) }, (_row, row) => target(row)),
      states: statesOf(x, example),
    };
  });
}

function featureRow({ values, columns }: InputRows, model: Model): (row: number) => Steps[number] {
  const normalizer = model.normalization?.normalizer;
  if (model.sequence?.tokens) {
    return (row) => {
      const oneHot = new Array<number>(model.inputs).fill(0);
      oneHot[values[row]!] = 1;
      return oneHot;
    };
  }
  return (row) => {
    const features = rowOf(values, row, columns);
    return normalizer ? normalise(features, normalizer) : features;
  };
}

function rowOf(values: ArrayLike<number>, row: number, columns: number): number[] {
  return Array.from({ length: columns }, (_, column) =>
    Math.fround(values[row * columns + column]!),
  );
}

function normalise(row: readonly number[], { shift, factor }: Normalizer): number[] {
  return row.map((value, column) => (value - shift[column]!) * factor[column]!);
}

/** The initial states of one example. */
function statesOf({ sequence }: InputRows, example: number): Map<string, readonly number[]> {
  const given = [...(sequence?.states ?? [])];
  return new Map(
    given.map(([name, { values, columns }]) => [name, rowOf(values, example, columns)]),
  );
}
