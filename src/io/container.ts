import { Fnv1a } from '../inspect/hash.ts';
import { badFile, quote } from './errors.ts';
import { checkBytes, readSafetensors, type StateDict, writeSafetensors } from './safetensors.ts';
import { parseStrictJson } from './strict-json.ts';

/** Written into every file, so that a reader of another version can say so. Grows when an older reader would misread a file. */
export const FORMAT_VERSION = 1;

/** Name of the one metadata entry of our files; its text is JSON. One entry, because the reference writer keeps no order among several. */
const ENTRY = 'chainrule';

/** Writes a file of ours: tensors, and a document in the metadata. */
export function writeContainer(document: object, tensors: StateDict): Uint8Array<ArrayBuffer> {
  const contents = { version: FORMAT_VERSION, ...document };
  const entry = { ...contents, digest: digestOf(contents, tensors) };
  return writeSafetensors(tensors, { [ENTRY]: JSON.stringify(entry) });
}

/**
 * Reads a file of ours.
 *
 * @param keys - entries that its document may have
 * @throws {TypeError} when `bytes` is no Uint8Array or ArrayBuffer
 * @throws {NetworkError} `BAD_FILE`
 */
export function readContainer<K extends string>(
  bytes: unknown,
  keys: readonly K[],
  where: string,
): { document: Partial<Record<K, unknown>>; tensors: StateDict } {
  const { tensors, metadata } = readSafetensors(checkBytes(bytes, where));
  if (!Object.hasOwn(metadata, ENTRY)) {
    throw badFile(
      where,
      `no entry '${ENTRY}' in the metadata: another program wrote this safetensors file. ` +
        'Use Network.fromStateDict(bytes, spec) for the parameters of a PyTorch model.',
    );
  }
  const path = `${where}: metadata '${ENTRY}'`;
  const entry = checkDocument(parseStrictJson(metadata[ENTRY]!, path), [...keys, 'digest'], path);
  const { digest, ...document } = entry;
  if (digest === digestOf(document, tensors))
    return { document: document as typeof entry, tensors };
  throw badFile(
    where,
    'its digest is not that of its contents: the file was damaged, or changed by another program. ' +
      'Where you changed its tensors on purpose, read them with readSafetensors(bytes) and set them by net.parameters.',
  );
}

/**
 * Checks the head of a document: its version and that it has no other entries than these.
 *
 * @param keys - entries besides `version`
 * @throws {NetworkError} `BAD_FILE`
 */
export function checkDocument<K extends string>(
  document: unknown,
  keys: readonly K[],
  where: string,
): Partial<Record<K, unknown>> {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw badFile(where, `expected an object with ${['version', ...keys].join(', ')}.`);
  }
  const { version } = document as { version?: unknown };
  if (version !== FORMAT_VERSION) {
    const newer = typeof version === 'number' && version > FORMAT_VERSION;
    throw badFile(
      where,
      `expected version ${FORMAT_VERSION}, got ${typeof version === 'number' ? version : typeof version}.` +
        (newer ? ' A newer release wrote it: update chainrule.' : ''),
    );
  }
  const unknown = Object.keys(document).find(
    (key) => key !== 'version' && !(keys as readonly string[]).includes(key),
  );
  if (unknown !== undefined) throw badFile(where, `unknown entry ${quote(unknown)}.`);
  return document as Partial<Record<K, unknown>>;
}

/** A digest of everything in a file but itself. A flipped bit of a weight would otherwise go unnoticed. */
function digestOf(document: object, tensors: StateDict): string {
  const digest = new Fnv1a();
  digest.update(new TextEncoder().encode(JSON.stringify(document)));
  for (const name of Object.keys(tensors).sort()) {
    const { buffer, byteOffset, byteLength } = tensors[name]!.values;
    digest.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return digest.digest();
}
