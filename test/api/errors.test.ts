import { describe, expect, it } from 'vitest';
import {
  adagrad,
  adam,
  adamw,
  dense,
  Network,
  NetworkError,
  normal,
  rmsprop,
  sgd,
  uniform,
} from '../../src/index.ts';
import { suggestion } from '../../src/errors.ts';
import type { FitOptions, NetworkSpec } from '../../src/index.ts';

const spec: NetworkSpec = {
  input: 2,
  layers: [dense(3, 'tanh'), dense(2, 'softmax')],
  loss: 'crossEntropy',
  seed: 1,
};
const x = [
  [0, 1],
  [1, 0],
];
const y = [0, 1];

type Kind = typeof TypeError | typeof RangeError;

describe('a wrong spec', () => {
  const cases: [string, unknown, Kind, RegExp][] = [
    ['units 0', { ...spec, layers: [dense(0)] }, RangeError, /layers\[0\]\.units.*≥ 1, got 0/],
    ['units −1', { ...spec, layers: [dense(3), dense(-1)] }, RangeError, /layers\[1\]\.units/],
    ['units 2.5', { ...spec, layers: [dense(2.5)] }, RangeError, /layers\[0\]\.units.*whole/],
    ['units as text', { ...spec, layers: [dense('3' as never)] }, TypeError, /layers\[0\]\.units/],
    ['no layers', { ...spec, layers: [] }, RangeError, /layers: expected at least one/],
    ['layers no array', { ...spec, layers: 3 }, TypeError, /layers: expected an array/],
    ['a layer of null', { ...spec, layers: [null] }, TypeError, /layers\[0\]/],
    [
      'an unknown activation',
      { ...spec, layers: [dense(2, 'sigmiod' as never)] },
      RangeError,
      /layers\[0\]\.activation.*Did you mean 'sigmoid'/,
    ],
    [
      'an unknown loss',
      { ...spec, loss: 'crossentropy' },
      RangeError,
      /loss.*Did you mean 'crossEntropy'/,
    ],
    ['an unknown option', { ...spec, sead: 1 }, TypeError, /'sead'\. Did you mean 'seed'/],
    [
      'an unknown layer option',
      { ...spec, layers: [dense(2, 'relu', { biass: false } as never)] },
      TypeError,
      /layers\[0\]: unknown option 'biass'\. Did you mean 'bias'/,
    ],
    ['input 0', { ...spec, input: 0 }, RangeError, /input.*got 0/],
    ['a negative seed', { ...spec, seed: -1 }, RangeError, /seed/],
    [
      'cross-entropy without softmax',
      { ...spec, layers: [dense(2, 'relu')] },
      RangeError,
      /crossEntropy needs softmax outputs/,
    ],
    [
      'softmax with binary cross-entropy',
      { ...spec, loss: 'binaryCrossEntropy' },
      RangeError,
      /binaryCrossEntropy needs sigmoid outputs.*or crossEntropy with softmax/,
    ],
    [
      'softmax of one unit',
      { ...spec, layers: [dense(1, 'softmax')] },
      RangeError,
      /softmax of a single unit is always 1/,
    ],
    ['too few classes', { ...spec, classes: ['a'] }, RangeError, /classes.*\(2\), got 1/],
    ['classes twice', { ...spec, classes: ['a', 'a'] }, RangeError, /classes\[1\].*'a' twice/],
    [
      'explicit weights of another size',
      { ...spec, layers: [dense(3, 'tanh', { init: { W: [1, 2, 3] } }), dense(2, 'softmax')] },
      RangeError,
      /layers\[0\]\.init\.W: expected 6 values of shape \[3, 2\], got 3/,
    ],
    [
      'an unknown initialiser',
      { ...spec, layers: [dense(2, 'softmax', { init: 'heUnifrom' as never })] },
      RangeError,
      /layers\[0\]\.init.*Did you mean 'heUniform'/,
    ],
  ];
  it.each(cases)('%s', (_, value, kind, message) => {
    const make = (): Network => new Network(value as NetworkSpec);
    expect(make).toThrow(kind);
    expect(make).toThrow(message);
  });

  it('too large a network says how large', () => {
    const huge = (): Network =>
      new Network({ ...spec, input: 200_000, layers: [dense(100_000)], loss: 'huber' });
    expect(huge).toThrow(NetworkError);
    expect(huge).toThrow(/20000100000 parameters.*298\.0 GiB/);
  });

  it('an unknown core', () => {
    expect(() => new Network(spec, { core: 'smid' as never })).toThrow(/Did you mean 'simd'/);
  });
});

