import * as abi from '../build/core/abi.js';
import { createCore } from '../build/core/create.js';
import { Engine } from '../build/engine.js';
import { initialise } from '../build/initialise.js';
import { resolveSpec } from '../build/nn/spec.js';
import { Trainer } from '../build/training/trainer.js';
import { secondsPerCall } from './measure.mjs';

/** @typedef {import('../build/plan/program.js').Instruction} Instruction */
/** @typedef {import('../build/engine.js').Placed<import('../build/plan/epoch.js').EpochProgram>} PlacedEpoch */

/** Examples in memory: enough for a few batches. */
const EXAMPLES = 1024;

/** Milliseconds spent on each instruction, and those a single timed call should take at least. */
const INSTRUCTION_TIME = 10;
const CALL_TIME = 0.05;

/** So many repetitions at most that β₁ᵗ stays a normal number. */
const MOST_REPETITIONS = 4096;

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
]);

const PRODUCTS = new Map([
  [abi.MATMUL_NN, 'product forward'],
  [abi.MATMUL_NT, 'product backward'],
  [abi.MATMUL_TN, 'product weight gradient'],
]);

const OPCODE_NAMES = new Map(
  Object.entries(abi)
    .filter(([name]) => name.startsWith('OP_'))
    .map(([name, opcode]) => [opcode, name.slice('OP_'.length)]),
);

/**
 * Where the time of one training step goes: each instruction of the compiled program is repeated on its own, its operands being
 * those of a real step. Alone, an instruction finds its operands in the caches, so the parts add up to less than the step; the
 * difference is `rest`.
 *
 * @param {import('./workloads.mjs').Workload} workload
 * @returns {Record<string, number>} microseconds of one step by class
 */
export function profile(workload) {
  const { engine, program, rows } = placeTraining(workload);
  const { step } = program;
  const start = new Uint8Array(engine.core.buffer).slice();
  const restore = () => {
    new Uint8Array(engine.core.buffer).set(start);
    resetRegisters(engine);
    engine.run(program, 1, step);
  };
  const parts = /** @type {Record<string, number>} */ ({});
  for (let index = step.first; index < step.first + step.count; index++) {
    restore();
    const instruction = program.builder.instructions[index];
    if (!instruction) continue;
    const name = classOf(instruction);
    const alone = { first: index, count: 1 };
    parts[name] = (parts[name] ?? 0) + microseconds(engine, program, alone, MOST_REPETITIONS);
  }
  restore();
  const whole = microseconds(engine, program, step, Math.floor(EXAMPLES / rows));
  const known = Object.values(parts).reduce((sum, part) => sum + part, 0);
  return { ...parts, rest: Math.max(0, whole - known) };
}

/** @param {Instruction} instruction */
export function classOf({ opcode, kind }) {
  const name = OPCODE_NAMES.get(opcode) ?? `opcode ${opcode}`;
  if (name.endsWith('MATMUL')) return PRODUCTS.get(kind ?? -1) ?? 'product';
  return CLASSES.get(name) ?? name.toLowerCase().replaceAll('_', ' ');
}

/**
 * @param {Engine} engine
 * @param {PlacedEpoch} program
 * @param {import('../build/plan/program.js').Section} section
 * @param {number} most - repetitions the data or the registers allow
 */
function microseconds(engine, program, section, most) {
  const run = (/** @type {number} */ repeat) => {
    resetRegisters(engine);
    engine.run(program, repeat, section);
  };
  let repeat = 1;
  while (repeat * 2 <= most && secondsPerCall(() => run(repeat), 1) * 1000 < CALL_TIME) repeat *= 2;
  return (secondsPerCall(() => run(repeat), INSTRUCTION_TIME) / repeat) * 1e6;
}

/** @param {Engine} engine */
function resetRegisters(engine) {
  engine.set({ cursor: 0, cost: 0, examples: 0, beta1Power: 1, beta2Power: 1 });
}

/** An engine that remembers the program placed last. */
class WatchedEngine extends Engine {
  /** @type {PlacedEpoch | undefined} */
  placed;

  /**
   * @override
   * @param {Parameters<Engine['placeEpoch']>} parameters
   */
  placeEpoch(...parameters) {
    return (this.placed = super.placeEpoch(...parameters));
  }
}

/**
 * The program of a training step as `fit` places it, in a memory with data, after one epoch.
 *
 * @param {import('./workloads.mjs').Workload} workload
 */
function placeTraining({ spec, sizes, data, batchSize, optimizer }) {
  const { model } = resolveSpec(spec);
  const engine = new WatchedEngine(createCore('simd'), model);
  initialise(engine, 1);
  const rows = Math.floor(EXAMPLES / batchSize) * batchSize;
  const trainer = new Trainer(engine, {
    x: { rows, columns: sizes[0], values: data.x.subarray(0, rows * sizes[0]) },
    y:
      data.y instanceof Uint8Array
        ? { kind: 'labels', rows, labels: Uint32Array.from(data.y.subarray(0, rows)) }
        : {
            kind: 'values',
            rows,
            columns: model.outputs,
            values: data.y.subarray(0, rows * model.outputs),
          },
    batchSize,
    optimizer,
    shuffleSeed: 1,
  });
  const epoch = trainer.epoch(1);
  while (!epoch.next().done);
  if (!engine.placed) throw new Error('the trainer placed no program');
  return { engine, program: engine.placed, rows: batchSize };
}
