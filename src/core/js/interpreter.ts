import * as abi from '../abi.ts';
import { Instruction } from './instruction.ts';
import { activate, activateGradient } from './kernels/activation.ts';
import { gatherBytes, gatherLabels, gatherRows, spreadRows } from './kernels/gather.ts';
import { loss, sigmoidCrossEntropy, softmaxCrossEntropy } from './kernels/loss.ts';
import { matmul } from './kernels/matmul.ts';
import { normalize } from './kernels/normalize.ts';
import { columnSums, countCorrect, sumCosts } from './kernels/reduce.ts';
import { softmax, softmaxGradient } from './kernels/softmax.ts';
import { sparseMatmul } from './kernels/sparse.ts';
import { randomNormal, randomUniform, shuffle } from './random.ts';
import { executeSequence } from './sequence.ts';
import { executeTraining } from './training.ts';
import type { Views } from './views.ts';

/**
 * Runs `count` records at `program`, in order, `repeat` times: the twin of assembly/program.ts.
 *
 * @param views - the memory that holds the records and everything they point at
 * @param state - address of the state block
 * @returns how often the program ran to its end; less than `repeat` when a cost or a gradient was not finite
 */
export function interpret(
  views: Views,
  state: number,
  program: number,
  count: number,
  repeat: number,
): number {
  views.f64[(state + abi.STATE_STOP) >>> 3] = 0;
  const instructions: Instruction[] = [];
  for (let i = 0; i < count; i++) {
    instructions.push(new Instruction(views, program + i * abi.RECORD_BYTES));
  }
  for (let complete = 0; complete < repeat; complete++) {
    for (let i = 0; i < count; i++) {
      const { opcode, rows, columns } = instructions[i]!;
      const repeated = opcode === abi.OP_REPEAT;
      const [first, last, times] = repeated ? [i + 1, i + columns, rows] : [i, i, 1];
      if (!executeRange(views, state, instructions, first, last, times)) return complete;
      i = last;
    }
  }
  return repeat;
}

/** Executes the records from first to last, `times` times; false when the run must end. */
function executeRange(
  views: Views,
  state: number,
  instructions: readonly Instruction[],
  first: number,
  last: number,
  times: number,
): boolean {
  for (let time = 0; time < times; time++) {
    for (let i = first; i <= last; i++) {
      if (!execute(views, state, instructions[i]!)) return false;
    }
  }
  return true;
}

/** Executes one record; false when the run must end. */
function execute(views: Views, state: number, r: Instruction): boolean {
  const { f32, f64 } = views;
  switch (r.opcode) {
    case abi.OP_GATHER_ROWS:
    case abi.OP_GATHER_BYTES:
    case abi.OP_GATHER_LABELS:
    case abi.OP_NORMALIZE:
      executeInput(views, state, r);
      break;
    case abi.OP_MATMUL:
    case abi.OP_SPARSE_MATMUL:
      executeMatmul(views, r);
      break;
    case abi.OP_COLUMN_SUMS:
      columnSums(f32, r.out, r.a, r.c, r.rows, r.columns, r.aStride);
      break;
    case abi.OP_ACTIVATE:
    case abi.OP_ACTIVATE_GRADIENT:
    case abi.OP_SOFTMAX:
    case abi.OP_SOFTMAX_GRADIENT:
      executeActivation(f32, r);
      break;
    case abi.OP_LOSS:
    case abi.OP_SOFTMAX_CROSS_ENTROPY:
    case abi.OP_SIGMOID_CROSS_ENTROPY:
      executeLoss(f32, r);
      break;
    case abi.OP_ADD_COST:
      return addCost(f32, f64, state, r);
    case abi.OP_COUNT_CORRECT:
      addCorrect(f32, f64, state, r);
      break;
    case abi.OP_NEXT_STEP:
    case abi.OP_BEGIN_EPOCH:
    case abi.OP_END_EPOCH:
    case abi.OP_NEXT_RATE:
      executeCounting(f64, state, r);
      break;
    case abi.OP_RANDOM_UNIFORM:
    case abi.OP_RANDOM_NORMAL:
    case abi.OP_SHUFFLE:
      executeRandom(views, state, r);
      break;
    default:
      // The opcodes of sequences are the highest.
      if (r.opcode >= abi.OP_ORDER_STEPS) return executeSequence(views, state, r);
      return executeTraining(views, state, r);
  }
  return true;
}

/** Brings the examples of a mini-batch to where the first layer finds them. */
function executeInput({ f32, u32, f64 }: Views, state: number, r: Instruction): void {
  const first = r.kind === abi.GATHER_FROM_START ? 0 : f64[(state + abi.STATE_CURSOR) >>> 3]!;
  const order = r.b + 4 * first;
  switch (r.opcode) {
    case abi.OP_GATHER_ROWS:
      return gatherRows(f32, u32, r.out, r.a, order, r.rows, r.columns, r.outStride, r.aStride);
    case abi.OP_GATHER_BYTES:
      return gatherBytes(f32, u32, r.out, r.a, order, r.rows, r.columns, r.outStride, r.aStride);
    case abi.OP_GATHER_LABELS:
      return gatherLabels(f32, u32, r.out, r.a, order, r.rows, r.columns, r.outStride);
    default:
      return normalize(f32, r.out, r.a, r.b, r.c, r.rows, r.columns, r.outStride, r.aStride);
  }
}

// prettier-ignore
function executeMatmul({ f32, u32 }: Views, r: Instruction): void {
  if (r.opcode === abi.OP_MATMUL) {
    return matmul(f32, r.kind, r.out, r.a, r.b, r.c, r.rows, r.columns, r.inner, r.outStride, r.aStride, r.bStride);
  }
  return sparseMatmul(f32, u32, r.kind, r.out, r.a, r.b, r.c, r.rows, r.columns, r.inner, r.outStride, r.aStride, r.bStride);
}

