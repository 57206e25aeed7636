import { Fnv1a } from '../inspect/hash.ts';
import { badFile } from './errors.ts';
import {
  checkDocument,
  FORMAT_VERSION,
  type MakeNetwork,
  networkTensors,
  plainSpec,
  restore,
  type SavedNetwork,
} from './model.ts';
import { checkBytes, readSafetensors, type StateDict, writeSafetensors } from './safetensors.ts';
import { parseStrictJson } from './strict-json.ts';

/** Name of the one metadata entry of our files; its text is JSON. One entry, because the reference writer keeps no order among several. */
const ENTRY = 'chainrule';

const WHERE = 'Network.load';
const ENTRY_PATH = `${WHERE}: metadata '${ENTRY}'`;

/** Writes a network as a safetensors file: its numbers by name, its spec as JSON in the metadata. */
export function saveNetwork(net: SavedNetwork): Uint8Array<ArrayBuffer> {
  const tensors = networkTensors(net);
  const document = { version: FORMAT_VERSION, spec: plainSpec(net.spec) };
  const entry = { ...document, digest: digestOf(document, tensors) };
  return writeSafetensors(tensors, { [ENTRY]: JSON.stringify(entry) });
}

/** Reads what {@link saveNetwork} wrote. */
export function loadNetwork<T extends SavedNetwork>(bytes: unknown, make: MakeNetwork<T>): T {
  const { tensors, metadata } = readSafetensors(checkBytes(bytes, WHERE));
  const { digest, ...document } = checkDocument(
    readEntry(metadata),
    ['spec', 'digest'],
    ENTRY_PATH,
  );
  if (digest !== digestOf(document, tensors)) {
    throw badFile(
      WHERE,
      'its digest is not that of its contents: the file was damaged, or changed by another program. ' +
        'Where you changed its tensors on purpose, read them with readSafetensors(bytes) and set them by net.parameters.',
    );
  }
  return restore(document.spec, tensors, WHERE, make);
}

function readEntry(metadata: Readonly<Record<string, string>>): unknown {
  if (Object.hasOwn(metadata, ENTRY)) return parseStrictJson(metadata[ENTRY]!, ENTRY_PATH);
  throw badFile(
    WHERE,
    `no entry '${ENTRY}' in the metadata: another program wrote this safetensors file. ` +
      'Use Network.fromStateDict(bytes, spec) for the parameters of a PyTorch model.',
  );
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
