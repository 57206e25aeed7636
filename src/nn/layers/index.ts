import { checkKeys, checkName } from '../../checks.ts';
import { describe } from '../../errors.ts';
import type { Layer } from '../../plan/model.ts';
import type { ActivationName } from '../activations.ts';
import { createDense, type DenseSpec } from './dense.ts';
import { type BidirectionalSpec, createBidirectional } from './bidirectional.ts';
import { createDropout, type DropoutSpec } from './dropout.ts';
import { createEmbedding, type EmbeddingSpec } from './embedding.ts';
import { createGru, type GruSpec } from './gru.ts';
import { createLstm, type LstmSpec } from './lstm.ts';
import { createRnn, type RnnSpec } from './rnn.ts';

/** A layer as plain data. */
export type LayerSpec =
  DenseSpec | DropoutSpec | EmbeddingSpec | RnnSpec | LstmSpec | GruSpec | BidirectionalSpec;

/** Every kind of layer: the one list that a new layer is added to. */
const kinds = {
  dense: createDense,
  dropout: createDropout,
  rnn: recurrent(createRnn),
  lstm: recurrent(createLstm),
  gru: recurrent(createGru),
  bidirectional: recurrent(createBidirectional),
  embedding: createEmbedding,
} as const;

/** Recurrent layers may be inside of others, so they take their path instead of their position. */
function recurrent<T>(
  create: (spec: T, inputs: number, path: string, where: string) => Layer,
): (spec: T, inputs: number, index: number) => Layer {
  return (spec, inputs, index) => create(spec, inputs, `layers.${index}`, `layers[${index}]`);
}

/**
 * Checks the layers of a network and makes them.
 *
 * @param inputs - features of the data
 * @throws {TypeError | RangeError} naming the layer and option
 */
export function createLayers(specs: unknown, inputs: number): Layer[] {
  if (!Array.isArray(specs)) {
    throw new TypeError(
      `layers: expected an array such as [dense(3, 'sigmoid')], got ${describe(specs)}.`,
    );
  }
  if (specs.length === 0) throw new RangeError('layers: expected at least one layer, got none.');
  const layers: Layer[] = [];
  for (const [index, spec] of (specs as readonly LayerSpec[]).entries()) {
    const where = `layers[${index}]`;
    if (typeof spec !== 'object' || spec === null) checkKeys(spec, ['kind'], where);
    const kind = checkName(
      spec.kind,
      Object.keys(kinds) as (keyof typeof kinds)[],
      `${where}.kind`,
    );
    const create = kinds[kind] as (spec: LayerSpec, inputs: number, index: number) => Layer;
    const layer = create(spec, layers.at(-1)?.outputs ?? inputs, index);
    const last = layer.returns && layers.findIndex(({ returns }) => returns === 'last');
    if (last !== undefined && last >= 0) {
      throw new RangeError(
        `${where}: a recurrent layer needs every step, but layers[${last}] returns the last state alone. Give layers[${last}] returns: 'all'.`,
      );
    }
    layers.push(layer);
  }
  checkOutputLayer(specs.at(-1) as LayerSpec, specs.length - 1);
  return layers;
}

/** What drops outputs cannot be the output layer: the loss would compare zeros with the targets. */
function checkOutputLayer({ kind }: LayerSpec, index: number): void {
  if (kind !== 'dropout') return;
  throw new RangeError(
    `layers[${index}]: dropout cannot be the output layer. Put it below the last dense layer, or leave it out.`,
  );
}

/** The activation function of a network's output. */
export function outputActivation(specs: readonly LayerSpec[]): ActivationName {
  const last = specs.at(-1);
  return (last && 'activation' in last && last.activation) || 'linear';
}
