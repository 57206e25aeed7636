import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { largestDifference } from '../bench/statistics.mjs';
import { peerTables } from '../bench/peers/figures.mjs';
import { encodeModel, varint } from '../bench/peers/onnx-model.mjs';
import { readRecurrentParameters, stepByStep, transposed } from '../bench/peers/task.mjs';

// The parts of the comparison with other libraries that compute.

/** The fields of a protocol buffers message, numbers or bytes, as the encoding guide describes them. */
function fields(bytes: Uint8Array): { field: number; value: number | Uint8Array }[] {
  const result = [];
  let position = 0;
  const number = () => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[position++];
      value += (byte % 128) * factor;
      if (byte < 128) return value;
    }
  };
  while (position < bytes.length) {
    const key = number();
    const first = number();
    const isBytes = key % 8 === 2;
    result.push({
      field: Math.floor(key / 8),
      value: isBytes ? bytes.slice(position, position + first) : first,
    });
    if (isBytes) position += first;
  }
  return result;
}

/** The values of one field. */
function all(bytes: Uint8Array, field: number) {
  return fields(bytes)
    .filter((entry) => entry.field === field)
    .map(({ value }) => value);
}

function texts(bytes: Uint8Array, field: number): string[] {
  return all(bytes, field).map((value) => new TextDecoder().decode(value as Uint8Array));
}

describe('the ONNX writer', () => {
  const layers = [
    {
      weights: { rows: 3, columns: 2, values: Float32Array.of(1, 2, 3, 4, 5, 6) },
      bias: Float32Array.of(7, 8, 9),
    },
    {
      weights: { rows: 1, columns: 3, values: Float32Array.of(-1, -2, -3) },
      bias: Float32Array.of(0.5),
    },
  ];
  const model = encodeModel(layers, { hidden: 'Relu', last: 'Sigmoid' });
  const graph = all(model, 7)[0] as Uint8Array;

  it('writes varints as the encoding guide does', () => {
    expect([...varint(1)]).toEqual([1]);
    expect([...varint(150)]).toEqual([0x96, 0x01]);
    expect([...varint(300)]).toEqual([0xac, 0x02]);
  });

  it('states versions', () => {
    expect(all(model, 1)).toEqual([8]);
    expect(all(all(model, 8)[0] as Uint8Array, 2)).toEqual([17]);
  });

  it('chains Gemm and activation, layer by layer', () => {
    const nodes = (all(graph, 1) as Uint8Array[]).map((node) => ({
      inputs: texts(node, 1),
      output: texts(node, 2)[0],
      type: texts(node, 4)[0],
    }));
    expect(nodes).toEqual([
      { inputs: ['x', 'w0', 'b0'], output: 'z0', type: 'Gemm' },
      { inputs: ['z0'], output: 'a0', type: 'Relu' },
      { inputs: ['a0', 'w1', 'b1'], output: 'z1', type: 'Gemm' },
      { inputs: ['z1'], output: 'output', type: 'Sigmoid' },
    ]);
  });

  it('stores weights as they are, little-endian, with their shapes', () => {
    const tensors = (all(graph, 5) as Uint8Array[]).map((tensor) => ({
      shape: all(tensor, 1),
      name: texts(tensor, 8)[0],
      values: [...new Float32Array((all(tensor, 9)[0] as Uint8Array).slice().buffer)],
    }));
    expect(tensors).toEqual([
      { shape: [3, 2], name: 'w0', values: [1, 2, 3, 4, 5, 6] },
      { shape: [3], name: 'b0', values: [7, 8, 9] },
      { shape: [1, 3], name: 'w1', values: [-1, -2, -3] },
      { shape: [1], name: 'b1', values: [0.5] },
    ]);
  });
});

describe('the comparison', () => {
  it('takes differences relative to the largest value', () => {
    expect(largestDifference([1, 2, 4], [1, 2.5, 4])).toBe(0.125);
    expect(largestDifference([1], [1, 2])).toBe(Infinity);
    expect(largestDifference([NaN], [1])).toBeNaN();
  });

  it('transposes', () => {
    const values = Float32Array.of(1, 2, 3, 4, 5, 6);
    expect(transposed({ rows: 2, columns: 3, values })).toEqual({
      rows: 3,
      columns: 2,
      values: Float32Array.of(1, 4, 2, 5, 3, 6),
    });
  });

  it('orders sequences step by step', () => {
    const values = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8);
    expect(stepByStep({ rows: 2, columns: 4, values }, 2)).toEqual({
      rows: 4,
      columns: 2,
      values: Float32Array.of(1, 2, 5, 6, 3, 4, 7, 8),
    });
  });

  it('reads the parameters of a recurrent network by their shapes', () => {
    const directory = mkdtempSync(join(tmpdir(), 'chainrule-peers-'));
    const parameters = join(directory, 'parameters');
    writeFileSync(parameters, Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8));
    const task = {
      kind: 'train' as const,
      sizes: [6, 2],
      formula: 'softmax' as const,
      recurrent: { kind: 'rnn' as const, steps: 2, shapes: [[2, 3], [2]] },
      optimizer: { kind: 'sgd' as const, learningRate: 1 },
      batchSize: 1,
      count: 1,
      files: { x: '', y: '', parameters },
    };
    expect(readRecurrentParameters(task)).toEqual([
      { rows: 2, columns: 3, values: Float32Array.of(1, 2, 3, 4, 5, 6) },
      { rows: 1, columns: 2, values: Float32Array.of(7, 8) },
    ]);
    rmSync(directory, { recursive: true });
  });

  it('shows rates with ratios and why a library is absent', () => {
    const machine = {
      date: '',
      processor: '',
      cores: 1,
      system: '',
      node: '',
      v8: '',
      chainrule: '',
      assemblyscript: '',
    };
    const [, rates, checks, absent] = peerTables({
      machine,
      calibration: { best: 50, median: 50, lowest: 50, readings: 2 },
      peers: ['ours', 'other', 'third'].map((name) => ({ name, version: '1', note: '' })),
      workloads: [
        {
          name: 'short',
          title: 'long',
          kind: 'train',
          peak: 50,
          entries: [
            { peer: 'ours', rate: 3000, difference: 0, values: [2, 1] },
            { peer: 'other', rate: 1500, difference: 1e-7, values: [2, 1] },
          ],
          absent: [{ peer: 'third', reason: 'cannot' }],
        },
      ],
    });
    expect(rates.rows).toEqual([['short', '3000', '1500 (2.0×)', '–', '']]);
    expect(checks.rows).toEqual([['short', '2.000000', '1.000000', '1.0e-7', '–']]);
    expect(absent.rows).toEqual([['third', 'cannot', 'all']]);
  });
});
