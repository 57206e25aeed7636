import * as ort from 'onnxruntime-web';
import { encodeModel } from '../onnx-model.mjs';
import { serve } from '../serve.mjs';
import { readBatches, readParameters } from '../task.mjs';

/** @typedef {import('../task.mjs').Task} Task */

ort.env.wasm.numThreads = 1;

await serve(async () => ({
  version: ort.env.versions.web ?? ort.env.versions.common,
  note: 'wasm execution provider; model written as ONNX',
  prepare,
}));

/** @param {Task} task */
async function prepare(task) {
  if (task.kind === 'train') return 'predicts only';
  const activations =
    task.formula === 'quadratic'
      ? { hidden: 'Sigmoid', last: 'Sigmoid' }
      : { hidden: 'Relu', last: 'Softmax' };
  const model = encodeModel(readParameters(task), activations);
  const session = await ort.InferenceSession.create(model, { executionProviders: ['wasm'] });
  const [{ x }] = readBatches(task);
  const predict = async () => {
    const input = new ort.Tensor('float32', x.values, [x.rows, x.columns]);
    return (await session.run({ x: input })).output.data;
  };
  return {
    check: async () => Array.from(/** @type {Float32Array} */ (await predict())),
    run: async (/** @type {number} */ times) => {
      for (let call = 0; call < times; call++) await predict();
    },
  };
}