describe('wrong data', () => {
  const cases: [string, unknown, unknown, Kind, RegExp][] = [
    ['a row too wide', [[0, 1, 2]], [0], RangeError, /x\[0\]: expected 2 numbers, got 3/],
    ['a flat array of another width', new Float32Array(5), [0], RangeError, /rows of 2.*got 5/],
    ['no rows', [], [], RangeError, /x: expected at least one row/],
    ['unequal lengths', x, [0, 1, 0], RangeError, /y/],
    ['fewer targets', [...x, [1, 1]], y, RangeError, /y: expected one target for each of the 3/],
    ['a missing number', [[0, NaN]], [0], RangeError, /x: row 0, column 1 is NaN/],
    ['infinity', new Float32Array([0, 1, 2, Infinity]), y, RangeError, /row 1, column 1/],
    ['a number beyond f32', [[0, 1e39]], [0], RangeError, /row 0, column 1/],
    ['text', [['0', 1]], [0], TypeError, /x\[0\]\[0\]: expected a number, got "0"/],
    ['null', [null], [0], TypeError, /x\[0\]/],
    ['no array', 5, [0], TypeError, /x: expected a typed array or an array of rows, got 5/],
    ['big integers', new BigInt64Array(2), [0], TypeError, /x: expected numbers/],
    ['a label out of range', x, [0, 2], RangeError, /y\[1\].*from 0 to 1.*got 2/],
    ['a fractional label', x, [0, 0.5], RangeError, /y\[1\].*got 0\.5/],
    ['string labels without classes', x, ['a', 'b'], TypeError, /y\[0\].*classes/],
    [
      'probabilities above 1',
      x,
      [
        [0, 2],
        [1, 0],
      ],
      RangeError,
      /y: row 0, column 1 is 2/,
    ],
    ['rows without names', [{ a: 1, b: 2 }], [0], TypeError, /features: \['a', 'b'\]/],
  ];
  const calls: [string, (net: Network, x: never, y: never) => unknown][] = [
    ['fit', (net, x, y) => net.fit({ x, y }, { epochs: 1 })],
    ['fitSync', (net, x, y) => net.fitSync({ x, y }, { epochs: 1 })],
    ['trainBatch', (net, x, y) => net.trainBatch(x, y)],
    ['evaluate', (net, x, y) => net.evaluate({ x, y })],
    ['gradients', (net, x, y) => net.gradients(x, y)],
  ];
  for (const [name, call] of calls) {
    it.each(cases)(`${name}: %s`, (_, x, y, kind, message) => {
      using net = new Network(spec);
      const before = net.hash();
      expect(() => call(net, x as never, y as never)).toThrow(kind);
      expect(() => call(net, x as never, y as never)).toThrow(message);
      expect(net.hash()).toBe(before);
    });
  }

  it('named columns and classes say what is missing', () => {
    using net = new Network({
      ...spec,
      input: { features: ['width', 'height'] },
      classes: ['cat', 'dog'],
    });
    expect(() => net.predict([{ width: 1, hieght: 2 }])).toThrow(
      /column 'height' is missing\. Did you mean 'hieght'/,
    );
    expect(() => net.predict([{ width: 1, height: NaN }])).toThrow(/column 1 \('height'\) is NaN/);
    expect(() => net.gradients([{ width: 1, height: 2 }], ['dgo'])).toThrow(/Did you mean 'dog'/);
  });
});

