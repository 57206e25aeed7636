/**
 * The IDX format of MNIST, all big-endian: two zero bytes, the element type (8 is unsigned byte), the number of
 * dimensions, then one 32-bit length per dimension, then the elements in row-major order.
 */
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

const UNSIGNED_BYTE = 8;

/**
 * Reads a file of unsigned bytes.
 *
 * @param {string} path - without `.gz`; the gzipped file is taken when the plain one is missing
 * @param {number} dimensions - how many the file must have
 * @returns {{ shape: number[], values: Uint8Array }}
 */
export function readIdx(path, dimensions) {
  const { name, bytes } = readMaybeGzipped(path);
  const header = 4 + 4 * dimensions;
  const magic = bytes.length < 4 ? 'nothing' : bytes.readUInt32BE(0);
  const expected = UNSIGNED_BYTE * 256 + dimensions;
  if (magic !== expected) {
    throw new Error(`${name}: expected the magic number ${expected}, got ${magic}`);
  }
  if (bytes.length < header) throw new Error(`${name}: ends inside its header`);
  const shape = Array.from({ length: dimensions }, (_, d) => bytes.readUInt32BE(4 + 4 * d));
  const count = shape.reduce((product, length) => product * length, 1);
  if (bytes.length - header !== count) {
    throw new Error(
      `${name}: expected ${count} bytes of data (${shape.join(' × ')}), got ${bytes.length - header}`,
    );
  }
  return { shape, values: bytes.subarray(header) };
}

/** @param {string} path */
function readMaybeGzipped(path) {
  if (existsSync(path)) return { name: path, bytes: readFileSync(path) };
  const name = `${path}.gz`;
  if (!existsSync(name)) throw new Error(`${path}: no such file, gzipped (.gz) or not`);
  return { name, bytes: unzip(name) };
}

/** @param {string} name */
function unzip(name) {
  try {
    return gunzipSync(readFileSync(name));
  } catch (error) {
    throw new Error(`${name}: cannot be unzipped, it is damaged or incomplete`, { cause: error });
  }
}
