// One record: reads what src/core/abi.ts describes and calls one exported function per opcode.
import * as abi from '../src/core/abi';
import { Instruction } from './instruction';
import { matmul } from './gemm/gemm';
import { activate, activateGradient } from './kernels/activation';
import { gatherBytes, gatherLabels, gatherRows, spreadRows } from './kernels/gather';
import { loss, sigmoidCrossEntropy, softmaxCrossEntropy } from './kernels/loss';
import { normalize } from './kernels/normalize';
import { columnSums, countCorrect, sumCosts } from './kernels/reduce';
import { softmax, softmaxGradient } from './kernels/softmax';
import { sparseMatmul } from './kernels/sparse';
import { randomNormal, randomUniform, shuffle } from './random';
import { executeSequence } from './sequence';
import { State } from './state';
import { executeGradient, executeUpdate } from './training';

/** Executes one record on one thread, with `SCRATCH_BYTES` of its own at `scratch`; false when the run must end. */
export function execute(state: usize, record: usize, scratch: usize): bool {
  const r = changetype<Instruction>(record);
  switch (r.opcode) {
    case abi.OP_GATHER_ROWS: {
      const order = r.kind == abi.GATHER_FROM_START ? r.b : State.atCursor(state, r.b);
      gatherRows(r.out, r.a, order, r.rows, r.columns, r.outStride, r.aStride);
      break;
    }
    case abi.OP_GATHER_BYTES: {
      const order = r.kind == abi.GATHER_FROM_START ? r.b : State.atCursor(state, r.b);
      gatherBytes(r.out, r.a, order, r.rows, r.columns, r.outStride, r.aStride);
      break;
    }
    case abi.OP_GATHER_LABELS: {
      const order = r.kind == abi.GATHER_FROM_START ? r.b : State.atCursor(state, r.b);
      gatherLabels(r.out, r.a, order, r.rows, r.columns, r.outStride);
      break;
    }
    case abi.OP_NORMALIZE:
      normalize(r.out, r.a, r.b, r.c, r.rows, r.columns, r.outStride, r.aStride);
      break;
    case abi.OP_MATMUL:
    case abi.OP_SPARSE_MATMUL:
      executeMatmul(r, scratch);
      break;
    case abi.OP_COLUMN_SUMS:
      columnSums(r.out, r.a, r.c, r.rows, r.columns, r.aStride);
      break;
    case abi.OP_ACTIVATE:
      activate(r.kind, r.out, r.a, r.rows * r.outStride);
      break;
    case abi.OP_ACTIVATE_GRADIENT:
      activateGradient(r.kind, r.out, r.a, r.b, r.rows * r.outStride);
      break;
    case abi.OP_SOFTMAX:
      softmax(r.out, r.a, r.rows, r.columns, r.outStride, r.aStride);
      break;
    case abi.OP_SOFTMAX_GRADIENT:
      softmaxGradient(r.out, r.a, r.b, r.rows, r.columns, r.outStride, r.aStride, r.bStride);
      break;
    case abi.OP_LOSS:
    case abi.OP_SOFTMAX_CROSS_ENTROPY:
    case abi.OP_SIGMOID_CROSS_ENTROPY:
      executeLoss(r);
      break;
    case abi.OP_ADD_COST:
      return addCost(state, r);
    case abi.OP_COUNT_CORRECT:
      addCorrect(state, r);
      break;
    case abi.OP_NEXT_STEP:
      nextStep(state, r.rows);
      break;
    case abi.OP_SCALE_BY_RATE:
    case abi.OP_SGD:
    case abi.OP_MOMENTUM:
    case abi.OP_NESTEROV:
    case abi.OP_ADAM:
    case abi.OP_RMSPROP:
    case abi.OP_ADAGRAD:
    case abi.OP_ADAMW:
      executeUpdate(state, r);
      break;
    case abi.OP_PENALTY:
    case abi.OP_CHECK_BOUND:
    case abi.OP_CLIP_VALUE:
    case abi.OP_ADD_SQUARES:
    case abi.OP_CLIP_NORM:
    case abi.OP_DROPOUT:
    case abi.OP_WEIGHT_ROWS:
      return executeGradient(state, r);
    case abi.OP_RANDOM_UNIFORM:
    case abi.OP_RANDOM_NORMAL:
    case abi.OP_SHUFFLE:
      executeRandom(state, r);
      break;
    case abi.OP_BEGIN_EPOCH:
      beginEpoch(state);
      break;
    case abi.OP_END_EPOCH:
      endEpoch(state, r.out);
      break;
    case abi.OP_NEXT_RATE:
      nextRate(state, r.a, r.columns);
      break;
    default:
      return executeSequence(state, r, scratch);
  }
  return true;
}

