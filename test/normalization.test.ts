import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCore } from '../src/core/create.ts';
import { fitNormalizer } from '../src/data/normalizer.ts';
import { Engine } from '../src/engine.ts';
import { adam, dense, type FlatValues, Network, NetworkError } from '../src/index.ts';
import type { NormalizeSpec } from '../src/index.ts';
import { resolveSpec } from '../src/nn/spec.ts';
import { ResidentData } from '../src/training/data.ts';
import { CORES } from './reference/library.ts';
import { randomSource } from './reference/random.ts';

const { fround } = Math;
const ROWS = 37;
const INPUTS = 5;

const spec = (normalize?: NormalizeSpec) =>
  ({
    input: INPUTS,
    layers: [dense(7, 'tanh'), dense(3, 'softmax')],
    loss: 'crossEntropy',
    seed: 4,
    ...(normalize && { normalize }),
  }) as const;

/** Columns of very different scale; the last but one is constant, the last one mostly 0. */
function features(): Float32Array {
  const random = randomSource(11);
  return Float32Array.from({ length: ROWS * INPUTS }, (_, index) => {
    const value = random();
    return [1990 + 30 * value, 1e-4 * value, -3 + value, 0.1, value < 0.2 ? 255 * value : 0][
      index % INPUTS
    ];
  });
}

const labels = Uint8Array.from({ length: ROWS }, (_, row) => (row * row) % 3);
const bits = (values: Float32Array): Uint32Array => new Uint32Array(values.slice().buffer);
const numbers = fc.oneof(
  // Numbers near the smallest ones of f32 have too few digits for the bounds below.
  fc
    .float({ noNaN: true, noDefaultInfinity: true, min: fround(-1e6), max: fround(1e6) })
    .filter((value) => value === 0 || Math.abs(value) > 1e-30),
  fc.integer({ min: -3, max: 3 }).map(fround),
);

/** A column's statistics from their definitions, in another order of additions. */
function reference(column: number[]): { mean: number; deviation: number } {
  const mean = [...column].reverse().reduce((sum, value) => sum + value / column.length, 0);
  const squares = [...column].reverse().map((value) => (value - mean) ** 2 / column.length);
  return { mean, deviation: Math.sqrt(squares.reduce((sum, value) => sum + value, 0)) };
}

describe('the statistics', () => {
  const matrices = fc.integer({ min: 1, max: 4 }).chain((columns) =>
    fc.record({
      columns: fc.constant(columns),
      rows: fc.array(fc.array(numbers, { minLength: columns, maxLength: columns }), {
        minLength: 1,
        maxLength: 40,
      }),
    }),
  );

  it('of standard are mean and deviation; a constant column becomes 0', () => {
    fc.assert(
      fc.property(matrices, ({ columns, rows }) => {
        const matrix = { columns, rows: rows.length, values: Float32Array.from(rows.flat()) };
        const { shift, factor } = fitNormalizer('standard', matrix);
        for (let j = 0; j < columns; j++) {
          const column = rows.map((row) => row[j]);
          const { mean, deviation } = reference(column);
          if (column.every((value) => value === column[0])) {
            expect([shift[j] + 0, factor[j]]).toEqual([column[0] + 0, 1]);
            continue;
          }
          const scale = Math.max(...column.map(Math.abs));
          expect(Math.abs(shift[j] - mean)).toBeLessThanOrEqual(2 ** -23 * scale);
          expect(Math.abs(factor[j] * deviation - 1)).toBeLessThanOrEqual(1e-5);
        }
      }),
    );
  });

  it('of minmax bring the data to [0, 1]', () => {
    fc.assert(
      fc.property(matrices, ({ columns, rows }) => {
        const matrix = { columns, rows: rows.length, values: Float32Array.from(rows.flat()) };
        const { shift, factor } = fitNormalizer('minmax', matrix);
        for (let j = 0; j < columns; j++) {
          const scaled = rows.map((row) => (row[j] - shift[j]) * factor[j]);
          const constant = rows.every((row) => row[j] === rows[0][j]);
          expect(Math.min(...scaled)).toBeCloseTo(0, 6);
          expect(Math.max(...scaled)).toBeCloseTo(constant ? 0 : 1, 6);
        }
      }),
    );
  });

  it('are those of the numbers as 32-bit floats', () => {
    const x = [16777217, 0.1, 16777217, 0.1];
    const matrix = { rows: 2, columns: 2 };
    const wide = fitNormalizer('standard', { ...matrix, values: Float64Array.from(x) });
    expect(wide).toEqual(fitNormalizer('standard', { ...matrix, values: Float32Array.from(x) }));
    expect([...wide.factor]).toEqual([1, 1]);
  });

  it('do not overflow where values hardly differ', () => {
    const values = Float32Array.of(0, 1e-45);
    const { factor } = fitNormalizer('standard', { rows: 2, columns: 1, values });
    expect(factor[0]).toBe(1);
  });
});

