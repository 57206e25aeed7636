import { checkName } from '../../checks.ts';
import type { Layer, SequenceModel } from '../../plan/model.ts';
import { timeAxis } from '../../plan/time-axis.ts';
import type { ResolvedInput } from '../input.ts';
import type { NetworkSpec } from '../spec.ts';
import { createBidirectional } from './bidirectional.ts';
import { createEmbedding } from './embedding.ts';
import { createGru } from './gru.ts';
import type { LayerKinds } from './index.ts';
import { createLstm } from './lstm.ts';
import { createRnn } from './rnn.ts';

/** What networks with a time axis need. */
export interface Sequences {
  /** The kinds of layers that only they have. */
  readonly layers: LayerKinds;
  /**
   * Checks a network with its layers, and finds out whether it has a time axis.
   *
   * @param lossSteps - how its loss is reduced over steps, where that was said
   * @throws {RangeError} naming the option
   */
  createModel(
    spec: NetworkSpec,
    layers: readonly Layer[],
    input: ResolvedInput,
    lossSteps: 'mean' | 'sum' | undefined,
  ): SequenceModel | undefined;
}

/** Makes networks with a time axis possible. */
export const sequences: Sequences = {
  layers: {
    rnn: recurrent(createRnn),
    lstm: recurrent(createLstm),
    gru: recurrent(createGru),
    bidirectional: recurrent(createBidirectional),
    embedding: createEmbedding,
  },
  createModel,
};

/** A network has a time axis when its input or one of its layers has. */
function createModel(
  spec: NetworkSpec,
  layers: readonly Layer[],
  { tokens, steps, columns }: ResolvedInput,
  lossSteps: 'mean' | 'sum' | undefined,
): SequenceModel | undefined {
  checkInput(spec, tokens, columns);
  checkReturns(layers);
  const perStep = !layers.some(({ returns }) => returns === 'last');
  const recurrent = layers.some(({ returns }) => returns);
  const hasTime = recurrent || tokens || steps !== undefined;
  if (lossSteps !== undefined && !(hasTime && perStep)) {
    throw new RangeError(
      "loss.steps: this network has one output per example, not one per step. Leave steps out, or give its recurrent layers returns: 'all'.",
    );
  }
  if (!hasTime) return undefined;
  const reduction = checkName(lossSteps ?? 'mean', ['mean', 'sum'] as const, 'loss.steps');
  return { steps, tokens, perStep, reduction, axis: timeAxis };
}

function checkInput({ normalize, layers }: NetworkSpec, tokens: boolean, columns: number): void {
  if (tokens && normalize !== undefined) {
    throw new RangeError('normalize: tokens have no scale. Leave it out.');
  }
  if (layers[0]?.kind === 'embedding' && !tokens) {
    throw new RangeError(
      `layers[0]: an embedding takes tokens. Give the network input: { vocabulary: ${columns} }.`,
    );
  }
}

/** Behind a layer that returns its last state alone, there are no steps any more. */
function checkReturns(layers: readonly Layer[]): void {
  const last = layers.findIndex(({ returns }) => returns === 'last');
  const behind = layers.findIndex(({ returns }, index) => returns && last >= 0 && index > last);
  if (behind < 0) return;
  throw new RangeError(
    `layers[${behind}]: a recurrent layer needs every step, but layers[${last}] returns the last state alone. Give layers[${last}] returns: 'all'.`,
  );
}

/** Recurrent layers may be inside of others, so they take their path instead of their position. */
function recurrent<T>(
  create: (spec: T, inputs: number, path: string, where: string) => Layer,
): (spec: T, inputs: number, index: number) => Layer {
  return (spec, inputs, index) => create(spec, inputs, `layers.${index}`, `layers[${index}]`);
}
