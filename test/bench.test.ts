import { describe, expect, it } from 'vitest';
import { Calibration } from '../bench/calibration.mjs';
import { decades, linearTicks } from '../bench/charts.mjs';
import { slowMark } from '../bench/figures.mjs';
import { forwardFlop, recurrentFlop, trainingFlop } from '../bench/flops.mjs';
import { interleave } from '../bench/measure.mjs';
import { loopSource } from '../bench/peak.mjs';
import { ratiosTable } from '../bench/peers/figures.mjs';
import { growthPlots } from '../bench/plots.mjs';
import { classOf } from '../bench/profile.mjs';
import { createReport } from '../bench/report.mjs';
import { median } from '../bench/statistics.mjs';
import { element, escapeText } from '../bench/svg.mjs';
import { percent, short, times, toMarkdown } from '../bench/tables.mjs';
import * as abi from '../src/core/abi.ts';

// The parts of the bench that compute, so that its figures mean what they say.

describe('statistics', () => {
  it('takes the middle value, or the mean of the two middle ones', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 3, 10])).toBe(3.5);
    expect(median([7])).toBe(7);
  });

  it('measures variants in turn and leaves the first round out', () => {
    const order: string[] = [];
    const from = (name: string, figures: number[]) => () => {
      order.push(name);
      return figures.shift()!;
    };
    const variants = { a: from('a', [100, 1, 2, 9]), b: from('b', [100, 5, 4, 6]) };
    expect(interleave(variants, 3)).toEqual({ a: 2, b: 5 });
    expect(order.join('')).toBe('abababab');
  });
});

describe('FLOP', () => {
  it('counts one multiplication and one addition per weight', () => {
    expect(forwardFlop([784, 30, 10])).toBe(2 * (784 * 30 + 30 * 10));
  });

  it('of training leaves out the product back to the inputs', () => {
    const forward = 2 * (784 * 30 + 30 * 10);
    expect(trainingFlop([784, 30, 10])).toBe(forward + forward + 2 * 30 * 10);
    expect(trainingFlop([5, 3])).toBe(2 * 2 * 15);
  });
});

describe('FLOP of sequences', () => {
  it('counts every product of every step, but not the one back to the inputs', () => {
    const first = 4 * 5 * (2 * 3 + 3 * 5);
    const second = 4 * 7 * (3 * 5 + 3 * 7);
    const network = { features: 3, units: [5, 7], gates: 4, steps: 6, outputs: 2 };
    expect(recurrentFlop(network)).toBe(2 * (6 * (first + second) + 3 * 7 * 2));
  });
});

describe('calibration', () => {
  /** A machine whose speed changes from reading to reading. */
  function machine(...speeds: number[]) {
    let calls = 0;
    return new Calibration(() => speeds[Math.floor(calls++ / 15)]);
  }

  it('keeps a measurement of the usual speed', () => {
    const calibration = machine(50, 50, 49);
    expect(calibration.around(() => 'first')).toEqual({ result: 'first', peak: 49 });
    expect(calibration.summary()).toEqual({ best: 50, median: 50, lowest: 49, readings: 3 });
  });

  it('measures again after a slow phase and keeps the faster of the two', () => {
    const results = ['slow', 'fast'];
    expect(machine(50, 50, 30, 48, 50).around(() => results.shift())).toEqual({
      result: 'fast',
      peak: 48,
    });
    const still = ['slow', 'slower'];
    expect(machine(50, 40, 40, 30, 30).around(() => still.shift())).toEqual({
      result: 'slow',
      peak: 40,
    });
  });

  it('marks what was below 95 % of the best reading', () => {
    const calibration = { best: 50, median: 50, lowest: 40, readings: 3 };
    expect(slowMark(calibration, { peak: 48 })).toBe('');
    expect(slowMark(calibration, { peak: 40 })).toBe('slow phase (80 %)');
  });

  it.each(['chained', 'apart'] as const)('counts the operations of a loop, %s', (form) => {
    const source = loopSource({ name: 'loop', form, count: 5 });
    const [, body] = source.split('for (');
    expect(body.match(/f32x4\.mul\(/g)).toHaveLength(5);
    expect(body.match(/, t\);/g)).toHaveLength(5);
  });
});

