import { columnNames, type FeatureSpec } from '../nn/input.ts';
import type { EncodedExamples } from './encoded.ts';
import type { FlatValues } from './features.ts';
import type { DataShape } from './reader.ts';

/**
 * The numbers of a data set, once they are known to mean to the network what they mean to the data set: same columns, same
 * categories, and class indices in the order of the network's classes.
 *
 * @param where - path of the data set in the caller's code
 * @throws {RangeError} naming the first column, category or class that differs
 */
export function matchDataset(
  data: EncodedExamples,
  shape: DataShape,
  where: string,
): { x: FlatValues; y: FlatValues } {
  if (data.features && shape.features) checkColumns(data.features, shape.features, where);
  const width = widthFor(shape);
  if (width !== undefined && data.width !== width) {
    throw new RangeError(
      `${where}: the data set has ${data.width} feature columns, the network takes ${width}. ` +
        'Make the network with input: data.input.',
    );
  }
  const { x, y, classes } = data;
  if (!classes || !shape.classes) return { x, y };
  return { x, y: translate(y, classes, shape.classes, where) };
}

/** Numbers per example, those of all steps of a sequence; undefined when sequences may differ in length. */
function widthFor({ inputs, sequence }: DataShape): number | undefined {
  if (!sequence) return inputs;
  return sequence.steps && sequence.steps * (sequence.tokens ? 1 : inputs);
}

function checkColumns(
  data: readonly FeatureSpec[],
  network: readonly FeatureSpec[],
  where: string,
): void {
  const [names, expected] = [columnNames(data), columnNames(network)];
  const column = names.findIndex((name, index) => name !== expected[index]);
  if (column < 0) return;
  throw new RangeError(
    `${where}: feature column ${column} is '${names[column]}', but the network ` +
      `${column < expected.length ? `was made for '${expected[column]}'` : `takes only ${expected.length}`}. ` +
      'Make the data set with features: net.spec.input.features, so that it is encoded in the same way.',
  );
}

/** Class indices of a data set as those of the network. */
function translate(
  y: FlatValues,
  from: readonly string[],
  to: readonly string[],
  where: string,
): FlatValues {
  if (from.join('\n') === to.join('\n')) return y;
  const indices = from.map((name) => to.indexOf(name));
  return Uint32Array.from(y, (index, row) => {
    const translated = indices[index]!;
    if (translated >= 0) return translated;
    throw new RangeError(
      `${where}: example ${row} has class '${from[index]}', which the network does not know. Its classes: ${to.join(', ')}.`,
    );
  });
}
