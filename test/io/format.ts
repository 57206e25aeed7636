import { type StateDict, writeSafetensors } from '../../src/index.ts';

/** The safetensors format in a few lines, written from its definition and sharing nothing with `src/io`. */

/** A file with any header, sound or not, in front of `length` bytes. */
export function safetensors(header: object | string | Uint8Array, length: number = 0): Uint8Array {
  const text =
    typeof header === 'string' || header instanceof Uint8Array ? header : JSON.stringify(header);
  const bytes = Buffer.from(text as string);
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(bytes.length));
  return new Uint8Array(Buffer.concat([size, bytes, Buffer.alloc(length)]));
}

/** A reader that believes everything. */
export function readByDefinition(file: Uint8Array): {
  names: string[];
  metadata: Record<string, string>;
  bytes(name: string): number[];
  floats(name: string): number[];
} {
  const buffer = Buffer.from(file);
  const start = 8 + Number(buffer.readBigUInt64LE(0));
  const header = JSON.parse(buffer.toString('utf8', 8, start)) as Record<string, Entry>;
  const { __metadata__: metadata = {}, ...entries } = header as Record<string, Entry> & {
    __metadata__?: Record<string, string>;
  };
  const data = (name: string): Buffer => {
    const [begin, end] = entries[name]!.data_offsets;
    return buffer.subarray(start + begin, start + end);
  };
  return {
    names: Object.keys(entries).sort((a, b) => begin(entries[a]!) - begin(entries[b]!)),
    metadata,
    bytes: (name) => [...data(name)],
    floats: (name) =>
      Array.from({ length: data(name).length / 4 }, (_, index) =>
        data(name).readFloatLE(4 * index),
      ),
  };
}

interface Entry {
  readonly dtype: string;
  readonly shape: number[];
  readonly data_offsets: [number, number];
}

const begin = (entry: Entry): number => entry.data_offsets[0];

/** A file with a digest that fits, as somebody makes it who wants it to be loaded. */
export function signed(document: object, tensors: StateDict): Uint8Array {
  const { digest: _, ...rest } = document as Record<string, unknown>;
  let digest = 0xcbf29ce484222325n;
  const add = (bytes: Uint8Array): void => {
    for (const byte of bytes) digest = BigInt.asUintN(64, (digest ^ BigInt(byte)) * 0x100000001b3n);
  };
  add(Buffer.from(JSON.stringify(rest)));
  for (const name of Object.keys(tensors).sort()) {
    const { buffer, byteOffset, byteLength } = tensors[name]!.values;
    add(new Uint8Array(buffer, byteOffset, byteLength));
  }
  const entry = { ...rest, digest: digest.toString(16).padStart(16, '0') };
  return writeSafetensors(tensors, { chainrule: JSON.stringify(entry) });
}
