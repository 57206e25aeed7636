import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  adam,
  adamw,
  dense,
  dropout,
  Network,
  NetworkError,
  readSafetensors,
} from '../../src/index.ts';
import { writeSafetensors } from '../../src/index.ts';
import type { NetworkSpec, StateTensor } from '../../src/index.ts';
import { readByDefinition, safetensors, signed } from './format.ts';
import { networkSpecs } from './networks.ts';

const spec: NetworkSpec = {
  input: { features: ['left', 'right'] },
  layers: [dense(3, 'tanh'), dropout(0.2), dense(2, 'softmax')],
  loss: 'crossEntropy',
  classes: ['same', 'other'],
  seed: 12,
};
const data = {
  x: [
    { left: 0, right: 0 },
    { left: 0, right: 1 },
    { left: 1, right: 0 },
    { left: 1, right: 1 },
  ],
  y: ['same', 'other', 'other', 'same'],
};
const net = new Network(spec);
net.fitSync(data, { epochs: 3, batchSize: 2 });
const file = net.save();

/** The file with its entry of JSON changed, and no new digest. */
function withEntry(change: (document: Record<string, unknown>) => void): Uint8Array {
  const { tensors, metadata } = readSafetensors(file);
  const document = JSON.parse(metadata['chainrule']!) as Record<string, unknown>;
  change(document);
  return writeSafetensors(tensors, { chainrule: JSON.stringify(document) });
}

describe('save and load', () => {
  it('gives the same network on both cores, to the bit, for any spec', () => {
    fc.assert(
      fc.property(networkSpecs, fc.constantFrom('js', 'simd'), (given, core) => {
        using saved = new Network(given, { core });
        using loaded = Network.load(saved.save(), { core: core === 'js' ? 'simd' : 'js' });
        expect(loaded.hash()).toBe(saved.hash());
        expect(loaded.core).not.toBe(saved.core);
        expect(JSON.stringify(loaded.spec)).toBe(JSON.stringify(JSON.parse(plain(saved.spec))));
        expect([...loaded.save()]).toEqual([...saved.save()]);
      }),
    );
    function plain(value: NetworkSpec): string {
      return JSON.stringify(value, (_, part: unknown) =>
        part instanceof Float64Array ? [...part] : part,
      );
    }
  });

  it('the loaded network predicts, names its classes and trains on as the saved one does', () => {
    using loaded = Network.load(file);
    expect(loaded.predict(data.x)).toEqual(net.predict(data.x));
    expect(loaded.evaluate(data)).toEqual(net.evaluate(data));
    const options = { epochs: 2, batchSize: 2, optimizer: adam({ learningRate: 0.1 }) };
    using again = Network.load(file, { core: 'js' });
    using text = Network.fromJSON(JSON.stringify(net));
    using original = new Network(spec);
    original.fitSync(data, { epochs: 3, batchSize: 2 });
    // Each run goes on with new shuffles and dropout masks: the counters of the random streams are in the file.
    for (const copy of [loaded, again, text, original]) copy.fitSync(data, options);
    for (const copy of [loaded, again, text]) expect(copy.hash()).toBe(original.hash());
  });

  it('the file has the parameters under their names, in their shapes, and one entry of metadata', () => {
    const read = readByDefinition(file);
    expect(read.names).toEqual(['layers.0.W', 'layers.0.b', 'layers.2.W', 'layers.2.b']);
    for (const { name, get } of net.parameters) expect(read.floats(name)).toEqual([...get()]);
    expect(Object.keys(read.metadata)).toEqual(['chainrule']);
    const { digest: _, ...document } = JSON.parse(read.metadata['chainrule']!);
    const counters = { epochs: 3, updates: 6 };
    expect(document).toEqual({ version: 1, spec: net.spec, counters });
    expect((8 + Number(new DataView(file.buffer).getBigUint64(0, true))) % 8).toBe(0);
  });

  describe.each(['standard', 'minmax', { scale: 1 / 255 }] as const)(
    'with normalize: %o',
    (normalize) => {
      const x = [
        [170, -2, 3],
        [180, -3, 3],
        [150, 9, 3],
      ];
      const spec: NetworkSpec = { input: 3, normalize, layers: [dense(2)], loss: 'squaredError' };
      const copies = (saved: Network): Network[] => [
        Network.load(saved.save()),
        Network.fromJSON(JSON.stringify(saved)),
      ];

      it('what was learned goes along', () => {
        const saved = new Network(spec);
        saved.fitSync(
          {
            x,
            y: [
              [1, 2],
              [2, 3],
              [3, 4],
            ],
          },
          { epochs: 2 },
        );
        for (const loaded of copies(saved)) {
          expect(loaded.normalizer).toEqual(saved.normalizer);
          expect(loaded.predict(x)).toEqual(saved.predict(x));
        }
      });

      it('and what was not learned yet is not', () => {
        const saved = new Network(spec);
        for (const loaded of copies(saved)) expect(loaded.normalizer).toEqual(saved.normalizer);
      });

      it('numbers in place of those of the spec go along', () => {
        const saved = new Network(spec);
        saved.normalizer = { shift: Float32Array.of(1, 2, 3), factor: Float32Array.of(4, 5, 6) };
        for (const loaded of copies(saved)) expect(loaded.normalizer).toEqual(saved.normalizer);
      });
    },
  );

  it('can be saved while it is being trained', async () => {
    using training = new Network(spec);
    const run = training.fit(data, { epochs: 1e6 });
    for await (const { epoch } of run) {
      using copy = Network.load(training.save());
      expect(copy.hash()).toBe(training.hash());
      if (epoch > 1) break;
    }
  });

  it('cannot be saved once it was disposed', () => {
    const gone = new Network(spec);
    gone.dispose();
    expect(() => gone.save()).toThrow(expect.objectContaining({ code: 'DISPOSED' }));
  });

  it('options are those of the constructor, and bytes are bytes', () => {
    expect(() => Network.load(file, { core: 'wasm' as never })).toThrow(RangeError);
    expect(() => Network.load(file, { cores: 'js' } as never)).toThrow(TypeError);
    expect(() => Network.load('file' as never)).toThrow(TypeError);
    expect(Network.load(file.buffer).hash()).toBe(net.hash());
  });
});

