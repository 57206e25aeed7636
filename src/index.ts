export type { CoreName } from './core/core.ts';
export type { RecordOptions } from './data/columns.ts';
export { Dataset, type DatasetOptions, type Split, type ThreeWaySplit } from './data/dataset.ts';
export type { DataRecord } from './data/encoding.ts';
export type { Features, FlatValues } from './data/features.ts';
export { type IdxArray, type IdxValues, readIdx } from './data/idx.ts';
export type { Inputs, TrainingData } from './data/reader.ts';
export type { SequenceInputs, Sequences } from './data/sequences.ts';
export type { InitialStates } from './data/states.ts';
export type { ClassWeights } from './data/weights.ts';
export type { FoldOptions, SplitOptions } from './data/split.ts';
export type { Targets } from './data/targets.ts';
export type { TrainingWarning, WarningCode } from './doctor/warnings.ts';
export { NetworkError, type NetworkErrorCode } from './errors.ts';
export type {
  Comparison,
  CostCheck,
  GradientCheck,
  GradientCheckOptions,
  ParameterCheck,
} from './inspect/check/report.ts';
export type {
  ComputationTree,
  ExplainOptions,
  Explanation,
  Factors,
  Levers,
  Path,
  TreeEdge,
  TreeNode,
} from './inspect/explain/explanation.ts';
export type { ProgramOptions } from './inspect/inspector.ts';
export type { SummaryOptions } from './inspect/summary.ts';
export type { ProgramInstruction, ProgramOperand } from './inspect/program/listing.ts';
export type { Equation } from './inspect/program/operations.ts';
export type { TracedTensor } from './inspect/trace/tensor.ts';
export type {
  LayerTrace,
  ParameterTrace,
  RecurrentTrace,
  Trace,
  TraceOptions,
} from './inspect/trace/trace.ts';
export type { TensorValues } from './io/dtypes.ts';
export type { NetworkJson } from './io/json.ts';
export type { Counters } from './io/model.ts';
export {
  readSafetensors,
  type SafetensorsFile,
  type StateDict,
  type StateTensor,
  writeSafetensors,
} from './io/safetensors.ts';
export * as metrics from './metrics/index.ts';
export type { ClassReport } from './metrics/classification.ts';
export type { MetricName, MetricValues } from './metrics/names.ts';
export { Network, type NetworkOptions } from './network.ts';
export type { ActivationName } from './nn/activations.ts';
export {
  type ExplicitValues,
  type Initializer,
  type InitializerName,
  type LayerInitializer,
  type Normal,
  normal,
  type RecurrentInitializer,
  type Uniform,
  uniform,
} from './nn/initializers.ts';
export type { CategoricalFeature, FeatureSpec, InputSpec } from './nn/input.ts';
export { dense, type DenseSpec } from './nn/layers/dense.ts';
export { dropout, type DropoutSpec } from './nn/layers/dropout.ts';
export { bidirectional, type BidirectionalSpec } from './nn/layers/bidirectional.ts';
export { embedding, type EmbeddingSpec } from './nn/layers/embedding.ts';
export { gru, type GruSpec } from './nn/layers/gru.ts';
export { lstm, type LstmSpec } from './nn/layers/lstm.ts';
export { rnn, type RnnSpec } from './nn/layers/rnn.ts';
export type { RecurrentOptions, RecurrentSpec } from './nn/layers/recurrent.ts';
export type { LayerSpec } from './nn/layers/index.ts';
export type { LossName } from './nn/losses.ts';
export type { NormalizeSpec } from './nn/normalize.ts';
export {
  type Adagrad,
  adagrad,
  type Adam,
  adam,
  type AdamW,
  adamw,
  type Momentum,
  momentum,
  nesterov,
  type Optimizer,
  type RmsProp,
  rmsprop,
  type Sgd,
  sgd,
} from './nn/optimizers.ts';
export {
  type Constant,
  constant,
  type Cosine,
  cosine,
  type Exponential,
  exponential,
  type InverseTime,
  inverseTime,
  type OneCycle,
  oneCycle,
  type ReduceOnPlateau,
  reduceOnPlateau,
  type Schedule,
  type ScheduleFunction,
  type Span,
  type Step,
  step,
  type WarmUp,
  warmUp,
} from './nn/schedules.ts';
export type { NetworkSpec } from './nn/spec.ts';
export type { NetworkParameter } from './parameters.ts';
export type { Normalizer } from './plan/normalization.ts';
export type { GenerateOptions } from './sequence/generate.ts';
export type { Stepper, StepperOptions } from './sequence/stepper.ts';
export type { CheckpointOptions } from './training/checkpoints.ts';
export type { Evaluation } from './training/evaluate.ts';
export type { Gradients } from './training/gradients.ts';
export type { EpochReport, History, ProgressReport, StopReason } from './training/history.ts';
export type {
  EarlyStopping,
  EvaluateOptions,
  FitOptions,
  GradientOptions,
  PredictOptions,
  TrainBatchOptions,
} from './training/options.ts';
export type { Run } from './training/run.ts';
export type { Batches, BatchStream } from './training/stream.ts';
export type { PenaltyOptions, StepOptions } from './training/step.ts';
export type { WorkerLike, WorkerOptions } from './worker/options.ts';
