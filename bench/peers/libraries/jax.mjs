import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defaultDevice, init, jit, nn, numpy as np, valueAndGrad } from '@jax-js/jax';
import { serve } from '../serve.mjs';
import {
  CHECKED_STEPS,
  readBatches,
  readParameters,
  readRecurrentParameters,
  stepByStep,
  transposed,
} from '../task.mjs';
import { createRecurrentForward } from './jax-recurrent.mjs';

/** @typedef {import('../task.mjs').Task} Task */

await serve(async () => {
  await init('wasm');
  defaultDevice('wasm');
  const entry = fileURLToPath(import.meta.resolve('@jax-js/jax'));
  const { version } = JSON.parse(readFileSync(entry.replace(/dist.*/, 'package.json'), 'utf8'));
  return {
    version,
    note: 'wasm device; one jit-compiled function per training step, whose cost is read: faster than leaving it unread',
    prepare,
  };
});

/** @param {Task} task */
function prepare(task) {
  const { recurrent } = task;
  const batches = readBatches(task).map(({ x, y }) => ({
    x: array(recurrent ? stepByStep(x, recurrent.steps) : x),
    y: array(y),
    raw: x,
  }));
  const forward = recurrent ? createRecurrentForward({ ...task, recurrent }) : createForward(task);
  let parameters = createParameters(task);
  if (task.kind === 'predict') return predicting(batches[0].raw, parameters, forward, task);

  let moments = createMoments(task, parameters);
  const update = jit(createStep(task, forward));
  let time = 0;
  const step = (/** @type {typeof batches[number]} */ { x, y }) => {
    const { beta1 = 0, beta2 = 0 } = task.optimizer;
    time++;
    const corrections = [1 / (1 - beta1 ** time), 1 / (1 - beta2 ** time)].map((value) =>
      np.array(value),
    );
    const result = update(parameters, moments, corrections, x.ref, y.ref);
    ({ parameters, moments } = result);
    return result.cost;
  };
  return {
    check: () =>
      Array.from({ length: CHECKED_STEPS }, (_, index) =>
        Number(step(batches[index % batches.length]).js()),
      ),
    run: (/** @type {number} */ epochs) => {
      for (let epoch = 0; epoch < epochs; epoch++) {
        for (const batch of batches) step(batch).js();
      }
    },
  };
}

/**
 * Weights [inputs, units] and biases.
 *
 * @param {Task} task
 */
function createParameters({ recurrent, ...task }) {
  if (!recurrent) {
    return readParameters(task).flatMap(({ weights, bias }) => [
      array(transposed(weights)),
      np.array(bias),
    ]);
  }
  return readRecurrentParameters({ ...task, recurrent }).map((matrix) =>
    matrix.rows === 1 ? np.array(matrix.values) : array(transposed(matrix)),
  );
}

/** @param {Task} task */
function createForward({ sizes, formula }) {
  const last = sizes.length - 2;
  return (/** @type {np.Array[]} */ parameters, /** @type {np.Array} */ x) => {
    let a = x;
    for (let layer = 0; layer <= last; layer++) {
      const z = np.dot(a, parameters[2 * layer]).add(parameters[2 * layer + 1]);
      if (formula === 'quadratic') a = nn.sigmoid(z);
      else a = layer < last ? nn.relu(z) : nn.logSoftmax(z, -1);
    }
    return a;
  };
}

/**
 * One training step as a function of its state. Arrays are used up by the functions they are given to, hence `ref`.
 *
 * @param {Task} task
 * @param {ReturnType<typeof createForward>} forward
 */
function createStep({ formula, optimizer, batchSize }, forward) {
  const { kind, learningRate, momentum = 0, beta1 = 0, beta2 = 0, epsilon = 0 } = optimizer;
  const cost = (
    /** @type {np.Array[]} */ parameters,
    /** @type {np.Array} */ x,
    /** @type {np.Array} */ y,
  ) => {
    const output = forward(parameters, x);
    return formula === 'quadratic'
      ? np
          .square(output.sub(y))
          .sum()
          .mul(0.5 / batchSize)
      : output
          .mul(y)
          .sum()
          .mul(-1 / batchSize);
  };
  return (
    /** @type {np.Array[]} */ parameters,
    /** @type {np.Array[][]} */ moments,
    /** @type {np.Array[]} */ corrections,
    /** @type {np.Array} */ x,
    /** @type {np.Array} */ y,
  ) => {
    const [value, gradients] = valueAndGrad(cost)(
      parameters.map(({ ref }) => ref),
      x,
      y,
    );
    if (kind === 'adam') {
      const [first, second] = moments;
      const m = first.map((old, i) => old.mul(beta1).add(gradients[i].ref.mul(1 - beta1)));
      const v = second.map((old, i) => old.mul(beta2).add(np.square(gradients[i]).mul(1 - beta2)));
      const steps = m.map(({ ref }, i) =>
        ref.mul(corrections[0].ref).div(np.sqrt(v[i].ref.mul(corrections[1].ref)).add(epsilon)),
      );
      const next = parameters.map((old, i) => old.sub(steps[i].mul(learningRate)));
      return { cost: value, parameters: next, moments: [m, v] };
    }
    if (kind === 'momentum') {
      const velocity = moments[0].map((old, i) => old.mul(momentum).add(gradients[i]));
      const next = parameters.map((old, i) => old.sub(velocity[i].ref.mul(learningRate)));
      return { cost: value, parameters: next, moments: [velocity] };
    }
    const next = parameters.map((old, i) => old.sub(gradients[i].mul(learningRate)));
    return { cost: value, parameters: next, moments };
  };
}

/**
 * @param {Task} task
 * @param {np.Array[]} parameters
 * @returns {np.Array[][]}
 */
function createMoments({ optimizer }, parameters) {
  const count = { sgd: 0, momentum: 1, adam: 2 }[optimizer.kind];
  return Array.from({ length: count }, () => parameters.map(({ shape }) => np.zeros(shape)));
}

/**
 * @param {import('../task.mjs').Matrix} x
 * @param {np.Array[]} parameters
 * @param {ReturnType<typeof createForward>} forward
 * @param {Task} task
 */
function predicting(x, parameters, forward, { formula }) {
  const compiled = jit((/** @type {np.Array[]} */ values, /** @type {np.Array} */ input) => {
    const output = forward(values, input);
    return formula === 'quadratic' ? output : np.exp(output);
  });
  const predict = () =>
    compiled(
      parameters.map(({ ref }) => ref),
      array(x),
    ).dataSync();
  return {
    check: () => [...predict()],
    run: (/** @type {number} */ times) => {
      for (let call = 0; call < times; call++) predict();
    },
  };
}

/** @param {import('../task.mjs').Matrix} matrix */
function array({ rows, columns, values }) {
  return np.array(/** @type {Float32Array<ArrayBuffer>} */ (values)).reshape([rows, columns]);
}
