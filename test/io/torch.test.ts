import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  bidirectional,
  dense,
  dropout,
  embedding,
  gru,
  lstm,
  Network,
  readSafetensors,
  rnn,
  writeSafetensors,
} from '../../src/index.ts';
import type { NetworkSpec, StateDict } from '../../src/index.ts';
import { readByDefinition } from './format.ts';

// Files and answers of PyTorch, made by test/fixtures/torch/make_state_dicts.py.

const folder = new URL('../fixtures/torch/', import.meta.url);
const bytes = (name: string): Uint8Array => readFileSync(new URL(`${name}.safetensors`, folder));
const answers = JSON.parse(readFileSync(new URL('answers.json', folder), 'utf8'));

const specs: Record<string, NetworkSpec> = {
  tanh_relu_softmax: {
    input: 4,
    layers: [dense(6, 'tanh'), dense(5, 'relu'), dense(3, 'softmax')],
    loss: 'crossEntropy',
    seed: 1,
  },
  linear_no_bias: {
    input: 3,
    layers: [dense(4, 'linear', { bias: false }), { kind: 'dense', units: 2 }],
    loss: 'meanSquaredError',
    seed: 1,
  },
  gelu_silu: {
    input: 2,
    layers: [dense(5, 'gelu'), dense(4, 'silu'), dense(1)],
    loss: 'meanSquaredError',
    seed: 1,
  },
};

describe.each(Object.keys(answers.models))('the PyTorch model %s', (name) => {
  const spec = specs[name]!;
  const { x, outputs } = answers.models[name];

  it.each(['js', 'simd'] as const)('answers the same here, core %s', (core) => {
    using net = Network.fromStateDict(bytes(name), spec, { core });
    const expected: number[] = outputs.flat();
    // Two orders of summing a handful of f32 products differ by a few units in the last place.
    net.predict(x).forEach((value, index) => expect(value).toBeCloseTo(expected[index]!, 6));
    expect(net.core).toBe(core);
  });

  it('comes out again as it came in', () => {
    using net = Network.fromStateDict(bytes(name), spec);
    const original = readByDefinition(bytes(name));
    const copy = readByDefinition(writeSafetensors(net.toStateDict()));
    expect([...copy.names].sort()).toEqual([...original.names].sort());
    for (const tensor of original.names) {
      expect(copy.bytes(tensor)).toEqual(original.bytes(tensor));
    }
  });
});

it('a dropout layer takes a module of its own', () => {
  const layers = [dense(2, 'relu'), dropout(0.5), dense(1)];
  using net = new Network({ input: 3, layers, loss: 'squaredError', seed: 1 });
  const names = ['0.weight', '0.bias', '3.weight', '3.bias'];
  expect(Object.keys(net.toStateDict())).toEqual(names);
});

const all = { returns: 'all' } as const;
const sequences: Record<string, Pick<NetworkSpec, 'input' | 'layers'>> = {
  rnn: { input: { features: 2 }, layers: [rnn(3, all), dense(1)] },
  rnn_relu_twice: {
    input: 2,
    layers: [rnn(3, { ...all, activation: 'relu' }), rnn(5, all), dense(1)],
  },
  lstm_dropout: { input: 2, layers: [lstm(5, all), dropout(0.5), dense(4, 'tanh'), dense(1)] },
  gru: { input: 2, layers: [gru(4, all), dense(1)] },
  lstm_both_ways: { input: 2, layers: [bidirectional(lstm(3, all)), dense(1)] },
  embedding: { input: { vocabulary: 6 }, layers: [embedding(6, 3), gru(4, all), dense(1)] },
};

describe.each(Object.keys(answers.sequences))('the PyTorch model of sequences %s', (name) => {
  const spec: NetworkSpec = { ...sequences[name]!, loss: 'meanSquaredError', seed: 1 };
  const { x, outputs } = answers.sequences[name];

  it.each(['js', 'simd'] as const)('answers the same here, core %s', (core) => {
    using net = Network.fromStateDict(bytes(name), spec, { core });
    const expected: number[] = outputs.flat(2);
    const answered = net.predict(x);
    expect(answered).toHaveLength(expected.length);
    answered.forEach((value, index) => expect(value).toBeCloseTo(expected[index]!, 6));
  });

  it('comes back with the same names, shapes and sums of biases', () => {
    using net = Network.fromStateDict(bytes(name), spec);
    const file = writeSafetensors(net.toStateDict());
    const original = readByDefinition(bytes(name));
    expect(readByDefinition(file).names.sort()).toEqual(original.names.sort());
    using again = Network.fromStateDict(file, spec);
    expect(again.hash()).toBe(net.hash());
  });
});

