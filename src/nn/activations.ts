import * as abi from '../core/abi.ts';
import type { ProgramBuilder } from '../plan/program.ts';
import type { Tensor } from '../plan/tensor.ts';

/** Names of the activation functions a = f(z). */
export type ActivationName =
  | 'linear'
  | 'sigmoid'
  | 'logistic'
  | 'tanh'
  | 'relu'
  | 'leakyRelu'
  | 'elu'
  | 'softplus'
  | 'gelu'
  | 'geluTanh'
  | 'silu'
  | 'softmax';

/** An activation function: how it and its derivative are emitted, and which initialiser suits it. */
export interface Activation {
  readonly name: ActivationName;
  /** Starting weights that keep the variance of activations over layers: He for the rectifiers, Glorot otherwise. */
  readonly weights: 'heUniform' | 'glorotUniform';
  /** Emits a = f(z). */
  forward(builder: ProgramBuilder, z: Tensor, name: string): Tensor;
  /** Emits δ = dC/da ⊙ f′(z), in the memory of dC/da. */
  backward(builder: ProgramBuilder, gradient: Tensor, z: Tensor, a: Tensor, name: string): Tensor;
}

const linear: Activation = {
  name: 'linear',
  weights: 'glorotUniform',
  forward: (_builder, z) => z,
  backward: (_builder, gradient) => gradient,
};

/** softmax of each row; its derivative mixes the units of a row: δⱼ = aⱼ (gⱼ − Σᵢ gᵢ aᵢ) with g = dC/da. */
const softmax: Activation = {
  name: 'softmax',
  weights: 'glorotUniform',
  forward(builder, z, name) {
    const a = builder.reuse(z, name);
    builder.emit({ opcode: abi.OP_SOFTMAX, out: a, a: z, text: `${name} = softmax(${z.name})` });
    return a;
  },
  backward(builder, gradient, _z, a, name) {
    const delta = builder.reuse(gradient, name);
    builder.emit({
      opcode: abi.OP_SOFTMAX_GRADIENT,
      out: delta,
      a: gradient,
      b: a,
      text: `${name} = ${a.name} ⊙ (${gradient.name} − Σ ${gradient.name} ⊙ ${a.name})`,
    });
    return delta;
  },
};

/**
 * An activation that works on each element alone.
 *
 * @param derivativeFrom - what f′ is computed from. From the output, z is not needed again and a takes its memory.
 */
function elementwise(
  name: ActivationName,
  kind: number,
  derivativeFrom: 'output' | 'preActivation',
  weights: Activation['weights'],
): Activation {
  return {
    name,
    weights,
    forward(builder, z, outputName) {
      const a =
        derivativeFrom === 'output'
          ? builder.reuse(z, outputName)
          : builder.tensor(outputName, z.rows, z.columns);
      builder.emit({
        opcode: abi.OP_ACTIVATE,
        kind,
        out: a,
        a: z,
        text: `${a.name} = ${name}(${z.name})`,
      });
      return a;
    },
    backward(builder, gradient, z, a, deltaName) {
      const delta = builder.reuse(gradient, deltaName);
      builder.emit({
        opcode: abi.OP_ACTIVATE_GRADIENT,
        kind,
        out: delta,
        a: gradient,
        b: derivativeFrom === 'output' ? a : z,
        text: `${delta.name} = ${gradient.name} ⊙ ${name}′(${z.name})`,
      });
      return delta;
    },
  };
}

const sigmoid = elementwise('sigmoid', abi.ACTIVATION_SIGMOID, 'output', 'glorotUniform');

/** Every activation function by name; `logistic` is a synonym of `sigmoid`. Formulas are in `src/core/abi.ts`. */
export const activations: Readonly<Record<ActivationName, Activation>> = {
  linear,
  sigmoid,
  logistic: sigmoid,
  tanh: elementwise('tanh', abi.ACTIVATION_TANH, 'output', 'glorotUniform'),
  relu: elementwise('relu', abi.ACTIVATION_RELU, 'output', 'heUniform'),
  leakyRelu: elementwise('leakyRelu', abi.ACTIVATION_LEAKY_RELU, 'output', 'heUniform'),
  elu: elementwise('elu', abi.ACTIVATION_ELU, 'output', 'heUniform'),
  softplus: elementwise('softplus', abi.ACTIVATION_SOFTPLUS, 'preActivation', 'heUniform'),
  gelu: elementwise('gelu', abi.ACTIVATION_GELU, 'preActivation', 'heUniform'),
  geluTanh: elementwise('geluTanh', abi.ACTIVATION_GELU_TANH, 'preActivation', 'heUniform'),
  silu: elementwise('silu', abi.ACTIVATION_SILU, 'preActivation', 'heUniform'),
  softmax,
};

/** All names, for error messages and tests. */
export const activationNames: readonly ActivationName[] = Object.keys(
  activations,
) as ActivationName[];

/** Where the values of each activation function lie; of gelu and silu the minimum, rounded outwards. */
const ranges: Readonly<Record<ActivationName, readonly [low: number, high: number]>> = {
  linear: [-Infinity, Infinity],
  sigmoid: [0, 1],
  logistic: [0, 1],
  tanh: [-1, 1],
  relu: [0, Infinity],
  leakyRelu: [-Infinity, Infinity],
  elu: [-1, Infinity],
  softplus: [0, Infinity],
  gelu: [-0.17, Infinity],
  geluTanh: [-0.1701, Infinity],
  silu: [-0.2785, Infinity],
  softmax: [0, 1],
};

/** Where the values of an activation function lie. */
export function outputRange(name: ActivationName): readonly [low: number, high: number] {
  return ranges[name];
}