describe.each(CORES)('a network that normalises, core %s', (core) => {
  const x = features();
  const bytes = Uint8Array.from(x, (value, index) => (index % INPUTS === 3 ? 9 : value));
  const forms: [string, NormalizeSpec, FlatValues][] = [
    ['standard, floats', 'standard', x],
    ['minmax, floats', 'minmax', x],
    ['standard, bytes', 'standard', bytes],
    ['scale, bytes', { scale: 1 / 255 }, bytes],
    ['scale, mostly zeros', { scale: 1 / 255 }, x.map((v, i) => (i % INPUTS === 4 ? v : 0))],
    ['minmax, mostly zeros', 'minmax', x.map((v, i) => (i % INPUTS === 4 ? v : -0))],
  ];

  it.each(forms)('has the bits of one that is given normalised data: %s', (_, normalize, raw) => {
    const net = new Network(spec(normalize), { core });
    const twin = new Network(spec(), { core });
    const options = { epochs: 3, batchSize: 8, optimizer: adam({ learningRate: 0.01 }) };
    net.fitSync({ x: raw, y: labels }, options);
    const { shift, factor } = net.normalizer!;
    const normalised = Float32Array.from(raw, (value, index) =>
      fround(fround(value - shift[index % INPUTS]) * factor[index % INPUTS]),
    );
    twin.fitSync({ x: normalised, y: labels }, options);
    expect(net.hash()).toBe(twin.hash());
    expect(bits(net.predict(raw))).toEqual(bits(twin.predict(normalised)));
    expect(net.evaluate({ x: raw, y: labels })).toEqual(
      twin.evaluate({ x: normalised, y: labels }),
    );
    expect(net.gradients(raw, labels)).toEqual(twin.gradients(normalised, labels));
    net.trainBatch(raw, labels);
    twin.trainBatch(normalised, labels);
    expect(net.hash()).toBe(twin.hash());
    net.dispose();
    twin.dispose();
  });
});

it('gives the same bits on both cores', () => {
  const hashes = CORES.map((core) => {
    const net = new Network(spec('standard'), { core });
    net.fitSync({ x: features(), y: labels }, { epochs: 2 });
    return net.hash() + bits(net.normalizer!.shift).join() + bits(net.normalizer!.factor).join();
  });
  expect(new Set(hashes).size).toBe(1);
});

it.each([
  ['minmax', 'nonzeros'],
  ['standard', 'rows'],
] as const)('%s of mostly zeros trains on %s', (normalize, form) => {
  const { model } = resolveSpec(spec(normalize));
  const engine = new Engine(createCore('js'), model);
  const values = features().map((value, index) => (index % INPUTS === 4 ? value : 0));
  const matrix = { rows: ROWS, columns: INPUTS, values, examples: ROWS };
  model.normalization!.normalizer = fitNormalizer(normalize, matrix);
  const y = { kind: 'labels', rows: ROWS, labels: Uint32Array.from(labels) } as const;
  expect(new ResidentData(engine, { x: matrix, y }, 1).source.form).toBe(form);
});

