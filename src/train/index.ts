/**
 * `chainrule/train`: what a page needs that trains networks of dense layers.
 */
// First, because what it brings along begins with the binaries: with code on both sides of them, compression would not see what repeats.
export { Network, type NetworkOptions, type TrainingOptions, type TrainingRun } from './network.ts';
export type { WasmCoreName } from '../choose-wasm-core.ts';
export type { CoreName } from '../core/core.ts';
export type { Inputs, TrainingData } from '../data/reader.ts';
export { NetworkError, type NetworkErrorCode } from '../errors.ts';
export { normal, uniform } from '../nn/initializers.ts';
export { dense, type DenseSpec } from '../nn/layers/dense.ts';
export { dropout, type DropoutSpec } from '../nn/layers/dropout.ts';
export {
  adagrad,
  adam,
  adamw,
  momentum,
  nesterov,
  type Optimizer,
  rmsprop,
  sgd,
} from '../nn/optimizers.ts';
export type { NetworkSpec } from '../nn/spec.ts';
export type { NetworkParameter } from '../parameters.ts';
export type { Evaluation } from '../training/evaluate.ts';
export type { EpochReport, History, ProgressReport, StopReason } from '../training/history.ts';
export type { EarlyStopping, TrainBatchOptions } from '../training/options.ts';
