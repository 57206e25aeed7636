import { describe, expect, expectTypeOf, it } from 'vitest';
import { Dataset, dense, Network, rnn } from '../../src/index.ts';
import type { NetworkSpec, Split, ThreeWaySplit, TrainingData } from '../../src/index.ts';
import { CORES } from '../reference/library.ts';

interface Flower {
  petal: number;
  colour: string;
  wild: boolean;
  species: string;
}

const flowers: Flower[] = [
  { petal: 1.5, colour: 'white', wild: true, species: 'versicolor' },
  { petal: 0.5, colour: 'blue', wild: false, species: 'setosa' },
  { petal: 2.5, colour: 'red', wild: true, species: 'virginica' },
  { petal: 0.25, colour: 'blue', wild: true, species: 'setosa' },
];

describe('a data set of records', () => {
  const data = Dataset.fromRecords(flowers, { target: 'species' });

  it('encodes names as one column per category, in the order of the names', () => {
    expect(data.features).toEqual([
      'petal',
      { name: 'colour', categories: ['blue', 'red', 'white'] },
      'wild',
    ]);
    expect([...data.x]).toEqual(
      [
        [1.5, 0, 0, 1, 1],
        [0.5, 1, 0, 0, 0],
        [2.5, 0, 1, 0, 1],
        [0.25, 1, 0, 0, 1],
      ].flat(),
    );
    expect(data.classes).toEqual(['setosa', 'versicolor', 'virginica']);
    expect([...data.y]).toEqual([1, 0, 2, 0]);
    expect([data.length, data.width]).toEqual([4, 5]);
  });

  it('takes the columns it is told to', () => {
    const few = Dataset.fromRecords(flowers, { target: 'petal', features: ['wild'] });
    expect(few.input).toEqual({ features: ['wild'] });
    expect([...few.x]).toEqual([1, 0, 1, 1]);
    expect([...few.y]).toEqual([1.5, 0.5, 2.5, 0.25]);
    expect(few.classes).toBe(undefined);
    const two = Dataset.fromRecords(flowers, { target: ['petal', 'wild'], features: ['colour'] });
    expect([...two.y]).toEqual([1.5, 1, 0.5, 0, 2.5, 1, 0.25, 1]);
  });

  it('encodes another set as the training set', () => {
    const { features, classes } = data;
    const test = Dataset.fromRecords([flowers[2]], {
      target: 'species',
      features: features!,
      classes: classes!,
    });
    expect([...test.x]).toEqual([2.5, 0, 1, 0, 1]);
    expect([...test.y]).toEqual([2]);
    const purple = [{ ...flowers[0], colour: 'purple' }];
    expect(() => Dataset.fromRecords(purple, { target: 'species', features: features! })).toThrow(
      "x[0]: column 'colour': expected one of 'blue', 'red', 'white', got \"purple\".",
    );
    const rose = [{ ...flowers[0], species: 'setosas' }];
    expect(() => Dataset.fromRecords(rose, { target: 'species', classes: classes! })).toThrow(
      "y[0]: no class is called 'setosas'. Did you mean 'setosa'? Known classes: setosa, versicolor, virginica.",
    );
  });

  it.each(CORES)('trains a network that takes such records, core %s', (core) => {
    const spec = JSON.parse(
      JSON.stringify({
        input: data.input,
        normalize: 'minmax',
        classes: data.classes,
        layers: [dense(4, 'tanh'), dense(3, 'softmax')],
        loss: 'crossEntropy',
        seed: 2,
      }),
    );
    const [net, twin] = [new Network(spec, { core }), new Network(spec, { core })];
    net.fitSync(data, { epochs: 5, validation: data });
    const x = flowers.map(({ species: _, ...rest }) => rest);
    twin.fitSync({ x, y: flowers.map(({ species }) => species) }, { epochs: 5 });
    expect(net.hash()).toBe(twin.hash());
    expect(net.predict(x)).toEqual(net.predict(data.x));
    expect(net.evaluate(data)).toEqual(twin.evaluate({ x: data.x, y: data.y }));
    const unknown = [{ petal: 1, colour: 'purple', wild: true }];
    expect(() => net.predict(unknown)).toThrow(
      /x\[0\]: column 'colour': expected one of 'blue', 'red', 'white', got "purple"/,
    );
    expect(() => net.predict([{ petal: 1, colour: 3, wild: true }])).toThrow(TypeError);
    expect(() => net.predict([{ petal: 1, color: 'red', wild: true }])).toThrow(
      "x[0]: column 'colour' is missing. Did you mean 'color'?",
    );
    expect(() => net.predict([{ petal: 'long', colour: 'red', wild: true }])).toThrow(
      /column 'petal': expected a number, got "long"/,
    );
    expect(() => net.predict([{ petal: NaN, colour: 'red', wild: true }])).toThrow(
      "x: row 0, column 0 ('petal') is NaN",
    );
  });

  it('knows its columns at compile time', () => {
    type Options = Parameters<typeof Dataset.fromRecords<Flower>>[1];
    expectTypeOf<Options['target']>().toEqualTypeOf<keyof Flower | readonly (keyof Flower)[]>();
    expectTypeOf(() => data.split({ test: 0.25 })).returns.toEqualTypeOf<Split>();
    expectTypeOf(() => data.split({ test: 0.25, validation: 0.25 })).returns.toEqualTypeOf<ThreeWaySplit>(); // prettier-ignore
    // A spec takes what a data set has, also where it may be undefined.
    expectTypeOf<Pick<Dataset, 'input' | 'classes'>>().toExtend<Pick<NetworkSpec, 'input' | 'classes'>>(); // prettier-ignore
    expectTypeOf<Dataset>().toExtend<TrainingData>();
  });

  it('names record and column of a cell that does not fit', () => {
    const broken = (cell: unknown, column: keyof Flower = 'petal'): Flower[] => [
      ...flowers,
      { ...flowers[0], [column]: cell },
    ];
    const make = (records: object[], target: string = 'species'): (() => Dataset) => {
      return () => Dataset.fromRecords(records, { target } as { target: never });
    };
    for (const empty of [undefined, null, '']) {
      expect(make(broken(empty))).toThrow(/^records\[4\]: column 'petal' is empty\. Fill it in/);
      expect(make(broken(empty, 'species'))).toThrow(/^records\[4\]: column 'species' is empty/);
    }
    expect(make(broken('2.5'))).toThrow(
      'records[4]: column \'petal\': expected a number as in the first record, got "2.5".',
    );
    expect(make(broken(7, 'colour'))).toThrow(/expected a string as in the first record, got 7/);
    expect(make(broken(Infinity))).toThrow("x: row 4, column 0 ('petal') is Infinity");
    expect(make(flowers, 'specie')).toThrow(
      "records[0]: column 'specie' is missing. Did you mean 'species'?",
    );
    const more = [...flowers, { ...flowers[0]!, petals: 3 }];
    expect(make(more)).toThrow(
      "records[4]: column 'petals' is not in the first record. Did you mean 'petal'?",
    );
    expect(Dataset.fromRecords(more, { target: 'species', features: ['petal'] })).toHaveLength(5);
    expect(make([])).toThrow('records: expected an array of objects, got an array of length 0.');
    expect(make([{ species: 'x' }])).toThrow('there is no column besides the target');
    const names = Array.from({ length: 1001 }, (_, i) => ({ id: `n${i}`, y: i }));
    expect(make(names, 'y')).toThrow(/column 'id' holds 1001 different names among 1001 records/);
  });

  it('refuses options that make no sense', () => {
    const options = (value: object): (() => Dataset) => {
      return () => Dataset.fromRecords(flowers, value as { target: 'species' });
    };
    expect(options({ targets: 'species' })).toThrow("unknown option 'targets'. Did you mean");
    expect(options({ target: ['petal', 'species'] })).toThrow(/column 'species' holds names/);
    expect(options({ target: [] })).toThrow(/^target: expected the name of a column/);
    expect(options({ target: 'species', features: ['petal', 'species'] })).toThrow(
      "features: 'species' is the target, so it cannot be a feature.",
    );
    expect(options({ target: 'species', features: ['petal', 'petal'] })).toThrow(/twice/);
  });
});

