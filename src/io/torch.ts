import type { Engine } from '../engine.ts';
import { describe } from '../errors.ts';
import type { LayerSpec } from '../nn/layers/index.ts';
import { type NetworkSpec, resolveSpec } from '../nn/spec.ts';
import { mismatch } from './errors.ts';
import { type MakeNetwork, rangeTensors, setParameters } from './model.ts';
import { checkBytes, readSafetensors, type StateDict, type StateTensor } from './safetensors.ts';
import { takeTensors, type TensorShape } from './tensors.ts';

/** What a layer is in `torch.nn.Sequential`. */
interface TorchLayer {
  /** Modules it takes there, its activation function included: the names of the layers behind it count them. */
  readonly modules: number;
  /** PyTorch's names of its parameters, by ours. Shapes and layouts are the same. */
  readonly names: Readonly<Record<string, string>>;
}

/** Every kind of layer that `nn.Sequential` has too: the one list that a new layer is added to. */
const torchLayers: { readonly [K in LayerSpec['kind']]?: (spec: LayerOf<K>) => TorchLayer } = {
  dense: ({ activation = 'linear' }) => ({
    modules: activation === 'linear' ? 1 : 2,
    names: { W: 'weight', b: 'bias' },
  }),
  dropout: () => ({ modules: 1, names: {} }),
};

type LayerOf<K> = Extract<LayerSpec, { readonly kind: K }>;

const WHERE = 'Network.fromStateDict';

/** The parameters of a network under the names of a `torch.nn.Sequential`. */
export function toStateDict(spec: NetworkSpec, engine: Engine): StateDict {
  const { layout, core } = engine;
  const names = torchNames(spec, layout.parameters);
  const tensors = Object.values(rangeTensors(engine, layout.values.view(core.buffer), ''));
  return Object.fromEntries(names.map((name, index) => [name, tensors[index]!]));
}

/** Makes a network with the parameters of a `torch.nn.Sequential`. */
export function fromStateDict<T>(
  source: StateDict | Uint8Array | ArrayBuffer,
  spec: NetworkSpec,
  make: MakeNetwork<T>,
): T {
  const tensors = stateDict(source);
  const parameters = resolveSpec(spec).model.layers.flatMap((layer) => layer.parameters);
  const names = torchNames(spec, parameters);
  const expected = parameters.map(({ shape }, index) => ({ name: names[index]!, shape }));
  const values = takeTensors(expected, tensors, (problem) =>
    mismatch(
      WHERE,
      `${problem} The numbers in the names count the modules of nn.Sequential, activation functions and dropout included; ` +
        'where yours are called otherwise, rename the tensors of readSafetensors(bytes) and pass those.',
    ),
  );
  const { net, engine } = make(spec);
  setParameters(engine, values);
  return net;
}

/** PyTorch's names of a network's parameters, in their order. */
function torchNames(spec: NetworkSpec, parameters: readonly TensorShape[]): string[] {
  const names = new Map<string, string>();
  let module = 0;
  for (const [index, layer] of spec.layers.entries()) {
    const { modules, names: own } = torchLayer(layer, index);
    for (const [ours, theirs] of Object.entries(own)) {
      names.set(`layers.${index}.${ours}`, `${module}.${theirs}`);
    }
    module += modules;
  }
  return parameters.map(({ name }) => names.get(name) ?? name);
}

function torchLayer(layer: LayerSpec, index: number): TorchLayer {
  const form = torchLayers[layer.kind] as ((spec: LayerSpec) => TorchLayer) | undefined;
  if (form) return form(layer);
  throw new RangeError(
    `layers[${index}]: a layer of kind '${layer.kind}' has no counterpart in PyTorch's nn.Sequential.`,
  );
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
