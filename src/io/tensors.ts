import { suggestion } from '../errors.ts';
import { quote, shapeText } from './errors.ts';
import type { StateDict, StateTensor } from './safetensors.ts';

/** A tensor that is expected. */
export interface TensorShape {
  readonly name: string;
  readonly shape: readonly number[];
}

/** At most so many names are listed in a message. */
const LISTED_NAMES = 12;

/**
 * Takes exactly the expected tensors out of a file: none may be missing, left over, of another shape or type, or have a value that is
 * not finite.
 *
 * @param error - makes the error of a problem
 * @param anyNumber - values may be infinite or NaN
 * @returns their values, in the order of `expected`
 */
export function takeTensors(
  expected: readonly TensorShape[],
  tensors: StateDict,
  error: (problem: string) => Error,
  anyNumber: boolean = false,
): Float32Array[] {
  const names = new Set(expected.map(({ name }) => name));
  const given = Object.keys(tensors);
  const extra = given.filter((name) => !names.has(name));
  const values = expected.map(({ name, shape }) => {
    if (Object.hasOwn(tensors, name))
      return takeTensor(tensors[name]!, name, shape, error, anyNumber);
    throw error(
      `${quote(name)} ${shapeText(shape)} is missing.${suggestion(name, extra.slice(0, LISTED_NAMES))} Tensors in it: ${list(given)}.`,
    );
  });
  if (extra.length === 0) return values;
  throw error(
    `${list(extra)}: there is no such parameter. Parameters of the network: ${list([...names])}.`,
  );
}

function takeTensor(
  { shape, values }: StateTensor,
  name: string,
  expected: readonly number[],
  error: (problem: string) => Error,
  anyNumber: boolean,
): Float32Array {
  if (shape.length !== expected.length || shape.some((size, axis) => size !== expected[axis])) {
    throw error(
      `${quote(name)}: expected shape ${shapeText(expected)}, got ${shapeText(shape.slice(0, 8))}.`,
    );
  }
  if (!(values instanceof Float32Array)) {
    throw error(
      `${quote(name)}: expected 32-bit floating point numbers (F32), got ${values.constructor.name}.`,
    );
  }
  if (anyNumber) return values;
  const index = values.findIndex((value) => !Number.isFinite(value));
  if (index < 0) return values;
  throw error(`${quote(name)}: expected finite numbers, got ${values[index]} at index ${index}.`);
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, LISTED_NAMES).map(quote).join(', ');
  const hidden = names.length - LISTED_NAMES;
  if (names.length === 0) return 'none';
  return hidden > 0 ? `${shown} and ${hidden} more` : shown;
}
