import { describe } from '../errors.ts';

/** The array of an IDX file. */
export interface IdxArray {
  /** Lengths of the dimensions: `[60000, 28, 28]` for the training images of MNIST. */
  readonly shape: readonly number[];
  /** The elements, the last dimension varying fastest. */
  readonly values: IdxValues;
}

/** Elements as the file types them. */
export type IdxValues =
  Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;

/** A checked header. */
interface Header {
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** Bytes of the header, and of the whole file. */
  readonly headerBytes: number;
  readonly totalBytes: number;
}

interface ElementType {
  readonly bytes: number;
  /** Reads `count` elements, big-endian, at `offset`. */
  read(view: DataView, offset: number, count: number): IdxValues;
}

/** By the third byte of the file. */
const elementTypes: Readonly<Record<number, ElementType>> = {
  0x08: bytesAs(Uint8Array),
  0x09: bytesAs(Int8Array),
  0x0b: numbersAs(Int16Array, (view, at) => view.getInt16(at)),
  0x0c: numbersAs(Int32Array, (view, at) => view.getInt32(at)),
  0x0d: numbersAs(Float32Array, (view, at) => view.getFloat32(at)),
  0x0e: numbersAs(Float64Array, (view, at) => view.getFloat64(at)),
};

/** A file may not claim more, so that a few bytes cannot make the memory full when they are unzipped. */
const MAXIMUM_BYTES = 2 ** 30;

/**
 * Reads an IDX file, the format of MNIST: two zero bytes, the element type, the number of dimensions, then the length of each dimension
 * and the elements, all big-endian.
 *
 * @param file - its bytes, gzipped or not; bytes as elements are not copied unless they are unzipped
 * @throws {TypeError} for something else than bytes
 * @throws {RangeError} for a file that is not IDX, is longer or shorter than its header says, larger than 1 GiB, or damaged
 * @example
 * ```ts
 * const file = Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6);
 * const { shape, values } = await readIdx(file);
 * shape; // [2, 3]
 * values; // Uint8Array.of(1, 2, 3, 4, 5, 6)
 * ```
 */
export async function readIdx(file: Uint8Array | ArrayBuffer): Promise<IdxArray> {
  const bytes = file instanceof ArrayBuffer ? new Uint8Array(file) : file;
  if (!(bytes instanceof Uint8Array)) {
    throw new TypeError(`idx: expected the bytes of a file, got ${describe(file)}.`);
  }
  const isGzipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return parse(isGzipped ? await gunzip(bytes) : bytes);
}

function parse(bytes: Uint8Array): IdxArray {
  const header = readHeader(bytes);
  if (!header) throw new RangeError('idx: the file ends inside its header.');
  checkLength(bytes.length, header);
  const { type, shape, headerBytes } = header;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = (header.totalBytes - headerBytes) / type.bytes;
  return { shape, values: type.read(view, headerBytes, count) };
}

/** Checks and reads a header; undefined when more bytes are needed. */
function readHeader(bytes: Uint8Array): Header | undefined {
  if (bytes.length < 4) return undefined;
  const [zero, zeroToo, code, dimensions] = bytes as unknown as [number, number, number, number];
  const type = elementTypes[code];
  if (zero !== 0 || zeroToo !== 0 || !type || dimensions === 0) {
    const start = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0'));
    throw new RangeError(
      `idx: expected two zero bytes, an element type (08, 09, 0b, 0c, 0d, 0e) and a number of dimensions, got ${start.join(' ')}. ` +
        'This is no IDX file.',
    );
  }
  const headerBytes = 4 + 4 * dimensions;
  if (bytes.length < headerBytes) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, headerBytes);
  const shape = Array.from({ length: dimensions }, (_, d) => view.getUint32(4 + 4 * d));
  const totalBytes = shape.reduce((product, length) => product * length, type.bytes) + headerBytes;
  if (totalBytes > MAXIMUM_BYTES) {
    throw new RangeError(
      `idx: the header claims ${shape.join(' × ')} elements, more than ${MAXIMUM_BYTES} bytes. The file is damaged, or too large to be read at once.`,
    );
  }
  return { type, shape, headerBytes, totalBytes };
}

function checkLength(length: number, { shape, headerBytes, totalBytes }: Header): void {
  if (length === totalBytes) return;
  throw new RangeError(
    `idx: expected ${totalBytes - headerBytes} bytes of data (${shape.join(' × ')}), got ` +
      `${length > totalBytes ? 'more' : length - headerBytes}. The file is damaged or incomplete.`,
  );
}

/** Unzips a file, and stops as soon as it is longer than its header says. */
async function gunzip(bytes: Uint8Array): Promise<Uint8Array> {
  const { readable, writable } = new DecompressionStream('gzip');
  const writer = writable.getWriter();
  // Failures to write show in what is read.
  writer.write(bytes as Uint8Array<ArrayBuffer>).catch(() => {});
  writer.close().catch(() => {});
  const pieces: Uint8Array[] = [];
  let length = 0;
  let header: Header | undefined;
  const reader = readable.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(damaged);
      if (done) return concatenate(pieces, length);
      pieces.push(value);
      length += value.length;
      header ??= readHeader(concatenate(pieces, length));
      if (header && length > header.totalBytes) checkLength(length, header);
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function damaged(cause: unknown): never {
  throw new RangeError('idx: the file cannot be unzipped, it is damaged or incomplete.', { cause });
}

function concatenate(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** Elements of one byte, without a copy. */
function bytesAs(Values: typeof Uint8Array | typeof Int8Array): ElementType {
  return {
    bytes: 1,
    read: ({ buffer, byteOffset }, offset, count) =>
      new Values(buffer as ArrayBuffer, byteOffset + offset, count),
  };
}

function numbersAs(
  Values: typeof Int16Array | typeof Int32Array | typeof Float32Array | typeof Float64Array,
  get: (view: DataView, at: number) => number,
): ElementType {
  const bytes = Values.BYTES_PER_ELEMENT;
  return {
    bytes,
    read(view, offset, count) {
      const values = new Values(count);
      for (let index = 0; index < count; index++) values[index] = get(view, offset + index * bytes);
      return values;
    },
  };
}