describe('wrong options', () => {
  const cases: [string, unknown, Kind, RegExp][] = [
    ['no epochs', {}, TypeError, /epochs: expected a whole number, got undefined/],
    ['0 epochs', { epochs: 0 }, RangeError, /epochs.*≥ 1, got 0/],
    ['an unknown option', { epochs: 1, batchsize: 3 }, TypeError, /Did you mean 'batchSize'/],
    ['batch size 0', { epochs: 1, batchSize: 0 }, RangeError, /batchSize/],
    ['batch size as a word', { epochs: 1, batchSize: 'al' }, RangeError, /Did you mean 'all'/],
    ['no optimizer', { epochs: 1, optimizer: 'adam' }, TypeError, /optimizer/],
    ['an unknown optimizer', { epochs: 1, optimizer: { kind: 'adma' } }, RangeError, /'adam'/],
    ['a negative l2', { epochs: 1, l2: -1 }, RangeError, /^l2.*≥ 0.*got -1/],
    ['l1 as text', { epochs: 1, l1: '0.1' }, TypeError, /^l1: expected a number, got "0.1"/],
    [
      'biases as a number',
      { epochs: 1, l2: 1, regularizeBiases: 1 },
      TypeError,
      /^regularizeBiases: expected true or false/,
    ],
    ['clipNorm 0', { epochs: 1, clipNorm: 0 }, RangeError, /^clipNorm.*> 0.*got 0/],
    ['clipValue infinite', { epochs: 1, clipValue: Infinity }, RangeError, /^clipValue/],
    ['weight decay for sgd', { epochs: 1, weightDecay: 0.1 }, TypeError, /'weightDecay'/],
    ['shuffle as a number', { epochs: 1, shuffle: 1 }, TypeError, /shuffle/],
    ['an unknown metric', { epochs: 1, metrics: ['acuracy'] }, RangeError, /'accuracy'/],
    [
      'metrics without validation data',
      { epochs: 1, metrics: ['accuracy', 'f1'] },
      RangeError,
      /^metrics\[1\]: 'f1' is measured on validation data/,
    ],
    [
      'a stream to validate on',
      { epochs: 1, validation: () => [] },
      TypeError,
      /^validation: expected all examples at once, got a stream, which is for training only/,
    ],
    ['no signal', { epochs: 1, signal: {} }, TypeError, /AbortSignal/],
    [
      'wrong validation data',
      { epochs: 1, validation: { x: [[1]], y: [0] } },
      RangeError,
      /validation\.x\[0\]: expected 2/,
    ],
  ];
  it.each(cases)('%s', (_, options, kind, message) => {
    using net = new Network(spec);
    const before = net.hash();
    expect(() => net.fitSync({ x, y }, options as FitOptions)).toThrow(kind);
    expect(() => net.fitSync({ x, y }, options as FitOptions)).toThrow(message);
    expect(net.hash()).toBe(before);
  });

  it('a stream to evaluate', () => {
    using net = new Network(spec);
    const stream = (function* () {
      yield { x, y };
    })();
    expect(() => net.evaluate(stream as never)).toThrow(
      /^data: expected all examples at once, got a stream, which is for training only/,
    );
  });

  it('suggest no other word for a short one', () => {
    expect(suggestion('a', ['k'])).toBe('');
    expect(suggestion('ab', ['cd'])).toBe('');
    expect(suggestion('A', ['k', 'a'])).toBe(" Did you mean 'a'?");
    expect(suggestion('ab', ['ac'])).toBe(" Did you mean 'ac'?");
  });

  it('of optimizers and initialisers', () => {
    expect(() => sgd({ learningRate: 0 })).toThrow(/sgd\.learningRate.*> 0, got 0/);
    expect(() => sgd({ learningRate: NaN })).toThrow(RangeError);
    expect(() => sgd({ momentum: 0.9 } as never)).toThrow(TypeError);
    expect(() => adam({ beta1: 1 })).toThrow(RangeError);
    expect(() => adam({ epsilon: 1e-20 })).toThrow(/adam\.epsilon.*≥ 1e-12/);
    expect(() => rmsprop({ rho: 1 })).toThrow(/rmsprop\.rho/);
    expect(() => adagrad({ rho: 0.9 } as never)).toThrow(/adagrad: unknown option 'rho'/);
    expect(() => adamw({ weightDecay: -1 })).toThrow(/adamw\.weightDecay.*≥ 0, got -1/);
    expect(() => adam({ weightDecay: 0.1 } as never)).toThrow(/adam: unknown option/);
    expect(() => adam({ learning_rate: 1 } as never)).toThrow(/Did you mean 'learningRate'/);
    expect(() => uniform(1, 0)).toThrow(RangeError);
    expect(() => normal(0, -1)).toThrow(RangeError);
  });

  it('name every option of an optimizer once', () => {
    const net = new Network(spec);
    const optimizer = { type: 'momentum', learningRate: 0.1 } as never;
    expect(() => net.fitSync({ x, y }, { epochs: 1, optimizer })).toThrow(
      /unknown option 'type'.* Known options: kind, learningRate, momentum, rho, epsilon, beta1, beta2, weightDecay\.$/,
    );
  });
});

