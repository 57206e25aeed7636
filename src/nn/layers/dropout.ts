import { checkKeys, checkNumber } from '../../checks.ts';
import * as abi from '../../core/abi.ts';
import type { ForwardContext, Layer, LayerPass } from '../../plan/model.ts';
import type { ProgramBuilder } from '../../plan/program.ts';
import type { Tensor } from '../../plan/tensor.ts';

/** A dropout layer as plain data. */
export interface DropoutSpec {
  readonly kind: 'dropout';
  /** Share of the activations that become 0 in training, from 0 to below 1. */
  readonly rate: number;
}

/** Random words are below 2³². */
const WORDS = 2 ** 32;

/**
 * A dropout layer (Srivastava et al. 2014): in training each activation becomes 0 with probability `rate` and is otherwise multiplied
 * by 1/(1 − rate), so that its mean stays the same ("inverted" dropout). Outside training, in `predict`, `evaluate` and `gradients`,
 * it changes nothing.
 *
 * a = a_below ⊙ m/(1 − rate), and backwards dC/da_below = dC/da ⊙ m/(1 − rate) with the same mask m. The mask has a random stream of its
 * own and depends on the seed, the layer, the number of updates the network has had and the place in the batch alone: adding the layer
 * changes neither starting weights nor shuffles.
 *
 * @param rate - a number from 0 to below 1
 * @returns a plain value for `layers`, below the output layer; it is checked when a network is made of it
 * @example
 * ```ts
 * const layers = [dense(100, 'relu'), dropout(0.5), dense(10, 'softmax')];
 * new Network({ input: 64, layers, loss: 'crossEntropy' });
 * ```
 */
export function dropout(rate: number): DropoutSpec {
  return { kind: 'dropout', rate };
}

/**
 * Checks a dropout layer's data and makes the layer.
 *
 * @param inputs - features from the layer below
 * @param index - position in the network's `layers`
 */
export function createDropout(spec: DropoutSpec, inputs: number, index: number): Layer {
  const where = `layers[${index}]`;
  checkKeys(spec, ['kind', 'rate'], where);
  const rate = checkNumber(spec.rate, `${where}.rate`, { low: 0, high: 1 });
  if (rate === 1) {
    throw new RangeError(`${where}.rate: expected a number below 1, got 1: nothing would be left.`);
  }
  const path = `layers.${index}`;
  return {
    path,
    title: `dropout ${rate}`,
    inputs,
    outputs: inputs,
    parameters: [],
    takesNonzeros: false,
    forward({ builder, input, trainingSeed }: ForwardContext): LayerPass {
      if (trainingSeed === undefined || rate === 0) {
        return { output: input, backward: (gradient) => gradient };
      }
      const mask = { rate, seed: trainingSeed, index };
      const output = builder.tensor(`${path}.a`, input.rows, inputs);
      applyMask(builder, output, input, mask);
      return {
        output,
        backward(gradient, inputGradient) {
          if (!inputGradient) return undefined;
          const below = builder.reuse(gradient, `∂C/∂${input.name}`);
          applyMask(builder, below, gradient, mask);
          return below;
        },
      };
    },
  };
}

/** out = from ⊙ m / (1 − rate). The mask is made anew each time: it costs less than keeping it. */
function applyMask(
  builder: ProgramBuilder,
  out: Tensor,
  from: Tensor,
  { rate, seed, index }: { rate: number; seed: number; index: number },
): void {
  builder.emit({
    opcode: abi.OP_DROPOUT,
    out,
    c: from,
    seed,
    kind: abi.STREAM_DROPOUT,
    index,
    inner: Math.min(Math.round(rate * WORDS), WORDS - 1),
    scale: 1 / (1 - rate),
    text: `${out.name} = ${from.name} ⊙ mask of layer ${index} / ${1 - rate}`,
  });
}
