import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NetworkError, readSafetensors, writeSafetensors } from '../../src/index.ts';
import type { StateDict } from '../../src/index.ts';
import { readByDefinition, safetensors } from './format.ts';

describe('known answers of the reference implementation', () => {
  // From the tests of huggingface/safetensors (safetensors/src/tensor.rs).
  const values = Float32Array.of(0, 1, 2, 3, 4, 5);
  const data = [0, 0, 0, 0, 0, 0, 128, 63, 0, 0, 0, 64, 0, 0, 64, 64, 0, 0, 128, 64, 0, 0, 160, 64];
  const size = (bytes: number): number[] => [bytes, 0, 0, 0, 0, 0, 0, 0];
  const text = (header: string): number[] => [...new TextEncoder().encode(header)];

  it('a header that needs no padding', () => {
    expect([...writeSafetensors({ 'attn.0': { shape: [1, 2, 3], values } })]).toEqual([
      ...size(64),
      ...text('{"attn.0":{"dtype":"F32","shape":[1,2,3],"data_offsets":[0,24]}}'),
      ...data,
    ]);
  });

  it('a header padded with spaces', () => {
    expect([...writeSafetensors({ attn0: { shape: [1, 1, 2, 3], values } })]).toEqual([
      ...size(72),
      ...text('{"attn0":{"dtype":"F32","shape":[1,1,2,3],"data_offsets":[0,24]}}       '),
      ...data,
    ]);
  });

  it('no tensors, without and with metadata', () => {
    expect([...writeSafetensors({})]).toEqual([...size(8), ...text('{}      ')]);
    expect([...writeSafetensors({}, { framework: 'pt' })]).toEqual([
      ...size(40),
      ...text('{"__metadata__":{"framework":"pt"}}     '),
    ]);
  });

  it('tensors are ordered by falling alignment, then by name', () => {
    const file = writeSafetensors({
      b: { shape: [1], values: Float32Array.of(1) },
      10: { shape: [1], values: Uint8Array.of(1) },
      9: { shape: [1], values: Float32Array.of(1) },
      a: { shape: [], values: Float64Array.of(1) },
      '\u{1F600}': { shape: [1], values: Float32Array.of(1) },
      '\uFFFD': { shape: [1], values: Float32Array.of(1) },
    });
    expect(readByDefinition(file).names).toEqual(['a', '9', 'b', '\uFFFD', '\u{1F600}', '10']);
  });
});

const values = fc.oneof(
  fc.float32Array(),
  fc.float64Array(),
  fc.int8Array(),
  fc.uint8Array(),
  fc.int16Array(),
  fc.uint16Array(),
  fc.int32Array(),
  fc.uint32Array(),
  fc.bigInt64Array(),
  fc.bigUint64Array(),
);
const tensor = values.map((numbers) => ({
  shape: numbers.length % 2 ? [numbers.length] : [numbers.length / 2, 1, 2],
  values: numbers,
}));
const name = fc.string({ unit: 'grapheme' }).filter((text) => text !== '__metadata__');
const tensors = fc.dictionary(name, tensor, { noNullPrototype: true });
const metadata = fc.dictionary(name, fc.string({ unit: 'grapheme' }), { noNullPrototype: true });

const bytesOf = ({ values: { buffer, byteOffset, byteLength } }: StateDict[string]): number[] => [
  ...new Uint8Array(buffer, byteOffset, byteLength),
];

it('what is written is read again, to the bit, by us and by a reader made from the definition', () => {
  fc.assert(
    fc.property(tensors, metadata, fc.nat(7), (given, texts, offset) => {
      const file = writeSafetensors(given, texts);
      // In the midst of a larger buffer, as Node's small Buffers are.
      const buffer = new Uint8Array(file.length + offset + 3);
      buffer.set(file, offset);
      const read = readSafetensors(buffer.subarray(offset, offset + file.length));
      const other = readByDefinition(file);
      expect(read.metadata).toEqual(texts);
      expect(Object.keys(read.tensors).sort()).toEqual(Object.keys(given).sort());
      expect([...other.names].sort()).toEqual(Object.keys(given).sort());
      for (const [key, expected] of Object.entries(given)) {
        const actual = read.tensors[key]!;
        expect(actual.values.constructor).toBe(expected.values.constructor);
        expect(actual.shape).toEqual(expected.shape);
        expect(bytesOf(actual)).toEqual(bytesOf(expected));
        expect(other.bytes(key)).toEqual(bytesOf(expected));
      }
    }),
  );
});

