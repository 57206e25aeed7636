// The part of the interpreter that executes the instructions of sequences.
import * as abi from '../src/core/abi';
import { packPanels } from './gemm/gemm';
import { Instruction } from './instruction';
import { addRows, gru, gruGradient } from './kernels/gru';
import { gruBefore, gruBeforeGradient } from './kernels/gru-before';
import { lstm, lstmGradient } from './kernels/lstm';
import { rnn, rnnGradient } from './kernels/rnn';
import {
  copyRows,
  costDivisor,
  countCorrectSteps,
  maskSteps,
  orderSteps,
  reverseSteps,
  selectRows,
  sumStepCosts,
  transposeMatrix,
} from './kernels/steps';
import { State } from './state';

/** Executes one record whose opcode belongs to sequences; false when the run must end. */
// prettier-ignore
export function executeSequence(state: usize, r: Instruction, scratch: usize): bool {
  switch (r.opcode) {
    case abi.OP_ORDER_STEPS:
      orderSteps(r.out, State.atCursor(state, r.a), r.rows, r.inner);
      break;
    case abi.OP_COPY:
      copyRows(r.out, r.a, r.rows, r.columns, r.outStride, r.aStride);
      break;
    case abi.OP_SELECT_ROWS:
      selectRows(r.out, r.a, r.b, r.d, r.rows, r.columns, r.outStride, r.aStride, r.bStride);
      break;
    case abi.OP_REVERSE_STEPS:
      reverseSteps(r.out, r.a, r.d, r.rows, r.columns, r.inner, r.outStride, r.aStride);
      break;
    case abi.OP_TRANSPOSE:
      transposeMatrix(r.out, r.a, r.rows, r.columns, r.outStride, r.aStride);
      break;
    case abi.OP_PACK:
      packPanels(r.out, r.a, r.aStride, r.rows, r.columns);
      break;
    case abi.OP_MASK_STEPS:
      maskSteps(r.kind, r.out, r.d, r.rows, r.inner, r.outStride);
      break;
    case abi.OP_ADD_STEP_COSTS:
      return addStepCosts(state, r);
    case abi.OP_COUNT_CORRECT_STEPS:
      State.add(state, abi.STATE_CORRECT, countCorrectSteps(r.a, r.b, r.d, r.rows, r.columns, r.inner, r.aStride, r.bStride, r.scale));
      break;
    case abi.OP_ADD:
      addRows(r.out, r.a, r.rows, (<usize>r.outStride) << 2);
      break;
    case abi.OP_RNN:
      rnn(r.index, r.kind, r.out, r.a, r.b, r.d, r.rows, r.columns, r.inner, r.outStride, r.bStride, scratch);
      break;
    case abi.OP_RNN_GRADIENT:
      rnnGradient(r.index, r.kind, r.out, r.a, r.b, r.d, r.rows, stepRows(r), r.columns, r.inner, r.outStride, r.bStride, scratch);
      break;
    default:
      executeGates(r, scratch);
  }
  return true;
}

/** Rows from one step to the next: those of the whole record, of which this may be a part. */
function stepRows(r: Instruction): i32 {
  return r.wholeRows ? r.wholeRows : r.rows;
}

/** Layers whose out is gates; strides are those of one gate, of dh or h at a. */
// prettier-ignore
function executeGates(r: Instruction, scratch: usize): void {
  switch (r.opcode) {
    case abi.OP_LSTM:
      return lstm(r.index, r.out, r.a, r.b, r.c, r.d, r.rows, stepRows(r), r.columns, r.inner, r.aStride, r.bStride, scratch);
    case abi.OP_LSTM_GRADIENT:
      return lstmGradient(r.index, r.out, r.a, r.b, r.c, r.d, r.rows, stepRows(r), r.columns, r.inner, r.aStride, r.bStride, scratch);
    case abi.OP_GRU:
      return gru(r.index, r.out, r.a, r.b, r.c, r.d, r.rows, stepRows(r), r.columns, r.inner, r.aStride, r.bStride, scratch);
    case abi.OP_GRU_GRADIENT:
      return gruGradient(r.index, r.out, r.a, r.b, r.c, r.d, r.rows, stepRows(r), r.columns, r.inner, r.aStride, r.bStride, scratch);
    case abi.OP_GRU_BEFORE:
      return gruBefore(r.out, r.a, r.b, r.c, r.d, r.rows, stepRows(r), r.columns, r.inner, r.aStride, r.bStride, scratch);
    case abi.OP_GRU_BEFORE_GRADIENT:
      return gruBeforeGradient(r.out, r.a, r.b, r.c, r.d, r.rows, stepRows(r), r.columns, r.inner, r.aStride, r.bStride, scratch);
    default:
      unreachable();
  }
}

function addStepCosts(state: usize, r: Instruction): bool {
  const cost = sumStepCosts(State.read(state, abi.STATE_COST), r.a, r.d, r.rows, r.inner);
  store<f64>(state + abi.STATE_COST, cost);
  State.add(state, abi.STATE_EXAMPLES, costDivisor(r.kind, r.d, r.rows, r.inner));
  return r.scale != 1 || isFinite(cost);
}
