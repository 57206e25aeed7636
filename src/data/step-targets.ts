import { describe } from '../errors.ts';
import { flatRows, type FlatValues } from './features.ts';
import type { DataShape } from './reader.ts';
import type { SequenceRows } from './sequences.ts';
import { readTargets, type TargetRows } from './targets.ts';

/**
 * Reads targets per step: for each example an array with one target per step, as for examples without time; or a flat typed
 * array, example after example. With `lengths`, targets of padding are ignored and may be missing; without, there is no padding.
 *
 * @throws {TypeError | RangeError} as for targets of examples, and for an example with fewer or more targets than steps
 */
export function readStepTargets(
  y: unknown,
  { steps, lengths, lengthsGiven }: SequenceRows,
  shape: DataShape,
  where: string,
): TargetRows {
  const examples = lengths.length;
  const rows = examples * steps;
  const targets = [...lengths.entries()].flatMap(([index, length]) => {
    // What has ended in an earlier batch has no targets.
    if (length === 0) return [];
    const own = readTargets(
      targetsOf(y, index, { examples, steps, length, lengthsGiven, outputs: shape.outputs }, where),
      length,
      shape,
      `${where}[${index}]`,
    );
    return [{ index, own }];
  });
  const labels = new Uint32Array(rows);
  if (targets.every(({ own }) => own.kind === 'labels')) {
    for (const { index, own } of targets) {
      if (own.kind === 'labels') labels.set(own.labels, index * steps);
    }
    return { kind: 'labels', rows, labels };
  }
  const columns = shape.outputs;
  const values = new Float32Array(rows * columns);
  for (const { index, own } of targets) {
    if (own.kind === 'labels') {
      throw new TypeError(`${where}: expected labels or values throughout, got both.`);
    }
    values.set(own.values, index * steps * columns);
  }
  return { kind: 'values', rows, columns, values };
}

/** The time axis of one example and its targets. */
interface StepsOfExample {
  readonly examples: number;
  readonly steps: number;
  readonly length: number;
  readonly lengthsGiven: boolean;
  readonly outputs: number;
}

/** The targets of the valid steps of one example. */
function targetsOf(y: unknown, index: number, size: StepsOfExample, where: string): unknown {
  const { examples, steps, length, outputs } = size;
  if (ArrayBuffer.isView(y)) {
    const { values } = flatRows(y, 1, where);
    const width = values.length === examples * steps ? 1 : outputs;
    if (values.length !== examples * steps * width) {
      throw new RangeError(
        `${where}: expected ${examples} × ${steps} targets, one for each step, got ${values.length} numbers.`,
      );
    }
    return values.subarray(index * steps * width, (index * steps + length) * width);
  }
  const own: unknown = Array.isArray(y) && y.length === examples ? y[index] : undefined;
  if (!Array.isArray(own) && !ArrayBuffer.isView(own)) {
    throw new TypeError(
      `${where}: expected for each of the ${examples} sequences an array with one target per step, got ${describe(own ?? y)}.`,
    );
  }
  if (ArrayBuffer.isView(own)) {
    const values = own as FlatValues;
    const width = values.length >= length * outputs ? outputs : 1;
    checkCount(values.length / width, size, `${where}[${index}]`);
    return values.subarray(0, length * width);
  }
  checkCount(own.length, size, `${where}[${index}]`);
  return own.slice(0, length);
}

/** Throws unless there is a target for each step, and none beyond them but those of padding. */
function checkCount(
  count: number,
  { steps, length, lengthsGiven }: StepsOfExample,
  where: string,
): void {
  const most = lengthsGiven ? steps : length;
  if (Number.isInteger(count) && count >= length && count <= most) return;
  const expected =
    most === length
      ? `${length} targets, one for each step of its sequence`
      : `${length} targets, one for each valid step, or up to ${most} with those of padding`;
  const mend = lengthsGiven
    ? 'Make y as long as x or as its lengths say.'
    : 'Make y as long as x, or pad both and give lengths.';
  throw new RangeError(`${where}: expected ${expected}, got ${count}. ${mend}`);
}
