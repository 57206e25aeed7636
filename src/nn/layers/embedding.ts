import { checkBoolean, checkInteger, checkKeys } from '../../checks.ts';
import type { ForwardContext, Layer, LayerPass } from '../../plan/model.ts';
import { matmul, weightGradient } from '../../plan/operations.ts';
import { initialValues, type Initializer } from '../initializers.ts';

/** An embedding as plain data. */
export interface EmbeddingSpec {
  readonly kind: 'embedding';
  /** Number of different tokens. */
  readonly vocabulary: number;
  /** Numbers that stand for a token. */
  readonly width: number;
  /** Starting values; normal with variance 1 when absent, as in PyTorch. */
  readonly init?: Initializer;
  /** False freezes the layer: its parameters have no gradient and no update; true when absent. */
  readonly trainable?: boolean;
}

/**
 * An embedding: each token stands for a row of numbers that is learned, a = E[token].
 *
 * Backwards, ∂C/∂E[token] is the sum of dC/da over all places of the token; rows of tokens that do not occur get 0. It must be the
 * first layer of a network with `input: { vocabulary }`. (A recurrent or dense layer may also take tokens directly: then a token stands
 * for a column of its weights.)
 *
 * Parameter `layers.i.E` [vocabulary, width].
 *
 * @param vocabulary - number of different tokens, that of the input
 * @param width - numbers per token
 * @param options.init - starting values; normal with mean 0 and variance 1 when absent
 * @param options.trainable - false freezes the layer
 * @returns a plain value for `layers`; it is checked when a network is made of it
 * @example
 * ```ts
 * const net = new Network({
 *   input: { vocabulary: 100 },
 *   layers: [embedding(100, 8), lstm(16), dense(2, 'softmax')],
 *   loss: 'crossEntropy',
 * });
 * net.predict([[3, 14, 15], [92, 6]]).length; // 4
 * ```
 */
export function embedding(
  vocabulary: number,
  width: number,
  options: { readonly init?: Initializer; readonly trainable?: boolean } = {},
): EmbeddingSpec {
  return { kind: 'embedding', vocabulary, width, ...options };
}

/** Checks an embedding's data and makes the layer. */
export function createEmbedding(spec: EmbeddingSpec, inputs: number, index: number): Layer {
  const where = `layers[${index}]`;
  checkKeys(spec, ['kind', 'vocabulary', 'width', 'init', 'trainable'], where);
  const vocabulary = checkInteger(spec.vocabulary, `${where}.vocabulary`, 1);
  const width = checkInteger(spec.width, `${where}.width`, 1);
  if (index > 0)
    throw new RangeError(`${where}: an embedding takes tokens, so it must come first.`);
  if (vocabulary !== inputs) {
    throw new RangeError(
      `${where}.vocabulary: expected ${inputs}, the vocabulary of the input, got ${vocabulary}.`,
    );
  }
  const path = `layers.${index}`;
  const shape = [vocabulary, width];
  const initial = initialValues(spec.init === undefined ? undefined : { E: spec.init }, {
    letter: 'E',
    letters: ['E'],
    bias: false,
    shape,
    inputs: vocabulary,
    units: width,
    fallback: { kind: 'normal', mean: 0, deviation: 1 },
    where: `${where}.init`,
  });
  const trainable = checkBoolean(spec.trainable ?? true, `${where}.trainable`);
  return {
    path,
    title: `embedding ${width}${trainable ? '' : ', frozen'}`,
    inputs,
    outputs: width,
    parameters: [{ name: `${path}.E`, shape, lookup: true, initial, trainable }],
    takesNonzeros: true,
    forward({ builder, input, parameters: [E] }: ForwardContext): LayerPass {
      const a = builder.tensor(`${path}.a`, input.rows, width);
      matmul(builder, a, input, E!.value);
      return {
        output: a,
        backward(gradient) {
          weightGradient(builder, E!, input, gradient);
          return undefined;
        },
      };
    },
  };
}
