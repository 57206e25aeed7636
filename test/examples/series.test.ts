import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepare } from '../../examples/series/data.mjs';
import { mackeyGlass } from '../../examples/series/mackey-glass.mjs';
import { plot } from '../../examples/series/plot.mjs';
import { runExample } from './run.ts';

let directory = '';
beforeAll(() => void (directory = mkdtempSync(join(tmpdir(), 'chainrule-'))));
afterAll(() => rmSync(directory, { recursive: true }));

function write(name: string, content: string): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

describe('the series of Mackey and Glass', () => {
  const series = mackeyGlass(1000);

  it('changes as its equation says', () => {
    // Simpson's rule over two units of time, on the values alone. The Euler steps of the generator are a tenth.
    const change = (t: number): number =>
      (0.2 * series[t - 17]) / (1 + series[t - 17] ** 10) - 0.1 * series[t];
    for (let t = 17; t + 2 < series.length; t++) {
      const integral = (change(t) + 4 * change(t + 1) + change(t + 2)) / 3;
      expect(Math.abs(series[t + 2] - series[t] - integral)).toBeLessThan(0.01);
    }
  });

  it('stays between bounds and never returns to where it was', () => {
    expect(Math.min(...series)).toBeGreaterThan(0.2);
    expect(Math.max(...series)).toBeLessThan(1.4);
    for (let period = 10; period < 500; period++) {
      const apart = series.subarray(period).map((value, t) => Math.abs(value - series[t]));
      expect(Math.max(...apart)).toBeGreaterThan(0.1);
    }
  });

  it('begins the same however long it is', () => {
    expect(mackeyGlass(100)).toEqual(series.slice(0, 100));
  });
});

describe('the windows of a series', () => {
  it('are questions and answers, on the scale of the part to learn from', () => {
    const series = Float32Array.from({ length: 40 }, (_, t) => (t < 30 ? t % 2 : 100 + t));
    const { train, test, mean, deviation, length } = prepare(series, { window: 3, ahead: 2 });
    expect([mean, deviation]).toEqual([0.5, 0.5]);
    expect(length).toEqual({ learnt: 30, heldOut: 10 });
    expect(train.y.length).toBe(30 - 4);
    expect(train.x.length).toBe(3 * 26);
    expect([...train.x.subarray(0, 6)]).toEqual([-1, 1, -1, 1, -1, 1]);
    expect([...train.y.subarray(0, 2)]).toEqual([-1, 1]); // the values at 4 and 5
    const scaled = (t: number): number => (100 + t - 0.5) / 0.5;
    expect([...test.x.subarray(15)]).toEqual([35, 36, 37].map(scaled));
    expect([...test.y]).toEqual([34, 35, 36, 37, 38, 39].map(scaled));
  });

  it('exist from the length on that the error names', () => {
    const ramp = (length: number): Float32Array => Float32Array.from({ length }, (_, t) => t);
    for (const [window, ahead] of [
      [30, 17],
      [1, 1],
      [4, 3],
    ]) {
      expect(() => prepare(ramp(1), { window, ahead })).toThrow(/1 numbers are too few/);
      const least = Array.from({ length: 300 }, (_, length) => length).find((length) => {
        try {
          return prepare(ramp(length), { window, ahead }).test.y.length > 0;
        } catch {
          return false;
        }
      });
      expect(() => prepare(ramp(1), { window, ahead })).toThrow(`at least ${least} are needed`);
    }
  });
});

describe('the plot of a forecast', () => {
  it('marks truth, forecast, and where they meet', () => {
    expect(plot([0, 1, 2], [0, 2, 1], 3)).toEqual([
      '2.00 │ ○─',
      '     │ ─○',
      '0.00 │●',
      '     └┴──',
    ]);
  });

  it('is flat for a constant series', () => {
    expect(plot([1, 1], [1, 1], 2)).toEqual(['1.00 │●●', '1.00 │', '     └┴─']);
  });
});

describe('the forecast', () => {
  /** Root of the mean square of the errors, by name. */
  const errors = (out: string): number[] =>
    ['as now', 'linear in the window', 'GRU of 16 units'].map((name) =>
      Number(new RegExp(`^${name} +([\\d.e-]+)`, 'm').exec(out)?.[1]),
    );

  it('of the chaotic series is a hundred times better than "as now"', () => {
    const { status, out, error } = runExample('series');
    expect({ status, error }).toEqual({ status: 0, error: '' });
    const series = mackeyGlass(2400);
    let sum = 0;
    for (let t = 1800 + 29; t + 17 < 2400; t++) sum += (series[t + 17] - series[t]) ** 2;
    const naive = Math.sqrt(sum / (600 - 46));
    const [now, linear, recurrent] = errors(out);
    expect(now).toBeCloseTo(naive, 3);
    expect(linear).toBeLessThan(naive / 2);
    expect(recurrent).toBeLessThan(naive / 100);
    expect(out.match(/│/g)).toHaveLength(14);
    expect(out).toContain('●');
  }, 120_000);

  it('of a file finds a sum of two waves', () => {
    const waves = Array.from({ length: 600 }, (_, t) => 50 + 3 * Math.sin(t / 4) + Math.sin(t / 7));
    const path = write('waves', `${waves.join('\n')}\n`);
    const { status, out, error } = runExample('series', path, '--ahead', '5', '--window', '20');
    expect({ status, error }).toEqual({ status: 0, error: '' });
    expect(out).toContain('450 numbers to learn from, 150 held out; 5 steps ahead, from the 20');
    const [now, , recurrent] = errors(out);
    expect(recurrent).toBeLessThan(now / 10);
  }, 120_000);

  it('explains in one line what is wrong with a file or the command line', () => {
    const usage =
      'Usage: node examples/series/main.mjs [FILE] [--ahead n] [--window n] [--epochs n] [--seed n]';
    const same = write('same', '1\n'.repeat(300));
    for (const [options, message] of [
      [[join(directory, 'nowhere')], `${join(directory, 'nowhere')}: no such file`],
      [
        [write('words', '1\ntwo\n')],
        `${join(directory, 'words')}:2: expected one number per line, got "two"`,
      ],
      [
        [write('gap', '1\n\n2\n')],
        `${join(directory, 'gap')}:2: expected one number per line, got ""`,
      ],
      [
        [write('few', '1\n2\n3\n')],
        `3 numbers are too few to look 30 back and 17 ahead, at least 185 are needed`,
      ],
      [[same], `the numbers to learn from are all the same`],
      [['--ahead', '1.5'], `--ahead: expected a whole number from 1, got "1.5". ${usage}`],
    ] as [string[], string][]) {
      expect(runExample('series', ...options)).toEqual({
        status: 1,
        out: '',
        error: `series: ${message}\n`,
      });
    }
  });
});
