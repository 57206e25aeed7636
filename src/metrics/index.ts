/**
 * Measures of predictions against targets, as functions of their own; `evaluate` and `fit` take their names.
 */
export {
  accuracy,
  type ClassReport,
  confusionMatrix,
  f1,
  perClass,
  precision,
  recall,
  topK,
} from './classification.ts';
export type { MetricOptions } from './outcome.ts';
export { meanAbsoluteError, meanSquaredError, r2, rootMeanSquaredError } from './regression.ts';
