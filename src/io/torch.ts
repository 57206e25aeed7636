import type { Engine } from '../engine.ts';
import { describe } from '../errors.ts';
import type { LayerSpec } from '../nn/layers/index.ts';
import type { RnnSpec } from '../nn/layers/rnn.ts';
import { type NetworkSpec, resolveSpec } from '../nn/spec.ts';
import { mismatch } from './errors.ts';
import { type NetworkMaker, rangeTensors, setParameters } from './model.ts';
import { checkBytes, readSafetensors, type StateDict, type StateTensor } from './safetensors.ts';
import { takeTensors, type TensorShape } from './tensors.ts';

/** What a layer is in `torch.nn.Sequential`. */
interface TorchLayer {
  /** Modules it takes there, its activation function included: the names of the layers behind it count them. */
  readonly modules: number;
  /** PyTorch's names of its parameters, by ours. Shapes and layouts are the same; where there are several, their sum is ours. */
  readonly names: Readonly<Record<string, readonly string[]>>;
}

/** Our one bias is the sum of PyTorch's two. */
const recurrent: TorchLayer = {
  modules: 1,
  names: { Wx: ['weight_ih_l0'], Wh: ['weight_hh_l0'], b: ['bias_ih_l0', 'bias_hh_l0'] },
};

/** PyTorch's recurrent layers do not learn where they start. */
function isPlain({ initialState }: Pick<RnnSpec, 'initialState'>): boolean {
  return initialState !== 'learned';
}

/** Every kind of layer that PyTorch has too: the one list that a new layer is added to. */
const torchLayers: {
  readonly [K in LayerSpec['kind']]?: (spec: LayerOf<K>) => TorchLayer | undefined;
} = {
  dense: ({ activation = 'linear' }) => ({
    modules: activation === 'linear' ? 1 : 2,
    names: { W: ['weight'], b: ['bias'] },
  }),
  dropout: () => ({ modules: 1, names: {} }),
  embedding: () => ({ modules: 1, names: { E: ['weight'] } }),
  rnn: (spec) => (isPlain(spec) ? recurrent : undefined),
  lstm: (spec) => (isPlain(spec) ? recurrent : undefined),
  // The reset gate acts on Wh h + bh, so the two biases are not one.
  gru: ({ reset = 'after', ...spec }) =>
    reset === 'after' && isPlain(spec)
      ? { modules: 1, names: { ...recurrent.names, b: ['bias_ih_l0'], bh: ['bias_hh_l0'] } }
      : undefined,
  bidirectional: ({ layer }) => bothWays(torchLayer(layer)),
};

type LayerOf<K> = Extract<LayerSpec, { readonly kind: K }>;

const WHERE = 'Network.fromStateDict';

/** The parameters of a network under the names of a `torch.nn.Sequential`. */
export function toStateDict(spec: NetworkSpec, engine: Engine): StateDict {
  const { layout, core } = engine;
  const names = torchNames(spec, layout.parameters);
  const tensors = Object.values(rangeTensors(engine, layout.values.view(core.buffer), ''));
  const named = tensors.flatMap(({ shape, values }, index) =>
    names[index]!.map((name, part): [string, StateTensor] => [
      name,
      { shape, values: part === 0 ? values : new Float32Array(values.length) },
    ]),
  );
  return Object.fromEntries(named);
}

/** Makes a network with the parameters of a `torch.nn.Sequential`. */
export function fromStateDict<T>(
  source: StateDict | Uint8Array | ArrayBuffer,
  spec: NetworkSpec,
  maker: NetworkMaker<T>,
): T {
  const tensors = stateDict(source);
  const { model } = resolveSpec(spec, maker.sequences);
  const parameters = model.layers.flatMap((layer) => layer.parameters);
  const names = torchNames(spec, parameters);
  const expected = parameters.flatMap(({ shape }, index) =>
    names[index]!.map((name) => ({ name, shape })),
  );
  const values = takeTensors(expected, tensors, (problem) =>
    mismatch(
      WHERE,
      `${problem} The numbers in the names count the modules of nn.Sequential, activation functions and dropout included; ` +
        'where yours are called otherwise, rename the tensors of readSafetensors(bytes) and pass those.',
    ),
  );
  const { net, engine } = maker.make(spec);
  let next = 0;
  const sums = names.map((own) => sum(values.slice(next, (next += own.length))));
  setParameters(engine, sums);
  return net;
}

/** The sum of arrays of the same length, rounded to f32. */
function sum([first, ...rest]: readonly Float32Array[]): Float32Array {
  return rest.reduce((all, one) => all.map((value, index) => value + one[index]!), first!);
}

/** PyTorch's names of each of a network's parameters, in their order. */
function torchNames(spec: NetworkSpec, parameters: readonly TensorShape[]): string[][] {
  const names = new Map<string, string[]>();
  let module = 0;
  for (const [index, layer] of spec.layers.entries()) {
    const form = torchLayer(layer);
    if (!form) {
      throw new RangeError(
        `layers[${index}]: a layer such as ${JSON.stringify(layer)} has no counterpart in PyTorch.`,
      );
    }
    for (const [ours, theirs] of Object.entries(form.names)) {
      const path = `layers.${index}.${ours}`;
      names.set(
        path,
        theirs.map((name) => `${module}.${name}`),
      );
    }
    module += form.modules;
  }
  return parameters.map(({ name }) => names.get(name) ?? [name]);
}

function torchLayer(layer: LayerSpec): TorchLayer | undefined {
  const form = torchLayers[layer.kind] as ((spec: LayerSpec) => TorchLayer | undefined) | undefined;
  return form?.(layer);
}

/** PyTorch names what runs backwards in time like what runs forwards, with an ending. */
function bothWays(form: TorchLayer | undefined): TorchLayer | undefined {
  if (!form) return undefined;
  const own = Object.entries(form.names);
  const reversed = (names: readonly string[]): string[] => names.map((name) => `${name}_reverse`);
  const names = [
    ...own.map(([ours, theirs]) => [`forward.${ours}`, theirs]),
    ...own.map(([ours, theirs]) => [`backward.${ours}`, reversed(theirs)]),
  ];
  return { ...form, names: Object.fromEntries(names) as TorchLayer['names'] };
}

function stateDict(source: unknown): StateDict {
  if (source instanceof Uint8Array || source instanceof ArrayBuffer) {
    return f32(readSafetensors(checkBytes(source, WHERE)).tensors);
  }
  if (typeof source !== 'object' || source === null) {
    throw new TypeError(
      `${WHERE}: expected tensors by name, or the bytes of a safetensors file, got ${describe(source)}.`,
    );
  }
  for (const [name, tensor] of Object.entries(source)) {
    if (Array.isArray(tensor?.shape) && ArrayBuffer.isView(tensor.values)) continue;
    throw new TypeError(
      `${WHERE}: '${name}': expected { shape, values }, an array and a typed array, got ${describe(tensor)}.`,
    );
  }
  return f32(source as StateDict);
}

/** Rounds tensors in double precision to f32. */
function f32(tensors: StateDict): StateDict {
  const rounded = Object.entries(tensors).map(([name, tensor]): [string, StateTensor] => {
    const { shape, values } = tensor;
    const double = values instanceof Float64Array;
    return [name, double ? { shape, values: Float32Array.from(values) } : tensor];
  });
  return Object.fromEntries(rounded);
}
