// Executes the records of training: updates, and what happens between the backward pass and them.
import * as abi from '../src/core/abi';
import { Instruction } from './instruction';
import { dropout } from './kernels/dropout';
import { addSquares, clipNorm, clipValue, largestMagnitude, penalty } from './kernels/gradient';
import { adam, momentum, nesterov, scaleByRate, scaleByRoot, sgd } from './kernels/optimizer';
import { costDivisor } from './kernels/steps';
import { weightRows } from './kernels/weight';
import { State } from './state';

/** One update of a range of parameters, with the hyper-parameters of the state block. */
export function executeUpdate(state: usize, r: Instruction): void {
  const learningRate = State.read(state, abi.STATE_LEARNING_RATE);
  const coefficient = State.read(state, abi.STATE_MOMENTUM);
  const epsilon = State.read(state, abi.STATE_EPSILON);
  switch (r.opcode) {
    case abi.OP_SCALE_BY_RATE:
      return scaleByRate(r.out, r.a, r.rows * r.outStride, learningRate);
    case abi.OP_SGD:
      return sgd(r.out, r.a, r.columns, learningRate);
    case abi.OP_MOMENTUM:
      return momentum(r.out, r.a, r.b, r.columns, learningRate, coefficient);
    case abi.OP_NESTEROV:
      return nesterov(r.out, r.a, r.b, r.columns, learningRate, coefficient);
    case abi.OP_RMSPROP: {
      const rho = State.read(state, abi.STATE_RHO);
      return scaleByRoot(r.out, r.a, r.b, r.columns, learningRate, rho, 1 - rho, epsilon);
    }
    case abi.OP_ADAGRAD:
      return scaleByRoot(r.out, r.a, r.b, r.columns, learningRate, 1, 1, epsilon);
    default: {
      const beta1 = State.read(state, abi.STATE_BETA1);
      const beta2 = State.read(state, abi.STATE_BETA2);
      const power1 = State.read(state, abi.STATE_BETA1_POWER);
      const power2 = State.read(state, abi.STATE_BETA2_POWER);
      const decay = r.opcode == abi.OP_ADAMW ? State.read(state, abi.STATE_WEIGHT_DECAY) : 0;
      // prettier-ignore
      adam(r.out, r.a, r.b, r.c, r.columns, learningRate, beta1, beta2, epsilon, power1, power2, decay);
    }
  }
}

/** Penalty, check, clipping, dropout and weights; false when the run must end. */
export function executeGradient(state: usize, r: Instruction): bool {
  switch (r.opcode) {
    case abi.OP_PENALTY:
      addPenalty(state, r);
      break;
    case abi.OP_CHECK_BOUND:
      return checkBound(state, r);
    case abi.OP_CLIP_VALUE:
      clipValue(r.out, r.columns, State.read(state, abi.STATE_CLIP_VALUE));
      break;
    case abi.OP_ADD_SQUARES: {
      const start = r.kind == 1 ? State.read(state, abi.STATE_SQUARES) : 0;
      State.write(state, abi.STATE_SQUARES, addSquares(start, r.a, r.columns));
      break;
    }
    case abi.OP_CLIP_NORM: {
      const norm = f64.sqrt(State.read(state, abi.STATE_SQUARES));
      clipNorm(r.out, r.columns, State.read(state, abi.STATE_CLIP_NORM), norm);
      break;
    }
    case abi.OP_DROPOUT: {
      const step = <u32>(<u64>State.read(state, abi.STATE_UPDATES));
      // prettier-ignore
      dropout(r.out, r.c, r.rows, r.columns, r.outStride, r.aStride, r.inner, r.scale, <u32>r.a, <u32>r.b, r.kind, r.index, step, r.firstRow);
      break;
    }
    default:
      weightRows(r.out, r.a, r.c, r.rows, r.columns, r.outStride, r.aStride);
  }
  return true;
}

function addPenalty(state: usize, r: Instruction): void {
  const count = r.d ? costDivisor(abi.STEPS_MEAN, r.d, r.rows, r.inner) : r.rows;
  const l1 = State.read(state, abi.STATE_L1);
  const l2 = State.read(state, abi.STATE_L2);
  State.add(state, abi.STATE_COST, <f64>count * penalty(r.out, r.a, r.columns, l1, l2));
}

function checkBound(state: usize, r: Instruction): bool {
  let factor = r.kind == 1 ? State.read(state, abi.STATE_INPUT_BOUND) : 0;
  if (r.b) factor = <f64>largestMagnitude(r.b, r.rows, r.inner, r.bStride);
  const largest = <f64>largestMagnitude(r.a, r.rows, r.columns, r.aStride);
  if (<f64>r.rows * largest * max<f64>(1, factor) <= <f64>r.scale) return true;
  State.write(state, abi.STATE_STOP, abi.STOP_GRADIENT);
  return false;
}