describe('what is learned', () => {
  const x = features();
  const data = { x, y: labels };
  const other = { x: x.map((value) => value * 2 + 1), y: labels };

  it('is unknown before the first fit, and using it then is an error', () => {
    const net = new Network(spec('standard'));
    expect(net.normalizer).toBe(undefined);
    expect(net.summary()).toContain('features standard, to be learned from the first fit');
    const uses = [
      () => net.predict(x),
      () => net.evaluate(data),
      () => net.gradients(x, labels),
      () => net.trainBatch(x, labels),
      () => net.trace(x, labels),
    ];
    for (const use of uses) {
      expect(use).toThrow(NetworkError);
      expect(use).toThrow(/has not seen training data.*fitNormalizer\(x\)/);
    }
    expect(net.program()).toContain('normalised x = (x − shift) ⊙ factor');
  });

  it('comes from the training data alone, and from the first fit', () => {
    const net = new Network(spec('standard'));
    net.fitSync(data, { epochs: 1, validation: other });
    const learned = net.normalizer;
    const matrix = { rows: ROWS, columns: INPUTS, values: x };
    expect(learned).toEqual(fitNormalizer('standard', matrix));
    net.fitSync(other, { epochs: 1 });
    expect(net.normalizer).toEqual(learned);
    expect(net.summary()).toContain('features standard, learned: (x − shift) · factor');
  });

  it('is learned anew by fitNormalizer, and set by hand', () => {
    const net = new Network(spec('minmax'));
    net.fitNormalizer(x);
    net.trainBatch(x, labels);
    net.fitNormalizer(other.x);
    const values = { rows: ROWS, columns: INPUTS, values: other.x };
    expect(net.normalizer).toEqual(fitNormalizer('minmax', values));
    const before = net.predict(x);
    const copy = new Network(spec('minmax'));
    copy.normalizer = net.normalizer!;
    copy.parameters.forEach((parameter, index) => parameter.set(net.parameters[index].get()));
    expect(copy.predict(x)).toEqual(before);
    net.normalizer!.shift.fill(7); // a copy
    expect(net.predict(x)).toEqual(before);
  });

  it('stays unknown when a fit cannot begin', () => {
    const net = new Network(spec('standard'));
    expect(() => net.fitSync({ x, y: [1] }, { epochs: 1 })).toThrow(RangeError);
    expect(() => net.fitSync(data, { epochs: 1, validation: { x: [1], y: [1] } })).toThrow();
    expect(net.normalizer).toBe(undefined);
  });

  it('is kept while a run trains', async () => {
    const net = new Network(spec('standard'));
    const run = net.fit(data, { epochs: 3 });
    const learned = net.normalizer!;
    expect(() => net.fitNormalizer(x)).toThrow(/being trained/);
    expect(() => void (net.normalizer = learned)).toThrow(/being trained/);
    await run;
  });

  it('is refused where it makes no sense', () => {
    const plain = new Network(spec());
    expect(() => plain.fitNormalizer(x)).toThrow(/no normalisation to learn/);
    const net = new Network(spec('standard'));
    const zeros = new Float32Array(INPUTS);
    expect(() => void (plain.normalizer = { shift: zeros, factor: zeros })).toThrow(
      /does not normalise/,
    );
    expect(() => void (net.normalizer = { shift: zeros, factor: zeros.subarray(1) })).toThrow(
      /normalizer\.factor: expected 5 numbers, one per feature column, got 4/,
    );
    expect(() => void (net.normalizer = { shift: zeros.map(() => NaN), factor: zeros })).toThrow(
      /normalizer\.shift\[0\]: expected a finite/,
    );
    for (const normalize of ['standart', 1, { scale: 0 }, { scale: 1e-60 }, { factor: 2 }]) {
      expect(() => new Network(spec(normalize as NormalizeSpec))).toThrow(/^normalize/);
    }
  });

  it('shows in a trace', () => {
    const net = new Network(spec('minmax'));
    net.fitNormalizer(x);
    const trace = net.trace(x.subarray(0, INPUTS), [1]);
    expect([...trace.x.values]).toEqual([...x.subarray(0, INPUTS)]);
    const { shift, factor } = net.normalizer!;
    const [first] = trace.layers;
    expect([...first.input.values]).toEqual(
      [...x.subarray(0, INPUTS)].map((v, j) => fround(fround(v - shift[j]) * factor[j])),
    );
    expect(String(trace)).toContain('z = normalised x Wᵀ + b');
  });
});