describe('a data set of arrays', () => {
  it('keeps bytes as bytes, and typed arrays without a copy', () => {
    const x = Uint8Array.of(1, 2, 3, 4, 5, 6);
    const data = new Dataset({ x, y: Uint8Array.of(7, 8) }, { width: 3 });
    expect(data.x).toBe(x);
    expect(data.select([1]).x).toEqual(Uint8Array.of(4, 5, 6));
    expect(data.select([1]).y).toEqual(Uint8Array.of(8));
    expect(data.input).toBe(3);
  });

  it('takes nested arrays, numbers and names', () => {
    const nested = new Dataset({ x: [[1, 2], [3, 4]], y: [[1, 0], [0, 1]] }); // prettier-ignore
    expect([nested.width, nested.length]).toEqual([2, 2]);
    expect([...nested.y]).toEqual([1, 0, 0, 1]);
    const named = new Dataset({ x: [1, 2, 3, 4], y: ['b', 'a'] }, { width: 2 });
    expect([named.length, named.classes, [...named.y]]).toEqual([2, ['a', 'b'], [1, 0]]);
    const ordered = { width: 2, classes: ['b', 'a'], features: ['p', 'q'] };
    const given = new Dataset({ x: [1, 2, 3, 4], y: ['b', 'a'] }, ordered);
    expect([given.input, [...given.y]]).toEqual([{ features: ['p', 'q'] }, [0, 1]]);
  });

  it('may hold sequences of one length', () => {
    const x = Float32Array.from({ length: 4 * 3 * 2 }, (_, index) => index % 5);
    const data = new Dataset({ x, y: [0, 1, 0, 1] }, { width: 3 * 2 });
    const { train } = data.split({ test: 0.25, by: 'tail' });
    const spec = {
      input: { features: 2, steps: 3 },
      layers: [rnn(3), dense(1)],
      loss: 'meanSquaredError',
      seed: 1,
    } as const;
    const [net, twin] = [new Network(spec), new Network(spec)];
    net.fitSync(train, { epochs: 2 });
    twin.fitSync({ x: x.subarray(0, 18), y: [0, 1, 0] }, { epochs: 2 });
    expect(net.hash()).toBe(twin.hash());
    const short = new Dataset({ x, y: new Float32Array(12) }, { width: 2 });
    expect(() => net.evaluate(short)).toThrow('has 2 feature columns, the network takes 6');
  });

  it('carries weights of its examples', () => {
    const data = new Dataset({ x: [[1], [2], [3]], y: [0, 1, 0], sampleWeights: [1, 2, 0.5] });
    expect([...data.select([2, 0]).sampleWeights!]).toEqual([0.5, 1]);
    const net = new Network({ input: 1, layers: [dense(1)], loss: 'meanSquaredError', seed: 1 });
    const { x, y } = data;
    expect(net.evaluate(data)).toEqual(net.evaluate({ x, y, sampleWeights: [1, 2, 0.5] }));
    expect(net.evaluate(data)).not.toEqual(net.evaluate({ x, y }));
    expect(() => new Dataset({ x: [[1]], y: [1], sampleWeights: [-1] })).toThrow(/^sampleWeights/);
  });

  it('refuses data that do not fit together', () => {
    const make = (x: never, y: never, options?: object) => () => new Dataset({ x, y }, options);
    const x = [[1, 2], [3, 4]] as never; // prettier-ignore
    expect(make(x, [1, 2, 3] as never)).toThrow(
      'y: expected as many targets for each of the 2 examples, got 3 numbers.',
    );
    expect(make([[1, 2], [3]] as never, [1, 2] as never)).toThrow(
      'x[1]: expected 2 numbers, got 1.',
    );
    expect(make(Float32Array.of(1, 2) as never, [1] as never)).toThrow(/^width: missing\. Say how/);
    expect(make(x, [1, NaN] as never)).toThrow(/^y: row 1, column 0 is NaN/);
    expect(make(x, [0, 2] as never, { classes: ['a', 'b'] })).toThrow(
      'y[1]: expected the index of one of the 2 classes, got 2.',
    );
    expect(make(x, ['a', 1] as never)).toThrow('y[1]: expected the name of a class, got 1.');
    expect(make(x, ['a', 'b'] as never, { classes: ['a', 'a'] })).toThrow(/distinct/);
    expect(make(x, [1, 2] as never, { widht: 2 })).toThrow("Did you mean 'width'?");
    expect(() => new Dataset({ x, y: [1, 2] }).select([2])).toThrow(
      'indices[0]: expected a whole number from 0 to 1, got 2.',
    );
  });
});