describe('instruction classes', () => {
  it('tells the three products apart', () => {
    const product = (kind: number) => classOf({ opcode: abi.OP_MATMUL, kind, text: '' });
    expect(product(abi.MATMUL_NN)).toBe('product forward');
    expect(product(abi.MATMUL_NT)).toBe('product backward');
    expect(product(abi.MATMUL_TN)).toBe('product weight gradient');
  });

  it('gives an unknown opcode a class of its own', () => {
    expect(classOf({ opcode: abi.OP_ADAM, text: '' })).toBe('update');
    expect(classOf({ opcode: abi.OP_SHUFFLE, text: '' })).toBe('shuffle');
    expect(classOf({ opcode: 9999, text: '' })).toBe('opcode 9999');
  });
});

describe('tables', () => {
  it('are Markdown with figures to the right', () => {
    const rows = [
      ['a | b', '1.50 k'],
      ['c', '12'],
    ];
    const expected = [
      '### T',
      '',
      '| name   |   rate |',
      '| ------ | -----: |',
      '| a \\| b | 1.50 k |',
      '| c      |     12 |',
      '',
    ];
    expect(toMarkdown({ title: 'T', columns: ['name', 'rate'], rows })).toBe(expected.join('\n'));
  });

  it('show three digits', () => {
    const numbers = [0.1234, 12.34, 1234, 12_345, 999_600, 1_234_567];
    expect(numbers.map(short)).toEqual(['0.123', '12.3', '1234', '12.3 k', '1.00 M', '1.23 M']);
    expect(short(undefined)).toBe('–');
    expect(percent(0.745)).toBe('75 %');
    expect([times(30, 2), times(3, 2), times(undefined, 2)]).toEqual(['15×', '1.5×', '–']);
  });
});

describe('report', () => {
  it('escapes text', () => {
    expect(escapeText('<a & "b">')).toBe('&lt;a &amp; &quot;b&quot;&gt;');
    expect(element('rect', { x: 1.2345, class: 'c0' }, 'in')).toBe(
      '<rect x="1.2" class="c0">in</rect>',
    );
  });

  it('puts ticks around the values', () => {
    expect(decades([{ y: 30 }, { y: 4000 }])).toEqual([10, 100, 1000, 10_000]);
    expect(decades([{ y: 10 }])).toEqual([10, 100]);
    expect(linearTicks([{ y: 0.7 }]).at(-1)).toBeCloseTo(0.8);
  });

  it('is one page without references, even with nothing measured', () => {
    const page = createReport({}, 'body { color: red }');
    expect(page).toMatch(/^<!doctype html>\n<html/);
    expect(page).toContain('body { color: red }');
    expect(page).not.toMatch(/src=|href=/);
  });
});

describe('what is published', () => {
  const sweep = (name: string) => ({
    name,
    title: `the ${name}`,
    points: [1, 2].map((value) => ({ value, rate: 1000 * value, gflops: 25, peak: 50 })),
  });
  const calibration = { best: 50, median: 50, lowest: 50, readings: 1 };

  it('draws two plots for each way to grow, inside the picture', () => {
    const svg = growthPlots({ growth: ['width', 'depth'].map(sweep), calibration }, '');
    expect(svg.match(/<svg /g)).toHaveLength(1 + 4);
    expect(svg).toContain('Growth with the depth: the depth');
    expect(svg.match(/50 %/g)?.length).toBeGreaterThan(0);
    const heights = [...svg.matchAll(/translate\(0 (\d+)\)/g)].map(([, y]) => Number(y));
    expect(new Set(heights)).toEqual(new Set([0, 30, 262]));
    expect(svg).toContain('viewBox="0 0 880 524"');
  });

  it('gives ratios to the libraries a reader knows, and a dash for what was not measured', () => {
    const peer = (name: string) => ({ name, version: '1', note: '' });
    const entry = (name: string, rate: number) => ({ peer: name, rate, difference: 0, values: [] });
    const { columns, rows } = ratiosTable({
      machine: {} as never,
      calibration,
      peers: ['chainrule', 'brain.js', 'PyTorch', 'NumPy'].map(peer),
      workloads: [
        {
          name: 'work',
          title: 'work',
          kind: 'train',
          peak: 50,
          entries: [entry('chainrule', 300), entry('brain.js', 1), entry('PyTorch', 200)],
          absent: [],
        },
      ],
    });
    expect(columns).toEqual(['work', 'examples per second', 'PyTorch', 'NumPy']);
    expect(rows).toEqual([['work', '300', '1.5×', '–']]);
  });
});