describe('a file that is no network of ours', () => {
  const cases: [string, Uint8Array, RegExp][] = [
    ['of another program', writeSafetensors({}), /no entry 'chainrule'.*fromStateDict/],
    [
      'another version',
      withEntry((entry) => void (entry['version'] = 2)),
      /version 1, got 2.*update/,
    ],
    ['no version', withEntry((entry) => delete entry['version']), /version 1, got undefined/],
    ['another entry', withEntry((entry) => void (entry['extra'] = 1)), /unknown entry 'extra'/],
    ['no spec', withEntry((entry) => delete entry['spec']), /digest is not that of its contents/],
    ['another spec', withEntry((entry) => void (entry['spec'] = {})), /digest is not that/],
    ['no JSON', writeSafetensors({}, { chainrule: 'x' }), /metadata 'chainrule': expected JSON/],
    ['a list', writeSafetensors({}, { chainrule: '[]' }), /expected an object with version/],
    ['a key twice', writeSafetensors({}, { chainrule: '{"a":1,"a":1}' }), /'a' is there twice/],
    ['a null digest', withEntry((entry) => void (entry['digest'] = null)), /digest is not that/],
  ];

  it.each(cases)('%s', (_, bytes, message) => {
    expect(() => Network.load(bytes)).toThrow(message);
    expect(() => Network.load(bytes)).toThrow(expect.objectContaining({ code: 'BAD_FILE' }));
  });
});

describe('a hostile file, whose digest fits', () => {
  const { tensors } = readSafetensors(file);
  const { 'layers.0.b': bias, ...rest } = tensors;
  const counters = { epochs: 3, updates: 6 };
  const good = { version: 1, spec: net.spec, counters };
  const changed = (name: string, shape: number[], values: StateTensor['values']): Uint8Array =>
    signed(good, { ...tensors, [name]: { shape, values } });
  const spec = (change: object): Uint8Array =>
    signed({ version: 1, spec: { ...net.spec, ...change }, counters }, tensors);
  const nested = JSON.parse(`${'['.repeat(200)}${']'.repeat(200)}`);
  const cases: [string, Uint8Array, RegExp][] = [
    ['a missing tensor', signed(good, rest), /'layers.0.b' \[3\] is missing.*'layers.0.W'/],
    ['one too many', signed(good, { ...tensors, x: bias! }), /'x': there is no such parameter/],
    ['another name', signed(good, { ...rest, 'layers.0.c': bias! }), /Did you mean 'layers.0.c'/],
    [
      'another shape',
      changed('layers.0.b', [3, 1], bias!.values),
      /expected shape \[3\], got \[3, 1\]/,
    ],
    ['another type', changed('layers.0.b', [3], new Float64Array(3)), /F32.*got Float64Array/],
    ['whole numbers', changed('layers.0.b', [3], new Int32Array(3)), /F32.*got Int32Array/],
    ['NaN', changed('layers.0.b', [3], Float32Array.of(0, NaN, 0)), /got NaN at index 1/],
    ['infinity', changed('layers.0.b', [3], Float32Array.of(0, 0, -Infinity)), /got -Infinity at/],
    [
      'no counters',
      signed({ version: 1, spec: net.spec }, tensors),
      /counters: expected an object/,
    ],
    [
      'counters of nothing',
      signed({ ...good, counters: { epochs: -1, updates: 0 } }, tensors),
      /counters: expected epochs and updates, whole numbers/,
    ],
    ['no spec', signed({ version: 1, counters }, tensors), /spec: .*expected an object/],
    ['an unknown option', spec({ dropout: 0.5 }), /spec: .*unknown option 'dropout'/],
    ['an unknown layer', spec({ layers: [{ kind: 'conv' }] }), /spec: layers\[0\].kind.*'conv'/],
    ['more units than memory', spec({ layers: [dense(2 ** 45), dense(2, 'softmax')] }), /shape/],
    ['more inputs than memory', spec({ input: 2 ** 52 }), /expected shape \[3, 4503599627370496\]/],
    [
      'more factors than memory',
      spec({ input: 2 ** 50, normalize: { scale: 1 } }),
      /expected shape \[3, 1125899906842624\]/,
    ],
    [
      'a normaliser of which nobody knows',
      signed(good, { ...tensors, 'normalizer.shift': bias! }),
      /'normalizer.shift': there is no such parameter/,
    ],
    [
      'half a normaliser',
      signed(
        { version: 1, spec: { ...net.spec, normalize: 'standard' } },
        { ...tensors, 'normalizer.shift': { shape: [2], values: new Float32Array(2) } },
      ),
      /'normalizer.factor' \[2\] is missing/,
    ],
    ['deep nesting', spec({ layers: [nested] }), /nested too deeply/],
    [
      '100 000 names',
      spec({ input: { features: Array.from(Array(1e5), (_, i) => `${i}`) } }),
      /shape/,
    ],
    ['a long name', spec({ loss: 'x'.repeat(1e6) }), /^.{1,600}$/],
  ];

  it('loads where nothing is wrong', () => {
    expect(Network.load(signed(good, tensors)).hash()).toBe(net.hash());
    expect(signed(good, tensors)).toEqual(file);
  });

  it.each(cases)('%s', (_, bytes, message) => {
    expect(() => Network.load(bytes)).toThrow(message);
    expect(() => Network.load(bytes)).toThrow(expect.objectContaining({ code: 'BAD_FILE' }));
  });
});

