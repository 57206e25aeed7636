import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dense, Network, type NetworkJson } from '../../src/index.ts';
import { networkSpecs } from './networks.ts';

const net = new Network({
  input: 2,
  layers: [dense(3, 'tanh'), dense(1, 'sigmoid', { bias: false })],
  loss: 'binaryCrossEntropy',
  seed: 3,
});
const json = JSON.parse(JSON.stringify(net)) as NetworkJson;

describe('toJSON and fromJSON', () => {
  it('give the same network on both cores, to the bit, for any spec', () => {
    fc.assert(
      fc.property(networkSpecs, fc.constantFrom('js', 'simd'), (spec, core) => {
        using saved = new Network(spec, { core });
        const text = JSON.stringify(saved);
        using loaded = Network.fromJSON(text, { core: core === 'js' ? 'simd' : 'js' });
        using parsed = Network.fromJSON(JSON.parse(text));
        expect(loaded.hash()).toBe(saved.hash());
        expect(parsed.hash()).toBe(saved.hash());
        expect(JSON.stringify(loaded)).toBe(text);
      }),
    );
  });

  it('values are little-endian f32 in base64, whatever their number', () => {
    using large = new Network({ input: 300, layers: [dense(101)], loss: 'squaredError', seed: 1 });
    const { tensors } = large.toJSON();
    const bytes = Buffer.from(tensors['layers.0.W']!, 'base64');
    const values = Array.from({ length: 300 * 101 }, (_, index) => bytes.readFloatLE(4 * index));
    expect(values).toEqual([...large.parameters[0]!.get()]);
    expect(Network.fromJSON(large.toJSON()).hash()).toBe(large.hash());
  });

  it('say what they are', () => {
    expect(json).toMatchObject({ format: 'chainrule', version: 1, spec: { seed: 3 } });
    expect(Object.keys(json)).toEqual(['format', 'version', 'spec', 'counters', 'tensors']);
  });
});

describe('data that is refused', () => {
  const { tensors } = json;
  const notFinite = Buffer.from(Float32Array.of(1, 2, 3, NaN, 5, 6).buffer).toString('base64');
  const cases: [string, unknown, RegExp][] = [
    ['text that is no JSON', '{', /expected JSON/],
    ['a number', 3, /expected an object with version, format, spec, counters, tensors/],
    ['null', null, /expected an object/],
    ['a list', [], /expected an object/],
    ['a newer version', { ...json, version: 2 }, /expected version 1, got 2.*update chainrule/],
    ['a version as text', { ...json, version: '1' }, /expected version 1, got string/],
    ['no version', { ...json, version: undefined }, /expected version 1, got undefined/],
    ['another format', { ...json, format: 'brain' }, /expected format: 'chainrule'/],
    ['an unknown entry', { ...json, weights: {} }, /unknown entry 'weights'/],
    ['a key twice', '{"version":1,"version":1}', /'version' is there twice/],
    ['no spec', { ...json, spec: undefined }, /spec: new Network: expected an object/],
    ['an unknown layer', spec([{ kind: 'conv' }]), /spec: layers\[0\]\.kind: unknown name 'conv'/],
    ['another option', spec([{ ...dense(3), x: 1 }]), /spec: layers\[0\]: unknown option 'x'/],
    ['a huge spec', spec([dense(2 ** 40)]), /expected 8796093022208 bytes for shape/],
    [
      'a spec of more layers',
      spec([...json.spec.layers, dense(1)]),
      /'layers.2.W' \[1, 1\] is mis/,
    ],
    ['a spec of fewer layers', spec([dense(3)]), /'layers.1.W': there is no such parameter/],
    ['no tensors', { ...json, tensors: null }, /tensors: expected an object/],
    ['a missing one', { ...json, tensors: {} }, /'layers.0.W' \[3, 2\] is missing.*: none/],
    ['one too many', with_('layers.9.b', ''), /'layers.9.b': there is no such parameter/],
    ['one that is no text', with_('layers.0.b', [1, 2, 3]), /'layers.0.b': expected a base64 text/],
    ['one that is no base64', with_('layers.0.b', '????'), /'layers.0.b': expected a base64 text/],
    [
      'one of another size',
      with_('layers.0.b', 'AAAA'),
      /expected 12 bytes for shape \[3\], got 3/,
    ],
    [
      'one that is not finite',
      with_('layers.0.W', notFinite),
      /finite numbers, got NaN at index 3/,
    ],
  ];

  function spec(layers: unknown[]): unknown {
    return { ...json, spec: { ...json.spec, layers, loss: 'meanSquaredError' } };
  }

  function with_(name: string, value: unknown): unknown {
    return { ...json, tensors: { ...tensors, [name]: value } };
  }

  it.each(cases)('%s', (_, value, message) => {
    expect(() => Network.fromJSON(value as never)).toThrow(message);
    expect(() => Network.fromJSON(value as never)).toThrow(
      expect.objectContaining({ code: 'BAD_FILE' }),
    );
  });

  it('any JSON is refused as a bad file, never otherwise', () => {
    const keys = fc.constantFrom('format', 'version', 'spec', 'tensors', 'input', 'layers');
    const value = fc.letrec((tie) => ({
      node: fc.oneof(fc.jsonValue(), fc.dictionary(keys, tie('node'), { noNullPrototype: true })),
    })).node;
    fc.assert(
      fc.property(value, keys, (given, key) => {
        for (const data of [given, { ...json, [key]: given }, spec([given])]) {
          try {
            Network.fromJSON(data as never);
          } catch (error) {
            expect(error).toMatchObject({ name: 'NetworkError', code: 'BAD_FILE' });
          }
        }
      }),
    );
  });
});
