/** Typed arrays that hold the values of a tensor. */
export type TensorValues =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** Name of an element type in a file. */
export type DtypeName =
  | 'BOOL'
  | 'U8'
  | 'I8'
  | 'I16'
  | 'U16'
  | 'F16'
  | 'BF16'
  | 'I32'
  | 'U32'
  | 'F32'
  | 'F64'
  | 'I64'
  | 'U64';

interface ArrayConstructor {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer): TensorValues;
}

/** The element types and the arrays that hold their bytes, in the order of the reference implementation: rising alignment. */
const arrays: Readonly<Record<DtypeName, ArrayConstructor>> = {
  BOOL: Uint8Array,
  U8: Uint8Array,
  I8: Int8Array,
  I16: Int16Array,
  U16: Uint16Array,
  F16: Uint16Array,
  BF16: Uint16Array,
  I32: Int32Array,
  U32: Uint32Array,
  F32: Float32Array,
  F64: Float64Array,
  I64: BigInt64Array,
  U64: BigUint64Array,
};

/** Types that JavaScript has no array for: they are read, and never written. */
const readOnly: readonly DtypeName[] = ['BOOL', 'F16', 'BF16'];

/** All names, from the smallest alignment to the largest. */
export const dtypeNames: readonly DtypeName[] = Object.keys(arrays) as DtypeName[];

/** Bytes per element of a type. */
export function bytesPerElement(name: DtypeName): number {
  return arrays[name].BYTES_PER_ELEMENT;
}

/** The values of a tensor, copied; F16 and BF16 become f32, which holds each of them exactly. */
export function readValues(name: DtypeName, bytes: Uint8Array): TensorValues {
  const values = new arrays[name](new Uint8Array(bytes).buffer);
  if (name === 'F16') return Float32Array.from(values as Uint16Array, fromHalf);
  if (name === 'BF16') return fromBrain(values as Uint16Array);
  return values;
}

/** The element type that a typed array is written as, or `undefined` for anything else. */
export function dtypeOf(values: unknown): DtypeName | undefined {
  return dtypeNames.find((name) => values instanceof arrays[name] && !readOnly.includes(name));
}

/** IEEE 754 binary16: 1 sign, 5 exponent and 10 fraction bits. */
function fromHalf(bits: number): number {
  const sign = bits >>> 15 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** bfloat16: the upper half of an f32. */
function fromBrain(halves: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(halves, (bits) => bits << 16).buffer);
}