function executeActivation(f32: Float32Array, r: Instruction): void {
  switch (r.opcode) {
    case abi.OP_ACTIVATE:
      return activate(f32, r.kind, r.out, r.a, r.rows * r.outStride);
    case abi.OP_ACTIVATE_GRADIENT:
      return activateGradient(f32, r.kind, r.out, r.a, r.b, r.rows * r.outStride);
    case abi.OP_SOFTMAX:
      return softmax(f32, r.out, r.a, r.rows, r.columns, r.outStride, r.aStride);
    default:
      return softmaxGradient(
        f32,
        r.out,
        r.a,
        r.b,
        r.rows,
        r.columns,
        r.outStride,
        r.aStride,
        r.bStride,
      );
  }
}

// prettier-ignore
function executeLoss(f32: Float32Array, r: Instruction): void {
  switch (r.opcode) {
    case abi.OP_LOSS:
      return loss(f32, r.kind, r.out, r.a, r.b, r.c, r.rows, r.columns, r.outStride, r.aStride, r.bStride, r.scale, r.scale2);
    case abi.OP_SOFTMAX_CROSS_ENTROPY:
      return softmaxCrossEntropy(f32, r.out, r.a, r.b, r.c, r.rows, r.columns, r.outStride, r.aStride, r.bStride, r.scale);
    default:
      return sigmoidCrossEntropy(f32, r.out, r.a, r.b, r.c, r.rows, r.columns, r.outStride, r.aStride, r.bStride, r.scale);
  }
}

function executeRandom({ f32, u32, f64 }: Views, state: number, r: Instruction): void {
  const start = r.out >>> 2;
  switch (r.opcode) {
    case abi.OP_RANDOM_UNIFORM: {
      const out = f32.subarray(start, start + r.rows * r.columns);
      randomUniform(out, r.scale, r.scale2, r.a, r.b, r.kind, r.index);
      return spreadRows(f32, r.out, r.rows, r.columns, r.outStride);
    }
    case abi.OP_RANDOM_NORMAL: {
      const out = f32.subarray(start, start + r.rows * r.columns);
      randomNormal(out, r.scale, r.scale2, r.a, r.b, r.kind, r.index);
      return spreadRows(f32, r.out, r.rows, r.columns, r.outStride);
    }
    default: {
      const epoch = f64[(state + abi.STATE_EPOCH) >>> 3]!;
      return shuffle(u32.subarray(start, start + r.rows), r.a, r.b, r.kind, epoch);
    }
  }
}

/** False when the run must end: a cost is not finite and the record asks to stop then. */
function addCost(f32: Float32Array, f64: Float64Array, state: number, r: Instruction): boolean {
  const register = (state + abi.STATE_COST) >>> 3;
  const cost = sumCosts(f32, f64[register]!, r.a, r.rows);
  f64[register] = cost;
  f64[(state + abi.STATE_EXAMPLES) >>> 3]! += r.rows;
  if (r.kind !== 1 || Number.isFinite(cost)) return true;
  f64[(state + abi.STATE_STOP) >>> 3] = abi.STOP_COST;
  return false;
}

function addCorrect(f32: Float32Array, f64: Float64Array, state: number, r: Instruction): void {
  const correct = countCorrect(f32, r.a, r.b, r.rows, r.columns, r.aStride, r.bStride, r.scale);
  f64[(state + abi.STATE_CORRECT) >>> 3]! += correct;
}

function executeCounting(f64: Float64Array, state: number, r: Instruction): void {
  switch (r.opcode) {
    case abi.OP_NEXT_STEP:
      return nextStep(f64, state, r.rows);
    case abi.OP_BEGIN_EPOCH:
      return beginEpoch(f64, state);
    case abi.OP_NEXT_RATE:
      return nextRate(f64, state, r.a, r.columns);
    default:
      return endEpoch(f64, state, r.out);
  }
}

function beginEpoch(f64: Float64Array, state: number): void {
  f64[(state + abi.STATE_EPOCH) >>> 3]! += 1;
  f64[(state + abi.STATE_CURSOR) >>> 3] = 0;
  f64[(state + abi.STATE_COST) >>> 3] = 0;
  f64[(state + abi.STATE_EXAMPLES) >>> 3] = 0;
  f64[(state + abi.STATE_CORRECT) >>> 3] = 0;
}

function endEpoch(f64: Float64Array, state: number, log: number): void {
  const logged = (state + abi.STATE_LOGGED) >>> 3;
  const entry = (log + f64[logged]! * abi.LOG_ENTRY_BYTES) >>> 3;
  f64[entry] = f64[(state + abi.STATE_COST) >>> 3]!;
  f64[entry + 1] = f64[(state + abi.STATE_CORRECT) >>> 3]!;
  f64[logged]! += 1;
}

function nextRate(f64: Float64Array, state: number, rates: number, length: number): void {
  const entry = f64[(state + abi.STATE_STEP) >>> 3]! % length;
  f64[(state + abi.STATE_LEARNING_RATE) >>> 3] = f64[(rates >>> 3) + entry]!;
}

function nextStep(f64: Float64Array, state: number, rows: number): void {
  f64[(state + abi.STATE_STEP) >>> 3]! += 1;
  f64[(state + abi.STATE_UPDATES) >>> 3]! += 1;
  f64[(state + abi.STATE_BETA1_POWER) >>> 3]! *= f64[(state + abi.STATE_BETA1) >>> 3]!;
  f64[(state + abi.STATE_BETA2_POWER) >>> 3]! *= f64[(state + abi.STATE_BETA2) >>> 3]!;
  f64[(state + abi.STATE_CURSOR) >>> 3]! += rows;
}