describe('a network and a data set that do not match', () => {
  const spec = {
    input: { features: ['a', { name: 'b', categories: ['p', 'q'] }] },
    classes: ['no', 'yes'],
    layers: [dense(2, 'softmax')],
    loss: 'crossEntropy',
    seed: 1,
  } as const;
  const records = [
    { a: 1, b: 'p', y: 'yes' },
    { a: 2, b: 'q', y: 'no' },
  ];
  const net = new Network(spec);

  it('find the order of the classes by their names', () => {
    const reversed = Dataset.fromRecords(records, { target: 'y', classes: ['yes', 'no'] });
    const same = Dataset.fromRecords(records, { target: 'y' });
    expect([...reversed.y]).toEqual([0, 1]);
    expect(net.evaluate(reversed)).toEqual(net.evaluate(same));
  });

  it('are an error for other columns', () => {
    const wide = Dataset.fromRecords(records.map((r) => ({ ...r, c: 1 })), { target: 'y' }); // prettier-ignore
    expect(() => net.evaluate(wide)).toThrow(
      "data: feature column 3 is 'c', but the network takes only 3.",
    );
    const narrow = new Dataset({ x: [[1, 2]], y: ['no'] });
    expect(() => net.evaluate(narrow)).toThrow(
      'data: the data set has 2 feature columns, the network takes 3.',
    );
  });

  it('are an error for other categories and other classes', () => {
    const other = Dataset.fromRecords([{ a: 1, b: 'p', y: 'yes' }, { a: 1, b: 'r', y: 'no' }], { target: 'y' }); // prettier-ignore
    expect(() => net.evaluate(other)).toThrow(
      "data: feature column 2 is 'b = r', but the network was made for 'b = q'.",
    );
    const maybe = Dataset.fromRecords([...records, { a: 1, b: 'p', y: 'maybe' }], { target: 'y' });
    expect(() => net.fitSync(maybe, { epochs: 1 })).toThrow(
      "data: example 2 has class 'maybe', which the network does not know. Its classes: no, yes.",
    );
    expect(() => net.fitSync(Dataset.fromRecords(records, { target: 'y' }), { epochs: 1, validation: maybe })).toThrow(/^validation: example 2/); // prettier-ignore
  });
});
