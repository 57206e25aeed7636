import { existsSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Dataset, dense, Network, readIdx } from '../../src/index.ts';

/** A header with these dimensions, in front of `data`. */
function idx(type: number, shape: number[], data: Uint8Array = new Uint8Array()): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length + data.length);
  bytes.set([0, 0, type, shape.length]);
  const view = new DataView(bytes.buffer);
  shape.forEach((length, d) => view.setUint32(4 + 4 * d, length));
  bytes.set(data, 4 + 4 * shape.length);
  return bytes;
}

type Writer = (view: DataView, at: number, value: number) => void;

const types: [code: number, name: string, bytes: number, write: Writer, values: number[]][] = [
  [0x08, 'Uint8Array', 1, (view, at, value) => view.setUint8(at, value), [0, 1, 255]],
  [0x09, 'Int8Array', 1, (view, at, value) => view.setInt8(at, value), [-128, 0, 127]],
  [0x0b, 'Int16Array', 2, (view, at, value) => view.setInt16(at, value), [-32768, 258, 1]],
  [0x0c, 'Int32Array', 4, (view, at, value) => view.setInt32(at, value), [-(2 ** 31), 65537, 3]],
  [0x0d, 'Float32Array', 4, (view, at, value) => view.setFloat32(at, value), [-1.5, 2 ** -40, 0]],
  [0x0e, 'Float64Array', 8, (view, at, value) => view.setFloat64(at, value), [0.1, -1e300, 5]],
];

describe('an IDX file', () => {
  it.each(types)('of type %i is read as %s', async (code, name, width, write, values) => {
    const data = new Uint8Array(values.length * width);
    const view = new DataView(data.buffer);
    values.forEach((value, index) => write(view, index * width, value));
    const file = idx(code, [1, 3], data);
    for (const bytes of [file, gzipSync(file), file.slice().buffer]) {
      const read = await readIdx(bytes);
      expect(read.shape).toEqual([1, 3]);
      expect(read.values.constructor.name).toBe(name);
      expect([...read.values]).toEqual(values);
    }
  });

  it('may lie anywhere in a buffer, and may be empty', async () => {
    const file = idx(0x0b, [2], Uint8Array.of(1, 2, 3, 4));
    const shifted = new Uint8Array(file.length + 3);
    shifted.set(file, 3);
    expect([...(await readIdx(shifted.subarray(3))).values]).toEqual([258, 772]);
    expect(await readIdx(idx(8, [0, 28, 28]))).toEqual({
      shape: [0, 28, 28],
      values: new Uint8Array(),
    });
  });

  it('that is not IDX is refused', async () => {
    const refuse = async (bytes: Uint8Array, message: RegExp): Promise<void> => {
      await expect(readIdx(bytes)).rejects.toThrow(RangeError);
      await expect(readIdx(bytes)).rejects.toThrow(message);
    };
    await refuse(Uint8Array.of(0x50, 0x4b, 3, 4, 0), /got 50 4b 03 04\. This is no IDX file/);
    await refuse(idx(0x0a, [1]), /got 00 00 0a 01/);
    await refuse(idx(0x08, []), /got 00 00 08 00/);
    await refuse(new Uint8Array(), /ends inside its header/);
    await refuse(idx(0x08, [2, 2]).subarray(0, 9), /ends inside its header/);
    await refuse(idx(0x0c, [2], new Uint8Array(7)), /expected 8 bytes of data \(2\), got 7/);
    await refuse(idx(0x08, [2], new Uint8Array(3)), /expected 2 bytes of data \(2\), got more/);
    await expect(readIdx('file' as never)).rejects.toThrow(TypeError);
  });

  it('with a hostile header costs neither time nor memory', async () => {
    const huge = idx(0x0e, [0xffffffff, 0xffffffff, 0xffffffff]);
    for (const file of [huge, gzipSync(huge)]) {
      await expect(readIdx(file)).rejects.toThrow(/claims .* more than 1073741824 bytes/);
    }
    const claim = idx(0x08, [2 ** 30 - 8]);
    for (const file of [claim, gzipSync(claim)]) {
      await expect(readIdx(file)).rejects.toThrow(/got 0\. The file is damaged or incomplete/);
    }
    const many = idx(0x08, Array(255).fill(0xffffffff));
    await expect(readIdx(many)).rejects.toThrow(/claims/);
  });

  it('that unzips to more than it says is given up early', async () => {
    const bomb = gzipSync(Buffer.concat([idx(0x08, [10]), Buffer.alloc(2 ** 26)]));
    const before = process.memoryUsage().arrayBuffers;
    const reading = readIdx(bomb);
    await expect(reading).rejects.toThrow(/expected 10 bytes of data \(10\), got more/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 24);
  });

  it('that is damaged while zipped is refused', async () => {
    const zipped = gzipSync(idx(0x08, [300], new Uint8Array(300).fill(7)));
    const flipped = zipped.slice();
    flipped[zipped.length - 6] ^= 1; // of the checksum
    for (const file of [zipped.subarray(0, -9), flipped, zipped.subarray(0, 12)]) {
      await expect(readIdx(file)).rejects.toThrow('idx: the file cannot be unzipped');
    }
  });

  it('of any bytes is an array or a RangeError', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc
        .tuple(fc.constantFrom(8, 9, 11, 12, 13, 14), fc.uint8Array({ maxLength: 30 }))
        .map(([type, rest]) => Uint8Array.of(0, 0, type, 1, 0, 0, 0, ...rest)),
    );
    await fc.assert(
      fc.asyncProperty(bytes, fc.boolean(), async (file, zip) => {
        const read = await readIdx(zip ? gzipSync(file) : file).catch((error) => error);
        if (read instanceof Error) expect(read).toBeInstanceOf(RangeError);
        else
          expect(read.values).toHaveLength(read.shape.reduce((a: number, b: number) => a * b, 1));
      }),
    );
  });
});

const MNIST = new URL('../../../shared/data/mnist/', import.meta.url);
const absent = !existsSync(MNIST);
if (absent) console.log(`left out: the files of MNIST, because ${MNIST.pathname} does not exist`);

it.skipIf(absent)('the files of MNIST train a network on bytes', async () => {
  const read = (name: string) => readIdx(readFileSync(new URL(`${name}.gz`, MNIST)));
  const [images, labels] = await Promise.all([
    read('t10k-images-idx3-ubyte'),
    read('t10k-labels-idx1-ubyte'),
  ]);
  expect(images.shape).toEqual([10_000, 28, 28]);
  expect(labels.shape).toEqual([10_000]);
  const all = new Dataset({ x: images.values, y: labels.values }, { width: 28 * 28 });
  const { train, test } = all.split({ test: 0.2, by: 'stratified' });
  expect(train.x).toBeInstanceOf(Uint8Array);
  const net = new Network({
    input: 784,
    normalize: { scale: 1 / 255 },
    layers: [dense(20, 'relu'), dense(10, 'softmax')],
    loss: 'crossEntropy',
    seed: 1,
  });
  net.fitSync(train, { epochs: 3 });
  expect(net.evaluate(test).accuracy).toBeGreaterThan(0.9);
});
