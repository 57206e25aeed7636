import type { Normalization } from './normalization.ts';
import type { Parameter, ParameterSpec, Stretch } from './parameters.ts';
import type { ProgramBuilder } from './program.ts';
import type { Sequence } from './sequence.ts';
import type { Tensor } from './tensor.ts';
import type { TimeAxis } from './time-axis.ts';

/** What the plan ring needs to know of a layer; the layers themselves are in `src/nn/layers`. */
export interface Layer {
  /** Path in the network: `layers.0`. */
  readonly path: string;
  /** For listings: `dense 30, relu`. */
  readonly title: string;
  /** Features in and out. */
  readonly inputs: number;
  readonly outputs: number;
  readonly parameters: readonly ParameterSpec[];
  /** Whether the input may come as lists of nonzeros, for a layer that only multiplies it with weights. */
  readonly takesNonzeros: boolean;
  /** A recurrent layer works along the steps of a sequence and returns a state per step or the last one. Others work row by row. */
  readonly returns?: 'all' | 'last';
  /** A recurrent layer's states. */
  readonly states?: readonly StateSpec[];
  /** The layer needs whole sequences: it cannot go step by step. */
  readonly wholeSequences?: boolean;
  /** Emits the forward pass; the backward pass of the same layer is in the result. */
  forward(context: ForwardContext): LayerPass;
}

/** A state of a recurrent layer. */
export interface StateSpec {
  /** Path in the network: `layers.0.h`. */
  readonly name: string;
  /** Its width. */
  readonly units: number;
  /** Where it starts is a parameter, named like it with a 0 behind. */
  readonly learned: boolean;
}

/** What a layer's forward emission works with. */
export interface ForwardContext {
  readonly builder: ProgramBuilder;
  readonly input: Tensor;
  /** The layer's own parameters, in the order it declared them. */
  readonly parameters: readonly Parameter[];
  /** Leave the activation function out: the loss takes the pre-activation z and returns δ. */
  readonly fused: boolean;
  /** The seed of random numbers in training; undefined outside training, where nothing is random. */
  readonly trainingSeed: number | undefined;
  /** The time axis; undefined in networks without one. */
  readonly sequence: Sequence | undefined;
}

/** A layer's emitted forward pass. */
export interface LayerPass {
  /** The activation a, or the pre-activation z of a fused output layer. */
  readonly output: Tensor;
  /**
   * Emits the backward pass: ∂C/∂W, ∂C/∂b and, where asked for, ∂C/∂input.
   *
   * @param gradient - dC/d`output`; its memory may be reused
   * @param inputGradient - whether the layer below needs dC/d`input`
   */
  backward(gradient: Tensor, inputGradient: boolean): Tensor | undefined;
}

/** What the plan ring needs to know of a loss. */
export interface Loss {
  readonly name: string;
  /** Works on the pre-activation of the output layer, whose activation function it includes. */
  readonly fused: boolean;
  /**
   * Emits the cost of each row and its derivative, divided by `divisor`: with the number of rows, the batch cost is the mean.
   *
   * @returns dC/d`output`
   */
  emit(
    builder: ProgramBuilder,
    output: Tensor,
    target: Tensor,
    exampleCost: Tensor,
    divisor: number,
  ): Tensor;
  /** From which `output` on a single output unit counts as "yes". */
  readonly threshold: number;
}

/** What the plan ring needs to know of an optimizer. */
export interface UpdateRule {
  /**
   * The update is p ← p − η g and nothing else, so no gradient needs to be kept: δ of the output times −η makes every derivative
   * the step itself, which is added to the parameter as it is summed. Same mathematics, one rounding fewer per parameter.
   */
  readonly inPlace: boolean;
  /** Emits the update of neighbouring parameters from their gradients; not called for an update in place. */
  emit(builder: ProgramBuilder, stretch: Stretch): void;
}

/** What a training step does with the derivatives of the loss: penalty, clipping, update. All numbers are in the state block. */
export interface StepPlan {
  readonly update: UpdateRule;
  readonly penalty: Penalty | undefined;
  readonly clipValue: boolean;
  readonly clipNorm: boolean;
}

/** Which parameters the penalty ½ l₂ Σ p² + l₁ Σ |p| is over. */
export type Penalty = 'weights' | 'weights and biases';

/** What a network over sequences is, besides its layers. */
export interface SequenceModel {
  /** Steps of every sequence, where the spec says so. */
  readonly steps: number | undefined;
  /** Inputs are tokens below `inputs`, one per step, instead of features. */
  readonly tokens: boolean;
  /** The network has an output for every step, not one for every sequence. */
  readonly perStep: boolean;
  /** The cost of a batch is the mean over all valid steps, or their sum and then the mean over examples. */
  readonly reduction: 'mean' | 'sum';
  /** What compiles it. */
  readonly axis: TimeAxis;
}

/** A network as the plan ring sees it. */
export interface Model {
  readonly inputs: number;
  readonly outputs: number;
  /** What happens to features before the first layer. */
  readonly normalization?: Normalization | undefined;
  readonly layers: readonly Layer[];
  readonly loss: Loss;
  /** Decides the random numbers of training. */
  readonly seed: number;
  /** Undefined for networks without a time axis. */
  readonly sequence: SequenceModel | undefined;
}