// prettier-ignore
function executeMatmul(r: Instruction, scratch: usize): void {
  if (r.opcode == abi.OP_SPARSE_MATMUL) {
    return sparseMatmul(r.kind, r.out, r.a, r.b, r.c, r.rows, r.columns, r.inner, r.outStride, r.aStride, r.bStride, r.firstRow, r.wholeRows);
  }
  return matmul(r.kind, r.out, r.a, r.b, r.c, r.rows, r.columns, r.inner, r.outStride, r.aStride, r.bStride, scratch, r.d);
}

// prettier-ignore
function executeLoss(r: Instruction): void {
  switch (r.opcode) {
    case abi.OP_LOSS:
      return loss(r.kind, r.out, r.a, r.b, r.c, r.rows, r.columns, r.outStride, r.aStride, r.bStride, r.scale, r.scale2);
    case abi.OP_SOFTMAX_CROSS_ENTROPY:
      return softmaxCrossEntropy(r.out, r.a, r.b, r.c, r.rows, r.columns, r.outStride, r.aStride, r.bStride, r.scale);
    default:
      return sigmoidCrossEntropy(r.out, r.a, r.b, r.c, r.rows, r.columns, r.outStride, r.aStride, r.bStride, r.scale);
  }
}

function executeRandom(state: usize, r: Instruction): void {
  const seedLow = <u32>r.a;
  const seedHigh = <u32>r.b;
  const count = r.rows * r.columns;
  switch (r.opcode) {
    case abi.OP_RANDOM_UNIFORM:
      randomUniform(r.out, count, r.scale, r.scale2, seedLow, seedHigh, r.kind, r.index);
      return spreadRows(r.out, r.rows, r.columns, r.outStride);
    case abi.OP_RANDOM_NORMAL:
      randomNormal(r.out, count, r.scale, r.scale2, seedLow, seedHigh, r.kind, r.index);
      return spreadRows(r.out, r.rows, r.columns, r.outStride);
    default:
      return shuffle(
        r.out,
        r.rows,
        seedLow,
        seedHigh,
        r.kind,
        <u32>State.read(state, abi.STATE_EPOCH),
      );
  }
}

/** False when the run must end: a cost is not finite and the record asks to stop then. */
function addCost(state: usize, r: Instruction): bool {
  const cost = sumCosts(State.read(state, abi.STATE_COST), r.a, r.rows);
  store<f64>(state + abi.STATE_COST, cost);
  State.add(state, abi.STATE_EXAMPLES, r.rows);
  if (r.kind != 1 || isFinite(cost)) return true;
  State.write(state, abi.STATE_STOP, abi.STOP_COST);
  return false;
}

function addCorrect(state: usize, r: Instruction): void {
  const correct = countCorrect(r.a, r.b, r.rows, r.columns, r.aStride, r.bStride, r.scale);
  State.add(state, abi.STATE_CORRECT, correct);
}

function beginEpoch(state: usize): void {
  State.add(state, abi.STATE_EPOCH, 1);
  store<f64>(state + abi.STATE_CURSOR, 0);
  store<f64>(state + abi.STATE_COST, 0);
  store<f64>(state + abi.STATE_EXAMPLES, 0);
  store<f64>(state + abi.STATE_CORRECT, 0);
}

function endEpoch(state: usize, log: usize): void {
  const entry = log + <usize>State.read(state, abi.STATE_LOGGED) * abi.LOG_ENTRY_BYTES;
  store<f64>(entry, State.read(state, abi.STATE_COST));
  store<f64>(entry + 8, State.read(state, abi.STATE_CORRECT));
  State.add(state, abi.STATE_LOGGED, 1);
}

function nextRate(state: usize, rates: usize, length: i32): void {
  const entry = <usize>(<u64>State.read(state, abi.STATE_STEP) % <u64>length);
  store<f64>(state + abi.STATE_LEARNING_RATE, load<f64>(rates + (entry << 3)));
}

function nextStep(state: usize, rows: i32): void {
  State.add(state, abi.STATE_STEP, 1);
  State.add(state, abi.STATE_UPDATES, 1);
  State.multiply(state, abi.STATE_BETA1_POWER, State.read(state, abi.STATE_BETA1));
  State.multiply(state, abi.STATE_BETA2_POWER, State.read(state, abi.STATE_BETA2));
  State.add(state, abi.STATE_CURSOR, rows);
}