describe('damage', () => {
  /** Either the very same network, or an error that says it is a bad file. */
  const isEqualOrRefused = (bytes: Uint8Array): boolean => {
    try {
      using loaded = Network.load(bytes, { core: 'js' });
      expect(loaded.hash()).toBe(net.hash());
      expect(loaded.spec).toEqual(net.spec);
      return true;
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      expect(error.code).toBe('BAD_FILE');
      return false;
    }
  };

  it('a cut anywhere is refused', () => {
    for (let length = 0; length < file.length; length++) {
      expect(isEqualOrRefused(file.subarray(0, length))).toBe(false);
    }
  });

  it('any flipped bit is refused, but for those that change nothing', () => {
    let harmless = 0;
    for (let bit = 0; bit < file.length * 8; bit++) {
      const bytes = file.slice();
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      if (isEqualOrRefused(bytes)) harmless++;
    }
    // A space of the padding may become another blank, and the case of a hexadecimal escape does not matter.
    expect(harmless).toBeLessThan(8);
  });

  it('bytes overwritten, moved, inserted or left out', () => {
    const change = fc.tuple(fc.nat(file.length), fc.nat(40), fc.uint8Array({ maxLength: 40 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const bytes = [...file];
        for (const [start, removed, inserted] of changes) bytes.splice(start, removed, ...inserted);
        isEqualOrRefused(Uint8Array.from(bytes));
      }),
      { numRuns: 300 },
    );
  });

  it('a header with values of its JSON exchanged', () => {
    const start = 8 + Number(new DataView(file.buffer).getBigUint64(0, true));
    const header = new TextDecoder().decode(file.subarray(8, start));
    const scalars = [...header.matchAll(/\d+|"[^"\\]*"|\[[^\]]*\]/g)];
    fc.assert(
      fc.property(fc.nat(scalars.length - 1), fc.jsonValue(), (index, value) => {
        const { 0: old, index: at } = scalars[index]!;
        const changed = header.slice(0, at) + JSON.stringify(value) + header.slice(at + old.length);
        const bytes = safetensors(changed, file.length - start);
        bytes.set(file.subarray(start), bytes.length - (file.length - start));
        isEqualOrRefused(bytes);
      }),
      { numRuns: 300 },
    );
  });
});

it.each(['js', 'simd'] as const)(
  'a weight that decays away below zero ends at 0, not −0, so that files stay exact: core %s',
  (core) => {
    const fading = new Network(
      { input: 1, layers: [dense(5)], loss: 'meanSquaredError', seed: 1 },
      { core },
    );
    fading.parameters[0]!.set([-1e-45, -1e-45, -1e-45, -1e-45, -1e-45]);
    const optimizer = adamw({ learningRate: 0.9, weightDecay: 1 });
    fading.trainBatch([[0]], [[0, 0, 0, 0, 0]], { optimizer });
    expect([...fading.parameters[0]!.get()].map((w) => Object.is(w, 0))).not.toContain(false);
    expect(Network.load(fading.save()).hash()).toBe(fading.hash());
    fading.dispose();
  },
);
