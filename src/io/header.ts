import { bytesPerElement, type DtypeName, dtypeNames } from './dtypes.ts';
import { badFile, quote, shapeText } from './errors.ts';
import { parseStrictJson } from './strict-json.ts';

/** A tensor as the header of a file describes it. */
export interface TensorEntry {
  readonly name: string;
  readonly dtype: DtypeName;
  readonly shape: readonly number[];
  /** Where its bytes begin and end, counted from the end of the header. */
  readonly begin: number;
  readonly end: number;
}

/** A header that was checked against the size of its file. */
export interface Header {
  /** In the order of their bytes. */
  readonly entries: readonly TensorEntry[];
  readonly metadata: Readonly<Record<string, string>>;
  /** Where the bytes of the tensors begin in the file. */
  readonly dataStart: number;
}

/** The header is preceded by its size, an unsigned 64-bit integer. */
export const SIZE_BYTES = 8;

/** The limit of the reference implementation. */
const LARGEST_HEADER = 100_000_000;

const FILE = 'safetensors file';
/** The one name that no tensor can have. */
export const METADATA = '__metadata__';

/**
 * Reads the header of a safetensors file and checks all it says before anything is made of it: afterwards the tensors fill the rest of the
 * file without hole or overlap, and each has the size of its shape.
 *
 * @throws {NetworkError} `BAD_FILE`
 */
export function readHeader(bytes: Uint8Array): Header {
  const dataStart = SIZE_BYTES + headerSize(bytes);
  const text = decode(bytes.slice(SIZE_BYTES, dataStart));
  const header = parseStrictJson(text, `${FILE}: header`) as Record<string, unknown>;
  const { [METADATA]: metadata = {}, ...tensors } = header;
  const entries = Object.entries(tensors).map(([name, value]) => readEntry(name, value));
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkCover(entries, bytes.length - dataStart);
  return { entries, metadata: checkMetadata(metadata), dataStart };
}

/**
 * Writes a header: JSON padded with spaces to a multiple of 8 bytes, behind its size.
 *
 * @param entries - in the order of their bytes
 */
export function writeHeader(
  entries: readonly TensorEntry[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const header: [string, unknown][] = entries.map(({ name, dtype, shape, begin, end }) => [
    name,
    { dtype, shape, data_offsets: [begin, end] },
  ]);
  if (Object.keys(metadata).length > 0) header.unshift([METADATA, metadata]);
  const json = new TextEncoder().encode(jsonObject(header));
  const bytes = new Uint8Array(SIZE_BYTES + Math.ceil(json.length / 8) * 8).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(bytes.length - SIZE_BYTES), true);
  bytes.set(json, SIZE_BYTES);
  return bytes;
}

/** JSON with its keys in this order; an object would put names that are whole numbers first. */
function jsonObject(entries: readonly (readonly [string, unknown])[]): string {
  const members = entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
  return `{${members.join(',')}}`;
}

function headerSize(bytes: Uint8Array): number {
  if (bytes.length < SIZE_BYTES) {
    throw badFile(FILE, `expected at least ${SIZE_BYTES} bytes, got ${bytes.length}.`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, SIZE_BYTES);
  const size = Number(view.getBigUint64(0, true));
  const available = bytes.length - SIZE_BYTES;
  if (size <= Math.min(available, LARGEST_HEADER)) return size;
  throw badFile(
    FILE,
    `its first ${SIZE_BYTES} bytes announce a header of ${size} bytes; ` +
      (size > LARGEST_HEADER
        ? `at most ${LARGEST_HEADER} are allowed. This is another kind of file.`
        : `the file has ${available} more. It was cut off, or is another kind of file.`),
  );
}

function decode(bytes: Uint8Array): string {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw badFile(`${FILE}: header`, 'expected UTF-8.', error);
  }
  if (text.startsWith('{')) return text;
  throw badFile(`${FILE}: header`, `expected it to begin with {, got ${quote(text.slice(0, 1))}.`);
}

function checkMetadata(metadata: unknown): Record<string, string> {
  if (!isRecord(metadata) || Object.values(metadata).some((value) => typeof value !== 'string')) {
    throw badFile(`${FILE}: ${METADATA}`, 'expected an object of strings.');
  }
  return metadata as Record<string, string>;
}

function readEntry(name: string, value: unknown): TensorEntry {
  const where = `${FILE}: tensor ${quote(name)}`;
  const keys = isRecord(value) ? Object.keys(value).sort().join() : '';
  if (keys !== 'data_offsets,dtype,shape') {
    throw badFile(where, 'expected an object of dtype, shape and data_offsets.');
  }
  const { dtype, shape, data_offsets: offsets } = value as Record<string, unknown>;
  if (!(dtypeNames as readonly unknown[]).includes(dtype)) {
    const got = typeof dtype === 'string' ? quote(dtype) : typeof dtype;
    throw badFile(where, `expected a dtype of ${dtypeNames.join(', ')}, got ${got}.`);
  }
  if (!areSizes(shape)) throw badFile(where, 'expected a shape of whole numbers ≥ 0.');
  if (!areSizes(offsets) || offsets.length !== 2 || offsets[0]! > offsets[1]!) {
    throw badFile(where, 'expected data_offsets [begin, end], whole numbers with 0 ≤ begin ≤ end.');
  }
  const entry = { name, dtype: dtype as DtypeName, shape, begin: offsets[0]!, end: offsets[1]! };
  checkSize(entry, where);
  return entry;
}

/** The size of the data is the product of the shape, which must stay exact on the way. */
function checkSize({ dtype, shape, begin, end }: TensorEntry, where: string): void {
  let bytes = bytesPerElement(dtype);
  for (const size of shape) {
    bytes *= size;
    if (!Number.isSafeInteger(bytes)) throw badFile(where, 'its shape is larger than any file.');
  }
  if (bytes === end - begin) return;
  const type = `${dtype} ${shapeText(shape.slice(0, 8))}`;
  throw badFile(where, `${type} takes ${bytes} bytes, but its data_offsets hold ${end - begin}.`);
}

/** The data is contiguous from the end of the header to the end of the file. */
function checkCover(entries: readonly TensorEntry[], available: number): void {
  let position = 0;
  for (const { name, begin, end } of entries) {
    if (begin !== position) {
      throw badFile(
        `${FILE}: tensor ${quote(name)}`,
        `begins at ${begin}, ${begin < position ? 'inside' : 'behind a hole after'} the one that ends at ${position}.`,
      );
    }
    position = end;
  }
  if (position === available) return;
  throw badFile(
    FILE,
    `its tensors take ${position} bytes, but ${available} follow the header. ` +
      (position > available ? 'It was cut off.' : 'Something was appended to it.'),
  );
}

function areSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