it('a gru whose reset gate acts before the product has no counterpart', () => {
  const layers = [gru(4, { ...all, reset: 'before' }), dense(1)];
  using net = new Network({ input: 2, layers, loss: 'meanSquaredError' });
  expect(() => net.toStateDict()).toThrow(/layers\[0\]: a layer such as .*no counterpart/);
});

it.each(['F16', 'BF16', 'F64'])('%s is read as PyTorch converts it to f32', (dtype) => {
  const { values } = readSafetensors(bytes(dtype.toLowerCase())).tensors['values']!;
  expect(Float32Array.from(values as Float32Array)).toEqual(Float32Array.from(answers[dtype]));
});

it('tensors in double precision are rounded', () => {
  const values = Float64Array.of(0.1, -0.2, 1e-50);
  const spec: NetworkSpec = {
    input: 3,
    layers: [dense(1, 'linear', { bias: false })],
    loss: 'squaredError',
  };
  using net = Network.fromStateDict({ '0.weight': { shape: [1, 3], values } }, spec);
  expect([...net.parameters[0]!.get()]).toEqual([...values].map(Math.fround));
});

it('infinities and NaN of half precision stay what they are', () => {
  const file = writeSafetensors({
    a: { shape: [4], values: Uint16Array.of(0x7c00, 0xfc00, 0x7e00, 0x8000) },
  });
  const text = Buffer.from(file).toString('latin1').replace('"U16"', '"F16"');
  const { values } = readSafetensors(Uint8Array.from(Buffer.from(text, 'latin1'))).tensors['a']!;
  expect([...values]).toEqual([Infinity, -Infinity, NaN, -0]);
});

describe('tensors that do not belong to the spec', () => {
  const { tensors } = readSafetensors(bytes('tanh_relu_softmax'));
  const { '4.bias': last, ...rest } = tensors;
  const spec = specs['tanh_relu_softmax']!;
  const cases: [string, StateDict, RegExp][] = [
    ['one missing', rest, /'4.bias' \[3\] is missing.*Tensors in it: '0.weight', '0.bias'/],
    [
      'one renamed',
      { ...rest, '5.bias': last! },
      /'4.bias' \[3\] is missing\. Did you mean '5.bias'/,
    ],
    ['one too many', { ...tensors, '6.weight': last! }, /'6.weight': there is no such parameter/],
    [
      'one transposed',
      { ...tensors, '0.weight': { ...tensors['0.weight']!, shape: [4, 6] } },
      /'0.weight': expected shape \[6, 4\], got \[4, 6\]/,
    ],
    [
      'whole numbers',
      { ...tensors, '4.bias': { shape: [3], values: new Int32Array(3) } },
      /'4.bias': expected 32-bit floating point.*got Int32Array/,
    ],
    [
      'one not finite',
      { ...tensors, '4.bias': { shape: [3], values: Float32Array.of(1, Infinity, 1) } },
      /'4.bias': expected finite numbers, got Infinity at index 1/,
    ],
  ];

  it.each(cases)('%s', (_, source, message) => {
    expect(() => Network.fromStateDict(source, spec)).toThrow(message);
    expect(() => Network.fromStateDict(source, spec)).toThrow(
      expect.objectContaining({ code: 'MISMATCH' }),
    );
  });

  it('says how its names come about', () => {
    expect(() => Network.fromStateDict(rest, spec)).toThrow(/count the modules of nn\.Sequential/);
  });

  it('a damaged file, a wrong spec and a wrong source are the errors they are elsewhere', () => {
    const cut = bytes('gelu_silu').subarray(0, -1);
    expect(() => Network.fromStateDict(cut, spec)).toThrow(
      expect.objectContaining({ code: 'BAD_FILE' }),
    );
    expect(() => Network.fromStateDict(tensors, { ...spec, layers: [dense(0)] })).toThrow(
      RangeError,
    );
    for (const source of [null, 'x', { a: 1 }, { a: { shape: [1], values: [1] } }]) {
      expect(() => Network.fromStateDict(source as never, spec)).toThrow(TypeError);
    }
  });
});
