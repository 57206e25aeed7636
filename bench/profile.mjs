import * as abi from '../build/core/abi.js';
import { createCore } from '../build/core/create.js';
import { Engine } from '../build/engine.js';
import { initialise } from '../build/initialise.js';
import { opcodeName } from '../build/inspect/program/operations.js';
import { resetRegisters, timeSection } from '../build/inspect/program/profile.js';
import { sequences } from '../build/nn/layers/sequences.js';
import { resolveSpec } from '../build/nn/spec.js';
import { resolveStep } from '../build/training/step.js';
import { Trainer } from '../build/training/trainer.js';

/** @typedef {import('../build/plan/program.js').Instruction} Instruction */

/** Examples in memory: enough for a few batches. */
const EXAMPLES = 1024;

/** Instruction classes by the names of the opcodes; an opcode that is not listed is a class of its own. */
const CLASSES = new Map([
  ['GATHER_ROWS', 'gather'],
  ['GATHER_BYTES', 'gather'],
  ['GATHER_LABELS', 'gather'],
  ['COLUMN_SUMS', 'bias gradient'],
  ['ACTIVATE', 'activation'],
  ['ACTIVATE_GRADIENT', 'activation gradient'],
  ['SOFTMAX', 'activation'],
  ['SOFTMAX_GRADIENT', 'activation gradient'],
  ['LOSS', 'loss'],
  ['SOFTMAX_CROSS_ENTROPY', 'loss'],
  ['SIGMOID_CROSS_ENTROPY', 'loss'],
  ['ADD_COST', 'loss'],
  ['COUNT_CORRECT', 'loss'],
  ['NEXT_STEP', 'update'],
  ['SCALE_BY_RATE', 'update'],
  ['SGD', 'update'],
  ['MOMENTUM', 'update'],
  ['NESTEROV', 'update'],
  ['ADAM', 'update'],
  ['RMSPROP', 'update'],
  ['ADAGRAD', 'update'],
  ['ADAMW', 'update'],
  ['CHECK_BOUND', 'check'],
]);

const PRODUCTS = new Map([
  [abi.MATMUL_NN, 'product forward'],
  [abi.MATMUL_NT, 'product backward'],
  [abi.MATMUL_TN, 'product weight gradient'],
]);

/**
 * Where the time of one training step goes: each instruction of the compiled program is repeated on its own, its operands being
 * those of a real step. Alone, an instruction finds its operands in the caches, so the parts add up to less than the step; the
 * difference is `rest`.
 *
 * @param {import('./workloads.mjs').Workload} workload
 * @returns {Record<string, number>} microseconds of one step by class
 */
export function profile(workload) {
  const { engine, program } = placeTraining(workload);
  const { first, count } = program.step;
  const start = new Uint8Array(engine.core.buffer).slice();
  const restore = () => {
    new Uint8Array(engine.core.buffer).set(start);
    resetRegisters(engine);
    engine.run(program, 1, program.step);
  };
  const parts = /** @type {Record<string, number>} */ ({});
  for (let index = first; index < first + count; index++) {
    restore();
    const name = classOf(program.builder.instructions[index]);
    const time = timeSection(engine, program, { first: index, count: 1 });
    parts[name] = (parts[name] ?? 0) + time;
  }
  restore();
  const step = timeSection(engine, program, program.step, { most: program.steps });
  const known = Object.values(parts).reduce((sum, part) => sum + part, 0);
  return { ...parts, rest: Math.max(0, step - known) };
}

/** @param {Instruction} instruction */
export function classOf({ opcode, kind }) {
  const name = opcodeName(opcode);
  if (name.endsWith('MATMUL')) return PRODUCTS.get(kind ?? -1) ?? 'product';
  return CLASSES.get(name) ?? name.toLowerCase().replaceAll('_', ' ');
}

/** @typedef {import('../build/engine.js').Placed<import('../build/plan/epoch.js').EpochProgram>} EpochProgram */

/** An engine that remembers the training program, whose tensors it keeps apart so that an instruction can be repeated. */
class WatchedEngine extends Engine {
  /** @type {EpochProgram | undefined} */
  placed;

  /**
   * @override
   * @param {import('../build/plan/epoch.js').EpochPlan} plan
   */
  placeEpoch(plan) {
    return (this.placed = super.placeEpoch({ ...plan, keep: true }));
  }
}

/**
 * The program of a training step as `fit` places it, in a memory with data, after one epoch.
 *
 * @param {import('./workloads.mjs').Workload} workload
 */
function placeTraining({ spec, sizes, data, batchSize, optimizer, steps = 1 }) {
  const { model } = resolveSpec(spec, sequences);
  const engine = new WatchedEngine(createCore('simd'), model);
  initialise(engine, 1);
  const rows = Math.floor(EXAMPLES / batchSize) * batchSize;
  const trainer = new Trainer(engine, {
    x: {
      rows: rows * steps,
      columns: sizes[0] / steps,
      values: repeated(data.x, rows * sizes[0]),
      examples: rows,
      ...(model.sequence && {
        sequence: {
          steps,
          lengths: new Uint32Array(rows).fill(steps),
          lengthsGiven: false,
          states: undefined,
        },
      }),
    },
    costs: rows,
    predictions: rows,
    y:
      data.y instanceof Uint8Array
        ? { kind: 'labels', rows, labels: Uint32Array.from(repeated(data.y, rows)) }
        : {
            kind: 'values',
            rows,
            columns: model.outputs,
            values: repeated(data.y, rows * model.outputs),
          },
    epochs: 1,
    batchSize,
    step: resolveStep({ optimizer }),
    schedule: undefined,
    shuffleSeed: 1,
  });
  while (!trainer.advance(1));
  if (!engine.placed) throw new Error('the trainer placed no program');
  return { engine, program: engine.placed };
}

/**
 * The first `length` values, from the start again when there are fewer.
 *
 * @param {Float32Array | Uint8Array} values
 * @param {number} length
 */
function repeated(values, length) {
  return Float32Array.from({ length }, (_, index) => values[index % values.length]);
}
