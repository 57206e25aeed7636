import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as abi from '../../src/core/abi.ts';
import type { Core } from '../../src/core/core.ts';
import { createCore } from '../../src/core/create.ts';
import { NonzeroWriter, TABLE_COLUMNS } from '../../src/plan/nonzeros.ts';
import { matmul, weightGradient } from '../../src/plan/operations.ts';
import type { Parameter } from '../../src/plan/parameters.ts';
import { ProgramBuilder } from '../../src/plan/program.ts';
import { Tensor, writeRows } from '../../src/plan/tensor.ts';
import { CORES } from '../reference/library.ts';

// Products over the nonzeros have the bits of the dense ones, on both cores.

interface Layer {
  examples: number;
  inputs: number;
  units: number;
  /** Values of x, examples × inputs. */
  x: Float32Array;
}

/** Numbers in [−1, 1). */
function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.fround(state / 2 ** 31 - 1);
  };
}

/** x with this share of nonzeros; every other zero is a −0. */
function randomLayer(
  examples: number,
  inputs: number,
  units: number,
  density: number,
  seed = 1,
): Layer {
  const next = numbers(seed);
  const x = Float32Array.from({ length: examples * inputs }, (_, i) => {
    if ((next() + 1) / 2 < density) return next();
    return i % 2 === 0 ? 0 : -0;
  });
  return { examples, inputs, units, x };
}

const cores = CORES.map((name) => createCore(name));

/** The results of one layer on one core: pre-activations, weight gradient, and weights after an update in place. */
function results(core: Core, layer: Layer, sparse: boolean, bias = true): Uint32Array[] {
  const { examples, inputs, units, x: values } = layer;
  let top = core.base + abi.STATE_BYTES + abi.SCRATCH_BYTES;
  const reserve = (bytes: number): number => {
    const address = top;
    top += Math.ceil((bytes + 64) / abi.ALIGNMENT) * abi.ALIGNMENT;
    core.grow(top);
    return address;
  };
  const place = (tensor: Tensor): Tensor => {
    tensor.address = reserve(tensor.length * 4);
    tensor.view(core.buffer).fill(0);
    return tensor;
  };
  const matrix = (name: string, rows: number, columns: number, seed?: number): Tensor => {
    const tensor = place(new Tensor(name, rows, columns));
    if (seed === undefined) return tensor;
    writeRows(core.buffer, tensor, Array.from({ length: rows * columns }, numbers(seed)));
    return tensor;
  };
  const table = matrix('lists', examples, TABLE_COLUMNS);
  const lists = matrix('nonzeros', 1, values.length * 2 + examples * 2);
  const x = sparse
    ? new Tensor('x', examples, inputs, { nonzeros: table })
    : matrix('x', examples, inputs);
  if (sparse) new NonzeroWriter(table, lists).write(core.buffer, values, inputs, 0, examples);
  else writeRows(core.buffer, x, values);
  const W = matrix('W', inputs, units, 2);
  const b = matrix('b', 1, units, 3);
  const delta = matrix('δ', examples, units, 4);
  const z = matrix('z', examples, units, 5);
  const gradient = matrix('∂C/∂W', inputs, units, 6);

  const builder = new ProgramBuilder();
  builder.input = x;
  const parameter = { value: W, trainable: true } as Parameter;
  matmul(builder, z, x, W, bias ? b : undefined);
  weightGradient(builder, { ...parameter, gradient }, x, delta);
  weightGradient(builder, { ...parameter, gradient: W }, x, delta);
  builder.emitDeferred();
  const address = reserve(builder.bytes);
  new Uint8Array(core.buffer, address, builder.bytes).fill(0);
  builder.place(core.buffer, address);
  expect(core.run(core.base, address, builder.instructions.length, 1)).toBe(1);
  return [z, gradient, W].map(
    (tensor) => new Uint32Array(core.buffer.slice(tensor.address), 0, tensor.length),
  );
}

/** All four ways agree in every bit of every output, padding included. */
function expectSameBits(layer: Layer, bias = true): void {
  const dense = results(cores[0], layer, false, bias);
  for (const core of cores) {
    for (const sparse of [false, true]) {
      const got = results(core, layer, sparse, bias);
      const wrong = got.map((words, i) => words.findIndex((word, j) => word !== dense[i][j]));
      const { examples, inputs, units } = layer;
      const what = `${core.name}, ${sparse ? 'sparse' : 'dense'}, ${examples} × ${inputs} → ${units}`;
      expect(wrong, `${what}: first different words of z, gradient and W`).toEqual([-1, -1, -1]);
    }
  }
}