describe('wrong state', () => {
  it('every use after dispose', () => {
    const net = new Network(spec);
    const [parameter] = net.parameters;
    net.dispose();
    net.dispose();
    const uses = [
      () => net.predict(x),
      () => net.evaluate({ x, y }),
      () => net.gradients(x, y),
      () => net.trainBatch(x, y),
      () => net.fit({ x, y }, { epochs: 1 }),
      () => net.fitSync({ x, y }, { epochs: 1 }),
      () => net.hash(),
      () => net.summary(),
      () => net.program(),
      () => net.core,
      () => parameter!.get(),
      () => parameter!.set(new Float32Array(6)),
    ];
    for (const use of uses) {
      expect(use).toThrow(expect.objectContaining({ name: 'NetworkError', code: 'DISPOSED' }));
    }
  });

  it('changing a network while it trains', async () => {
    using net = new Network(spec);
    const run = net.fit({ x, y }, { epochs: 3 });
    const busy = expect.objectContaining({ code: 'BUSY' });
    expect(() => net.fit({ x, y }, { epochs: 1 })).toThrow(busy);
    expect(() => net.fitSync({ x, y }, { epochs: 1 })).toThrow(busy);
    expect(() => net.trainBatch(x, y)).toThrow(busy);
    expect(() => net.parameters[0]!.set(new Float32Array(6))).toThrow(busy);
    expect(net.predict(x)).toHaveLength(4);
    await run;
    expect(net.fitSync({ x, y }, { epochs: 1 }).stoppedBy).toBe('epochs');
  });

  it('parameters of another size, or not finite', () => {
    using net = new Network(spec);
    const before = net.hash();
    const weights = net.parameters[0]!;
    expect(() => weights.set([1, 2])).toThrow(/layers\.0\.W: expected 6 values.*got 2/);
    expect(() => weights.set([1, 2, 3, 4, 5, NaN])).toThrow(/layers\.0\.W\[5\]/);
    expect(() => weights.set([1, 2, 3, 4, 5, 1e39])).toThrow(RangeError);
    expect(net.hash()).toBe(before);
  });

  it.each(['js', 'simd'] as const)(
    'a diverging run stops before it ruins the network: %s',
    (core) => {
      const wild: NetworkSpec = { input: 1, layers: [dense(1)], loss: 'squaredError', seed: 1 };
      using net = new Network(wild, { core });
      const run = (): unknown =>
        net.fitSync(
          { x: [[1e19], [-2e19]], y: [[1], [1]] },
          { epochs: 50, optimizer: sgd({ learningRate: 1 }) },
        );
      expect(run).toThrow(expect.objectContaining({ code: 'DIVERGED' }));
      expect(run).toThrow(
        /epoch 1, batch 1\..*inputs are not scaled, they reach 2e\+19.*normalize/s,
      );
      for (const { get } of net.parameters) expect(get().every(Number.isFinite)).toBe(true);
    },
  );
});
