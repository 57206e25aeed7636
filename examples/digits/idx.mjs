import { existsSync, readFileSync } from 'node:fs';
import { readIdx } from 'chainrule';

/**
 * Reads an IDX file of unsigned bytes.
 *
 * @param {string} path - without `.gz`; the gzipped file is taken when the plain one is missing
 * @param {number} dimensions - how many the file must have
 * @returns {Promise<{ shape: readonly number[], values: Uint8Array }>}
 */
export async function readIdxFile(path, dimensions) {
  const name = [path, `${path}.gz`].find((candidate) => existsSync(candidate));
  if (name === undefined) throw new Error(`${path}: no such file, gzipped (.gz) or not`);
  try {
    const { shape, values } = await readIdx(readFileSync(name));
    if (shape.length !== dimensions || !(values instanceof Uint8Array)) {
      throw new Error(`expected bytes in ${dimensions} dimensions, got ${shape.join(' × ')}`);
    }
    return { shape, values };
  } catch (error) {
    throw new Error(`${name}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}
