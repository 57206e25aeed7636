import { describe } from '../errors.ts';
import {
  bytesPerElement,
  type DtypeName,
  dtypeNames,
  dtypeOf,
  readValues,
  type TensorValues,
} from './dtypes.ts';
import { shapeText } from './errors.ts';
import { METADATA, readHeader, type TensorEntry, writeHeader } from './header.ts';

/** A tensor of a file: its shape, and its values row-major. */
export interface StateTensor {
  readonly shape: readonly number[];
  readonly values: TensorValues;
}

/** Tensors by name: what PyTorch calls a state dict. */
export type StateDict = Readonly<Record<string, StateTensor>>;

/** What a safetensors file holds. */
export interface SafetensorsFile {
  /** In the order of the file. */
  readonly tensors: StateDict;
  /** Texts that its writer added. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads a safetensors file, the format of Hugging Face: named tensors without code.
 *
 * Everything the file says is checked first: a damaged or hostile one is an error, and takes no more memory than its size.
 *
 * @param bytes - the whole file
 * @returns the tensors, copied, each in the typed array of its element type; F16 and BF16 as f32, which holds them exactly, BOOL as bytes
 * @throws {TypeError} when `bytes` is no Uint8Array or ArrayBuffer
 * @throws {NetworkError} `BAD_FILE`, naming what is wrong and where
 * @example
 * ```ts
 * const { tensors } = readSafetensors(net.save());
 * tensors['layers.0.b'].shape; // [3]
 * ```
 */
export function readSafetensors(bytes: Uint8Array | ArrayBuffer): SafetensorsFile {
  const file = checkBytes(bytes, 'readSafetensors');
  const { entries, metadata, dataStart } = readHeader(file);
  const tensors = entries.map(({ name, dtype, shape, begin, end }) => {
    const values = readValues(dtype, file.subarray(dataStart + begin, dataStart + end));
    return [name, { shape, values }] as const;
  });
  return { tensors: Object.fromEntries(tensors), metadata };
}

/**
 * Writes tensors as a safetensors file, byte for byte as the reference implementation orders and pads it.
 *
 * @param tensors - by name; the typed array decides the element type
 * @param metadata - texts to add to the file
 * @returns the bytes of the file
 * @throws {TypeError | RangeError} for values that are no typed array, another number of them than the shape says, or the name
 *   `__metadata__`
 * @example
 * ```ts
 * const file = writeSafetensors({ mean: { shape: [2], values: Float32Array.of(0.5, 1) } });
 * readSafetensors(file).tensors['mean'].values[1]; // 1
 * ```
 */
export function writeSafetensors(
  tensors: StateDict,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const contents = Object.entries(tensors).map(([name, tensor]) => ({
    name,
    tensor,
    dtype: checkTensor(tensor, name),
  }));
  contents.sort((a, b) => rank(b.dtype) - rank(a.dtype) || compareText(a.name, b.name));
  const entries: TensorEntry[] = [];
  let end = 0;
  for (const { name, tensor, dtype } of contents) {
    const begin = end;
    end += tensor.values.byteLength;
    entries.push({ name, dtype, shape: tensor.shape, begin, end });
  }
  const header = writeHeader(entries, metadata);
  const file = new Uint8Array(header.length + end);
  file.set(header);
  for (const [index, { tensor }] of contents.entries()) {
    const { buffer, byteOffset, byteLength } = tensor.values;
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    file.set(bytes, header.length + entries[index]!.begin);
  }
  return file;
}

/** The bytes of a file, however they came. */
export function checkBytes(bytes: unknown, where: string): Uint8Array {
  if (bytes instanceof Uint8Array) return bytes;
  if (bytes instanceof ArrayBuffer) return new Uint8Array(bytes);
  throw new TypeError(
    `${where}: expected the bytes of a file as Uint8Array or ArrayBuffer, got ${describe(bytes)}.`,
  );
}

function checkTensor(tensor: StateTensor, name: string): DtypeName {
  const where = `writeSafetensors: tensor '${name}'`;
  if (name === METADATA) throw new RangeError(`${where}: the format keeps this name for itself.`);
  const dtype = dtypeOf(tensor?.values);
  if (!dtype || !Array.isArray(tensor.shape)) {
    throw new TypeError(`${where}: expected { shape, values }, an array and a typed array.`);
  }
  const expected = tensor.shape.reduce((product: number, size: number) => product * size, 1);
  if (expected * bytesPerElement(dtype) !== tensor.values.byteLength) {
    throw new RangeError(
      `${where}: expected ${expected} values of shape ${shapeText(tensor.shape)}, got ${tensor.values.length}.`,
    );
  }
  return dtype;
}

function rank(dtype: DtypeName): number {
  return dtypeNames.indexOf(dtype);
}

/** Order of the code points, which is the order of the UTF-8 bytes; `<` would compare UTF-16 halves. */
function compareText(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const difference = left[index]!.codePointAt(0)! - right[index]!.codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