it('reads an ArrayBuffer too, and refuses anything else as a TypeError', () => {
  const file = writeSafetensors({ a: { shape: [1], values: Int16Array.of(-7) } });
  expect(readSafetensors(file.buffer).tensors['a']!.values[0]).toBe(-7);
  for (const wrong of ['{}', [1], null, Float32Array.of(1), undefined]) {
    expect(() => readSafetensors(wrong as never)).toThrow(TypeError);
  }
});

describe('tensors that cannot be written', () => {
  it.each<[string, unknown, RegExp]>([
    ['an array', { shape: [1], values: [1] }, /'a': expected \{ shape, values \}/],
    ['nothing', null, /'a': expected \{ shape, values \}/],
    ['no shape', { values: Float32Array.of(1) }, /'a': expected \{ shape, values \}/],
    ['another size', { shape: [2, 3], values: new Float32Array(5) }, /6 values.*\[2, 3\], got 5/],
    ['a DataView', { shape: [1], values: new DataView(new ArrayBuffer(4)) }, /typed array/],
  ])('%s', (_, tensor, message) => {
    expect(() => writeSafetensors({ a: tensor as never })).toThrow(message);
  });

  it('one with the name of the metadata', () => {
    const tensor = { shape: [0], values: new Float32Array(0) };
    expect(() => writeSafetensors({ __metadata__: tensor })).toThrow(/keeps this name/);
  });
});

