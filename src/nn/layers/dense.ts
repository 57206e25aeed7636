import { checkBoolean, checkInteger, checkKeys, checkName } from '../../checks.ts';
import type { ForwardContext, Layer, LayerPass } from '../../plan/model.ts';
import { biasGradient, matmul, matmulTransposedB, weightGradient } from '../../plan/operations.ts';
import type { ParameterSpec } from '../../plan/parameters.ts';
import { type ActivationName, activationNames, activations } from '../activations.ts';
import { initialValues, type LayerInitializer } from '../initializers.ts';

/** A dense layer as plain data. */
export interface DenseSpec {
  readonly kind: 'dense';
  /** Number of neurons. */
  readonly units: number;
  /** Activation function; `linear` when absent. */
  readonly activation?: ActivationName;
  /** Whether there is a bias; true when absent. */
  readonly bias?: boolean;
  /** Starting values; He for the rectifiers and Glorot otherwise when absent. */
  readonly init?: LayerInitializer;
  /** False freezes the layer: its parameters have no gradient and no update; true when absent. */
  readonly trainable?: boolean;
}

/**
 * A dense (fully connected) layer: z = W a_below + b, a = f(z).
 *
 * Backwards, with δ = dC/da ⊙ f′(z): ∂C/∂b = δ, ∂C/∂W = δ aᵀ_below, and Wᵀδ goes to the layer below; over a batch, sums over its examples.
 * Parameters `layers.i.W` [units, inputs] (w_jk from neuron k to neuron j) and `layers.i.b` [units].
 *
 * @param units - neurons, a whole number ≥ 1
 * @param activation - `linear`, `sigmoid` (or `logistic`), `tanh`, `relu`, `leakyRelu`, `elu`, `softplus`, `gelu`, `geluTanh`, `silu` or `softmax`
 * @param options.bias - false leaves b out
 * @param options.init - starting values; see {@link LayerInitializer}
 * @param options.trainable - false freezes the layer: no gradient, no update, no decay and no penalty
 * @returns a plain value for `layers`; it is checked when a network is made of it
 * @example
 * ```ts
 * new Network({ input: 2, layers: [dense(3, 'tanh'), dense(1)], loss: 'meanSquaredError' });
 * ```
 */
export function dense(
  units: number,
  activation: ActivationName = 'linear',
  options: { bias?: boolean; init?: LayerInitializer; trainable?: boolean } = {},
): DenseSpec {
  return { kind: 'dense', units, activation, ...options };
}

/**
 * Checks a dense layer's data and makes the layer.
 *
 * @param inputs - features from the layer below
 * @param index - position in the network's `layers`
 */
export function createDense(spec: DenseSpec, inputs: number, index: number): Layer {
  const where = `layers[${index}]`;
  checkKeys(spec, ['kind', 'units', 'activation', 'bias', 'init', 'trainable'], where);
  const units = checkInteger(spec.units, `${where}.units`, 1);
  const name = checkName(spec.activation ?? 'linear', activationNames, `${where}.activation`);
  const bias = checkBoolean(spec.bias ?? true, `${where}.bias`);
  const trainable = checkBoolean(spec.trainable ?? true, `${where}.trainable`);
  const activation = activations[name];
  const path = `layers.${index}`;

  const parameter = (letter: 'W' | 'b', shape: readonly number[]): ParameterSpec => ({
    name: `${path}.${letter}`,
    shape,
    initial: initialValues(spec.init, {
      letter,
      letters: ['W', 'b'],
      bias: letter === 'b',
      shape,
      inputs,
      units,
      fallback: activation.weights,
      where: `${where}.init`,
    }),
    trainable,
  });
  const parameters = [parameter('W', [units, inputs])];
  if (bias) parameters.push(parameter('b', [units]));

  return {
    path,
    title: `dense ${units}, ${name}${bias ? '' : ', no bias'}${trainable ? '' : ', frozen'}`,
    inputs,
    outputs: units,
    parameters,
    takesNonzeros: true,
    forward: ({ builder, input, parameters: [W, b], fused }: ForwardContext): LayerPass => {
      if (!W) throw new Error(`${path}: no weights`);
      const z = builder.tensor(`${path}.z`, input.rows, units);
      matmul(builder, z, input, W.value, b?.value);
      const a = fused ? z : activation.forward(builder, z, `${path}.a`);
      return {
        output: a,
        backward(gradient, inputGradient) {
          const delta = fused
            ? gradient
            : activation.backward(builder, gradient, z, a, `${path}.delta`);
          const below = inputGradient
            ? builder.tensor(`∂C/∂${input.name}`, input.rows, inputs)
            : undefined;
          if (below) matmulTransposedB(builder, below, delta, W.value);
          weightGradient(builder, W, input, delta);
          if (b) biasGradient(builder, b, delta);
          return below;
        },
      };
    },
  };
}
