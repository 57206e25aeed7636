import { checkKeys, checkName } from '../../checks.ts';
import { describe, leftOut } from '../../errors.ts';
import type { Layer } from '../../plan/model.ts';
import type { ActivationName } from '../activations.ts';
import type { BidirectionalSpec } from './bidirectional.ts';
import { createDense, type DenseSpec } from './dense.ts';
import { createDropout, type DropoutSpec } from './dropout.ts';
import type { EmbeddingSpec } from './embedding.ts';
import type { GruSpec } from './gru.ts';
import type { LstmSpec } from './lstm.ts';
import type { RnnSpec } from './rnn.ts';

/** A layer as plain data. */
export type LayerSpec =
  DenseSpec | DropoutSpec | EmbeddingSpec | RnnSpec | LstmSpec | GruSpec | BidirectionalSpec;

/** Makes layers of each kind from their data, the features from the layer below and their position in `layers`. */
export type LayerKinds = {
  readonly [K in LayerSpec['kind']]?: (
    spec: Extract<LayerSpec, { readonly kind: K }>,
    inputs: number,
    index: number,
  ) => Layer;
};

/** The kinds that every network may have; those for sequences are in `sequences.ts`. A new layer is added to one of the lists. */
const basicLayers: LayerKinds = { dense: createDense, dropout: createDropout };

/** The names of the kinds that are not among them. */
const sequenceKinds: Record<Exclude<LayerSpec['kind'], 'dense' | 'dropout'>, true> = {
  rnn: true,
  lstm: true,
  gru: true,
  bidirectional: true,
  embedding: true,
};

/**
 * Checks the layers of a network and makes them.
 *
 * @param inputs - features of the data
 * @param moreKinds - kinds that it may have besides dense and dropout; none when absent
 * @throws {TypeError | RangeError} naming the layer and option
 */
export function createLayers(specs: unknown, inputs: number, moreKinds?: LayerKinds): Layer[] {
  if (!Array.isArray(specs)) {
    throw new TypeError(
      `layers: expected an array such as [dense(3, 'sigmoid')], got ${describe(specs)}.`,
    );
  }
  if (specs.length === 0) throw new RangeError('layers: expected at least one layer, got none.');
  const kinds = { ...basicLayers, ...moreKinds };
  const layers: Layer[] = [];
  for (const [index, spec] of (specs as readonly LayerSpec[]).entries()) {
    const where = `layers[${index}]`;
    if (typeof spec !== 'object' || spec === null) checkKeys(spec, ['kind'], where);
    if (!moreKinds && spec.kind in sequenceKinds) {
      throw leftOut(`${where}.kind: '${spec.kind}'`);
    }
    const kind = checkName(
      spec.kind,
      Object.keys(kinds) as (keyof typeof kinds)[],
      `${where}.kind`,
    );
    const create = kinds[kind] as (spec: LayerSpec, inputs: number, index: number) => Layer;
    const layer = create(spec, layers.at(-1)?.outputs ?? inputs, index);
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
