// Entry of the core. Only `run`, `heapBase`, `dismiss` and `help` are called. The rest is exported because the optimiser inlines a
// function with one caller unless it is exported: `run` is one long call, and loops inlined into it would stay in the
// engine's baseline code for ever. (Some short kernels still end up in `execute`, which is called for every record.) Those
// exports are not in what is embedded (exports.mjs); tests call some of them in the file.
export { execute } from './execute';
export { executeSequence } from './sequence';
export { matmul } from './gemm/gemm';
export { dotProducts } from './gemm/online';
export { activate, activateGradient } from './kernels/activation';
export { gatherBytes, gatherLabels, gatherRows } from './kernels/gather';
export { loss, sigmoidCrossEntropy, softmaxCrossEntropy } from './kernels/loss';
export { adam, momentum, nesterov, scaleByRate, sgd } from './kernels/optimizer';
export { gru, gruGradient, gruStep, gruStepGradient } from './kernels/gru';
export {
  gruBefore,
  gruBeforeGradient,
  gruBeforeReset,
  gruBeforeResetGradient,
  gruBeforeState,
  gruBeforeStateGradient,
} from './kernels/gru-before';
export { lstm, lstmGradient, lstmStep, lstmStepGradient } from './kernels/lstm';
export { rnn, rnnGradient } from './kernels/rnn';
export { columnSums, countCorrect, sumCosts } from './kernels/reduce';
export { addOuter16, addOuter32, sparseMatmul, weightedSums } from './kernels/sparse';
export { softmax, softmaxGradient } from './kernels/softmax';
export {
  copyRows,
  countCorrectSteps,
  maskSteps,
  orderSteps,
  reverseSteps,
  selectRows,
  sumStepCosts,
  transposeMatrix,
} from './kernels/steps';
export { run } from './program';
export { dismiss, executeParts, help, share, sleep, takeParts } from './threads';
export { randomNormal, randomUniform, shuffle } from './random';

/** First address above the static data of the core. */
export function heapBase(): usize {
  return __heap_base;
}
