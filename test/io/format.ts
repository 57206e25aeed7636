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