describe('nonzero and dense products have the same bits', () => {
  test.each([0, 0.02, 0.2, 0.5, 0.9, 1])('density %d', (density) => {
    for (const units of [1, 4, 10, 30, 128]) {
      for (const examples of [1, 10, 33]) {
        expectSameBits(randomLayer(examples, 97, units, density, units + examples));
        expectSameBits(randomLayer(examples, 97, units, density, units), false);
      }
    }
  });

  test('every number of units to 40', () => {
    for (let units = 1; units <= 40; units++) expectSameBits(randomLayer(3, 7, units, 0.4, units));
  });

  test('random shapes', () => {
    const size = fc.integer({ min: 1, max: 40 });
    const density = fc.double({ min: 0, max: 1, noNaN: true });
    const property = fc.property(size, size, size, density, fc.nat(), fc.boolean(), (...drawn) => {
      const [examples, inputs, units, share, seed, bias] = drawn;
      expectSameBits(randomLayer(examples, inputs, units, share, seed), bias);
    });
    fc.assert(property, { seed: 1, numRuns: 150 });
  });

  test('the first layer of a network for images', () => {
    expectSameBits(randomLayer(128, 784, 128, 0.19));
    expectSameBits(randomLayer(10, 784, 30, 0.19));
    expectSameBits(randomLayer(1, 784, 30, 0.19));
  });

  test('rows and columns of zeros, of either sign', () => {
    const layer = randomLayer(9, 13, 18, 0.5);
    const x = layer.x.map((value, i) => {
      const isZero = Math.floor(i / 13) % 3 === 0 || [0, 5, 12].includes(i % 13);
      return isZero ? (value < 0 ? -0 : 0) : value;
    });
    expect(x.some((value) => Object.is(value, -0))).toBe(true);
    expectSameBits({ ...layer, x });
  });

  test('products that underflow to either zero', () => {
    const layer = randomLayer(6, 11, 9, 0.5);
    expectSameBits({ ...layer, x: layer.x.map((value) => value * 2 ** -149) });
  });
});

test('an input that is never nonzero leaves its weights alone, whatever they are', () => {
  const x = new Float32Array(2 * 3);
  x[1] = 1;
  const before = Array.from({ length: 3 * 5 }, numbers(2));
  for (const core of cores) {
    const [, gradient, W] = results(core, { examples: 2, inputs: 3, units: 5, x }, true);
    const rows = new Float32Array(W.slice().buffer);
    const kept = [0, 2].flatMap((row) => [...rows.subarray(row * 8, row * 8 + 5)]);
    expect(kept).toEqual([...before.slice(0, 5), ...before.slice(10, 15)]);
    expect([...gradient].filter((word, i) => Math.floor(i / 8) !== 1 && word !== 0)).toEqual([]);
  }
});

test.each(CORES)(
  '%s: a weight gradient reads nothing behind the last delta, where memory may end',
  (name) => {
    for (let units = 1; units <= 40; units++) {
      const core = createCore(name);
      const place = (tensor: Tensor, address: number): Tensor => Object.assign(tensor, { address });
      const base = core.base + abi.STATE_BYTES + abi.SCRATCH_BYTES;
      core.grow(base + 65536);
      const table = place(new Tensor('lists', 1, TABLE_COLUMNS), base);
      const lists = place(new Tensor('nonzeros', 1, 4), base + 64);
      new NonzeroWriter(table, lists).write(core.buffer, [0, 2], 2, 0, 1);
      const delta = new Tensor('δ', 1, units);
      place(delta, core.buffer.byteLength - delta.length * 4);
      delta.view(core.buffer).fill(3, 0, units);
      const gradient = place(new Tensor('∂C/∂W', 2, units), base + 1024);
      const builder = new ProgramBuilder();
      builder.input = new Tensor('x', 1, 2, { nonzeros: table });
      const parameter = { value: gradient, gradient, trainable: true } as Parameter;
      weightGradient(builder, parameter, builder.input, delta);
      builder.emitDeferred();
      builder.place(core.buffer, base + 2048);
      expect(core.run(core.base, base + 2048, builder.instructions.length, 1)).toBe(1);
      const second = gradient.view(core.buffer).subarray(gradient.stride, gradient.stride + units);
      expect([...second]).toEqual(new Array(units).fill(6));
    }
  },
);

test('a matrix given by its nonzeros is refused where its values are needed', () => {
  const builder = new ProgramBuilder();
  const x = builder.sparseTensor('x', 2, 3);
  builder.emit({ opcode: abi.OP_SOFTMAX, out: builder.tensor('a', 2, 3), a: x, text: '' });
  expect(() => builder.place(new ArrayBuffer(4096), 64)).toThrow('x has no place in memory');
});