describe('a file that is refused, with what is wrong and where', () => {
  const f32 = (begin: number, end: number, shape: unknown = [(end - begin) / 4]) => ({
    dtype: 'F32',
    shape,
    data_offsets: [begin, end],
  });
  const size = (bytes: Uint8Array, value: bigint): Uint8Array => {
    new DataView(bytes.buffer).setBigUint64(0, value, true);
    return bytes;
  };
  const two53 = 2 ** 53;
  const cases: [string, Uint8Array, RegExp][] = [
    ['empty', new Uint8Array(0), /at least 8 bytes, got 0/],
    ['7 bytes', new Uint8Array(7), /at least 8 bytes, got 7/],
    ['a size beyond the end', size(safetensors({}), 9n), /header of 9 bytes; the file has 2 more/],
    ['a size beyond the limit', size(safetensors({}), 100_000_001n), /at most 100000000 are/],
    ['a size of 2⁶⁴−1', size(safetensors({}), 2n ** 64n - 1n), /at most 100000000 are/],
    ['an empty header', safetensors(''), /begin with \{/],
    ['a list', safetensors('[]'), /begin with \{, got '\['/],
    ['a byte order mark', safetensors('\uFEFF{}'), /begin with \{/],
    ['no UTF-8', safetensors(Uint8Array.of(0x7b, 0xff, 0x7d)), /UTF-8/],
    ['half a JSON', safetensors('{"a":'), /expected JSON/],
    ['padding with zeros', safetensors('{}\0\0'), /expected JSON/],
    [
      'a tensor twice',
      safetensors(`{"a":${JSON.stringify(f32(0, 4))},"\\u0061":${JSON.stringify(f32(0, 4))}}`, 4),
      /key 'a' is there twice/,
    ],
    [
      'a dtype twice',
      safetensors('{"a":{"dtype":"F32","dtype":"U32","shape":[1],"data_offsets":[0,4]}}', 4),
      /key 'dtype' is there twice/,
    ],
    ['metadata of numbers', safetensors({ __metadata__: { a: 1 } }), /expected an object of str/],
    ['metadata of a list', safetensors({ __metadata__: [] }), /expected an object of strings/],
    ['a tensor of null', safetensors({ a: null }), /'a': expected an object of dtype, shape/],
    ['a tensor without dtype', safetensors({ a: { shape: [], data_offsets: [0, 0] } }), /of dtype/],
    ['another key', safetensors({ a: { ...f32(0, 4), x: 1 } }, 4), /expected an object of dtype/],
    ['an unknown dtype', safetensors({ a: { ...f32(0, 4), dtype: 'F33' } }, 4), /got 'F33'/],
    ['a dtype of no text', safetensors({ a: { ...f32(0, 4), dtype: { a: 1 } } }, 4), /got object/],
    ['a negative size', safetensors({ a: f32(0, 4, [-1]) }, 4), /whole numbers ≥ 0/],
    ['half a row', safetensors({ a: f32(0, 4, [0.5]) }, 4), /whole numbers ≥ 0/],
    ['a size as text', safetensors({ a: f32(0, 4, ['1']) }, 4), /whole numbers ≥ 0/],
    ['no list of sizes', safetensors({ a: f32(0, 4, 1) }, 4), /whole numbers ≥ 0/],
    [
      'sizes that overflow',
      safetensors({ a: f32(0, 0, [2 ** 40, 2 ** 40, 0]) }),
      /larger than any/,
    ],
    ['a size of 2⁵³', safetensors({ a: f32(0, 4, [two53]) }, 4), /whole numbers ≥ 0/],
    ['too few bytes', safetensors({ a: f32(0, 4, [2]) }, 4), /\[2\] takes 8 bytes.*hold 4/],
    ['too many bytes', safetensors({ a: f32(0, 8, [1]) }, 8), /\[1\] takes 4 bytes.*hold 8/],
    ['one offset', safetensors({ a: { ...f32(0, 4), data_offsets: [0] } }, 4), /data_offsets \[b/],
    ['three offsets', safetensors({ a: { ...f32(0, 4), data_offsets: [0, 4, 8] } }, 8), /\[begin/],
    ['offsets reversed', safetensors({ a: { ...f32(4, 0), shape: [1] } }, 4), /0 ≤ begin ≤ end/],
    ['a hole at the start', safetensors({ a: f32(4, 8) }, 8), /'a': begins at 4, behind a hole/],
    ['a hole', safetensors({ a: f32(0, 4), b: f32(8, 12) }, 12), /'b': begins at 8, behind a hole/],
    ['an overlap', safetensors({ a: f32(0, 8), b: f32(4, 12) }, 12), /'b': begins at 4, inside/],
    [
      'the same place twice',
      safetensors({ a: f32(0, 4), b: f32(0, 4) }, 4),
      /'b': begins at 0, in/,
    ],
    ['an end cut off', safetensors({ a: f32(0, 8) }, 7), /take 8 bytes, but 7 follow.*cut off/],
    ['an end too far', safetensors({ a: f32(0, 8) }, 9), /take 8 bytes, but 9 follow.*appended/],
  ];

  it.each(cases)('%s', (_, file, message) => {
    expect(() => readSafetensors(file)).toThrow(message);
    expect(() => readSafetensors(file)).toThrow(expect.objectContaining({ code: 'BAD_FILE' }));
  });

  it('a tensor called __proto__ is a tensor, and no prototype', () => {
    const file = safetensors(`{"__proto__":${JSON.stringify(f32(0, 4))}}`, 4);
    const { tensors } = readSafetensors(file);
    expect(Object.keys(tensors)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(tensors)).toBe(Object.prototype);
  });

  it('messages stay short whatever the file holds', () => {
    const long = 'x'.repeat(1e6);
    for (const header of [{ [long]: null }, { a: { ...f32(0, 4), dtype: long } }]) {
      expect(() => readSafetensors(safetensors(header, 4))).toThrow(/^.{1,400}$/);
    }
    const sizes = Array(1e5).fill(1);
    expect(() => readSafetensors(safetensors({ a: f32(0, 8, sizes) }, 8))).toThrow(/^.{1,400}$/);
  });

  it('a header of a million brackets or escapes neither hangs nor overflows', () => {
    for (const header of [
      `{"a":${'['.repeat(1e6)}${']'.repeat(1e6)}}`,
      `{"${'\\\\'.repeat(1e6)}":1}`,
      `{"__metadata__":{"a":"${'\\"'.repeat(1e6)}"},"b":1}`,
    ]) {
      expect(() => readSafetensors(safetensors(header))).toThrow(NetworkError);
    }
  });
});

describe('random bytes and random damage', () => {
  const isErrorOrFile = (bytes: Uint8Array): void => {
    try {
      readSafetensors(bytes);
    } catch (error) {
      expect(error).toMatchObject({ name: 'NetworkError', code: 'BAD_FILE' });
    }
  };

  it('random JSON as header', () => {
    fc.assert(
      fc.property(fc.dictionary(name, fc.jsonValue()), fc.nat(64), (header, length) =>
        isErrorOrFile(safetensors(header, length)),
      ),
    );
  });

  it('any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), isErrorOrFile));
  });

  it('a cut anywhere is an error', () => {
    const file = writeSafetensors(
      { a: { shape: [3], values: Float32Array.of(1, 2, 3) } },
      { b: '' },
    );
    for (let length = 0; length < file.length; length++) {
      expect(() => readSafetensors(file.subarray(0, length))).toThrow(NetworkError);
    }
  });
});
