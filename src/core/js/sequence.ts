import * as abi from '../abi.ts';
import type { Instruction } from './instruction.ts';
import { gruBefore, gruBeforeGradient } from './kernels/gru-before.ts';
import { addRows, gru, gruGradient } from './kernels/gru.ts';
import { packPanels } from './kernels/matmul.ts';
import { lstm, lstmGradient } from './kernels/lstm.ts';
import { rnn, rnnGradient } from './kernels/rnn.ts';
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
} from './kernels/steps.ts';
import type { Views } from './views.ts';

/**
 * Executes one record whose opcode belongs to sequences; false when the run must end. The twin of assembly/sequence.ts.
 *
 * @throws {RangeError} for an opcode that no core knows
 */
// prettier-ignore
export function executeSequence(views: Views, state: number, r: Instruction): boolean {
  const { f32, u32, f64 } = views;
  switch (r.opcode) {
    case abi.OP_ORDER_STEPS:
      orderSteps(u32, r.out, r.a + 4 * f64[(state + abi.STATE_CURSOR) >>> 3]!, r.rows, r.inner);
      break;
    case abi.OP_COPY:
      copyRows(f32, r.out, r.a, r.rows, r.columns, r.outStride, r.aStride);
      break;
    case abi.OP_SELECT_ROWS:
      selectRows(views, r.out, r.a, r.b, r.d, r.rows, r.columns, r.outStride, r.aStride, r.bStride);
      break;
    case abi.OP_REVERSE_STEPS:
      reverseSteps(views, r.out, r.a, r.d, r.rows, r.columns, r.inner, r.outStride, r.aStride);
      break;
    case abi.OP_TRANSPOSE:
      transposeMatrix(f32, r.out, r.a, r.rows, r.columns, r.outStride, r.aStride);
      break;
    case abi.OP_PACK:
      packPanels(f32, r.out, r.a, r.aStride, r.rows, r.columns);
      break;
    case abi.OP_MASK_STEPS:
      maskSteps(views, r.kind, r.out, r.d, r.rows, r.inner, r.outStride);
      break;
    case abi.OP_ADD_STEP_COSTS:
      return addStepCosts(views, state, r);
    case abi.OP_COUNT_CORRECT_STEPS:
      f64[(state + abi.STATE_CORRECT) >>> 3]! += countCorrectSteps(views, r.a, r.b, r.d, r.rows, r.columns, r.inner, r.aStride, r.bStride, r.scale);
      break;
    case abi.OP_ADD:
      addRows(f32, r.out, r.a, r.rows * r.outStride);
      break;
    case abi.OP_RNN:
      rnn(views, r.index, r.kind, r.out, r.a, r.b, r.d, r.rows, r.columns, r.inner, r.outStride, r.bStride);
      break;
    case abi.OP_RNN_GRADIENT:
      rnnGradient(views, r.index, r.kind, r.out, r.a, r.b, r.d, r.rows, r.columns, r.inner, r.outStride, r.bStride);
      break;
    default:
      executeGates(views, r);
  }
  return true;
}

/** Layers whose out is gates; strides are those of one gate, of dh or h at a. */
// prettier-ignore
function executeGates(views: Views, r: Instruction): void {
  switch (r.opcode) {
    case abi.OP_LSTM:
      return lstm(views, r.index, r.out, r.a, r.b, r.c, r.d, r.rows, r.columns, r.inner, r.aStride, r.bStride);
    case abi.OP_LSTM_GRADIENT:
      return lstmGradient(views, r.index, r.out, r.a, r.b, r.c, r.d, r.rows, r.columns, r.inner, r.aStride, r.bStride);
    case abi.OP_GRU:
      return gru(views, r.index, r.out, r.a, r.b, r.c, r.d, r.rows, r.columns, r.inner, r.aStride, r.bStride);
    case abi.OP_GRU_GRADIENT:
      return gruGradient(views, r.index, r.out, r.a, r.b, r.c, r.d, r.rows, r.columns, r.inner, r.aStride, r.bStride);
    case abi.OP_GRU_BEFORE:
      return gruBefore(views, r.out, r.a, r.b, r.c, r.d, r.rows, r.columns, r.inner, r.aStride, r.bStride);
    case abi.OP_GRU_BEFORE_GRADIENT:
      return gruBeforeGradient(views, r.out, r.a, r.b, r.c, r.d, r.rows, r.columns, r.inner, r.aStride, r.bStride);
    default:
      throw new RangeError(`program: expected an opcode of abi.ts, got ${r.opcode}`);
  }
}

function addStepCosts(views: Views, state: number, r: Instruction): boolean {
  const { u32, f64 } = views;
  const register = (state + abi.STATE_COST) >>> 3;
  const cost = sumStepCosts(views, f64[register]!, r.a, r.d, r.rows, r.inner);
  f64[register] = cost;
  f64[(state + abi.STATE_EXAMPLES) >>> 3]! += costDivisor(u32, r.kind, r.d, r.rows, r.inner);
  return r.scale !== 1 || Number.isFinite(cost);
}
