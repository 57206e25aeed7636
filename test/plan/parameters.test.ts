import { describe, expect, it } from 'vitest';
import { ALIGNMENT, SCRATCH_BYTES, STATE_BYTES } from '../../src/core/abi.ts';
import {
  ParameterLayout,
  type ParameterSpec,
  readParameter,
  writeParameter,
} from '../../src/plan/parameters.ts';
import { readRows, Tensor, writeRows } from '../../src/plan/tensor.ts';

const zeros = { kind: 'zeros' } as const;
const specs: ParameterSpec[] = [
  { name: 'layers.0.W', shape: [3, 5], initial: zeros, trainable: true },
  { name: 'layers.0.b', shape: [3], initial: zeros, trainable: true },
  { name: 'layers.1.W', shape: [1, 3], initial: zeros, trainable: true },
];

describe('ParameterLayout', () => {
  const layout = new ParameterLayout(specs);
  layout.place(1024);

  it('puts every range in the same order, aligned, without overlap', () => {
    let end = 1024 + STATE_BYTES + SCRATCH_BYTES;
    for (const range of [layout.values, layout.gradients, ...layout.moments]) {
      expect(range.address).toBe(end);
      end += range.length * 4;
    }
    expect(end).toBe(1024 + layout.bytes);
    for (const { value, gradient } of layout.parameters) {
      expect(value.address % ALIGNMENT).toBe(0);
      expect(gradient.address - layout.gradients.address).toBe(
        value.address - layout.values.address,
      );
    }
  });

  it('counts what the user sees', () => {
    expect(layout.count).toBe(15 + 3 + 3);
  });

  it('stores W transposed with zero padding, and reads back what was written', () => {
    const buffer = new ArrayBuffer(1024 + layout.bytes);
    const [W] = layout.parameters;
    const values = Float32Array.from({ length: 15 }, (_, index) => index + 1);
    writeParameter(buffer, W!.value, values);
    expect([...W!.value.view(buffer).subarray(0, 8)]).toEqual([1, 6, 11, 0, 2, 7, 12, 0]);
    expect(readParameter(buffer, W!.value)).toEqual(values);
    const written = new Float32Array(buffer).filter((value) => value !== 0);
    expect(written).toHaveLength(15);
  });
});

describe('the stretches that updates sweep over', () => {
  const weights = (name: string, shape: number[], trainable = true): ParameterSpec => ({
    name,
    shape,
    initial: zeros,
    trainable,
  });
  const floatsOf = (list: ParameterSpec[]): number[] =>
    new ParameterLayout(list).stretches.map(({ parameters }) => parameters.length);

  it('join neighbours, without those that are not trained', () => {
    // Each begins at a multiple of 16 floats.
    expect(floatsOf(specs)).toEqual([32 + 16 + 16]);
    const [W, b, V] = specs;
    expect(floatsOf([W!, { ...b!, trainable: false }, V!])).toHaveLength(2);
  });

  it('leave a large matrix on its own, and cover everything', () => {
    const large = weights('W', [256, 128]);
    const layout = new ParameterLayout([specs[0]!, specs[1]!, large, specs[1]!]);
    const { stretches, values } = layout;
    expect(stretches[1]!.parameters.length).toBe(256 * 128);
    let end = 0;
    for (const { offset, parameters } of stretches) {
      expect(offset).toBe(end);
      end += parameters.length * 4;
    }
    expect(end).toBe(values.length * 4);
    expect(floatsOf([weights('W', [256, 128], false)])).toEqual([]);
  });
});

describe('rows of a tensor', () => {
  it.each([1, 3, 4, 7])(
    'with %i columns are copied in and out without touching padding',
    (columns) => {
      const tensor = new Tensor('x', 2, columns);
      tensor.address = 16;
      const buffer = new ArrayBuffer(256);
      new Float32Array(buffer).fill(-1);
      const values = Float32Array.from({ length: 4 * columns }, (_, index) => index);
      writeRows(buffer, tensor, values, 1);
      expect(new Float32Array(buffer).filter((value) => value !== -1)).toHaveLength(2 * columns);
      const copy = new Float32Array(4 * columns);
      readRows(buffer, tensor, copy, 1);
      expect(copy.subarray(columns, 3 * columns)).toEqual(values.subarray(columns, 3 * columns));
      expect(copy.subarray(0, columns).every((value) => value === 0)).toBe(true);
    },
  );
});
