import * as abi from '../abi.ts';
import type { Instruction } from './instruction.ts';
import { dropout } from './kernels/dropout.ts';
import { addSquares, clipNorm, clipValue, largestMagnitude, penalty } from './kernels/gradient.ts';
import { adam, momentum, nesterov, scaleByRate, scaleByRoot, sgd } from './kernels/optimizer.ts';
import { costDivisor } from './kernels/steps.ts';
import { weightRows } from './kernels/weight.ts';
import type { Views } from './views.ts';

/** Executes a record of training: dropout, weights, and everything from the gradients on; false when the run must end. */
export function executeTraining(views: Views, state: number, r: Instruction): boolean {
  const { f32, f64 } = views;
  switch (r.opcode) {
    case abi.OP_SCALE_BY_RATE:
    case abi.OP_SGD:
    case abi.OP_MOMENTUM:
    case abi.OP_NESTEROV:
    case abi.OP_RMSPROP:
    case abi.OP_ADAGRAD:
    case abi.OP_ADAM:
    case abi.OP_ADAMW:
      executeUpdate(f32, f64, state, r);
      return true;
    case abi.OP_CHECK_BOUND:
      return checkBound(f32, f64, state, r);
    default:
      executeGradient(views, state, r);
      return true;
  }
}

/** One update of a range of parameters, with the hyper-parameters of the state block. */
function executeUpdate(f32: Float32Array, f64: Float64Array, state: number, r: Instruction): void {
  const read = (register: number): number => f64[(state + register) >>> 3]!;
  const learningRate = read(abi.STATE_LEARNING_RATE);
  const epsilon = read(abi.STATE_EPSILON);
  switch (r.opcode) {
    case abi.OP_SCALE_BY_RATE:
      return scaleByRate(f32, r.out, r.a, r.rows * r.outStride, learningRate);
    case abi.OP_SGD:
      return sgd(f32, r.out, r.a, r.columns, learningRate);
    case abi.OP_MOMENTUM:
      return momentum(f32, r.out, r.a, r.b, r.columns, learningRate, read(abi.STATE_MOMENTUM));
    case abi.OP_NESTEROV:
      return nesterov(f32, r.out, r.a, r.b, r.columns, learningRate, read(abi.STATE_MOMENTUM));
    case abi.OP_RMSPROP: {
      const rho = read(abi.STATE_RHO);
      return scaleByRoot(f32, r.out, r.a, r.b, r.columns, learningRate, rho, 1 - rho, epsilon);
    }
    case abi.OP_ADAGRAD:
      return scaleByRoot(f32, r.out, r.a, r.b, r.columns, learningRate, 1, 1, epsilon);
    default: {
      const beta1 = read(abi.STATE_BETA1);
      const beta2 = read(abi.STATE_BETA2);
      const power1 = read(abi.STATE_BETA1_POWER);
      const power2 = read(abi.STATE_BETA2_POWER);
      const decay = r.opcode === abi.OP_ADAMW ? read(abi.STATE_WEIGHT_DECAY) : 0;
      // prettier-ignore
      adam(f32, r.out, r.a, r.b, r.c, r.columns, learningRate, beta1, beta2, epsilon, power1, power2, decay);
    }
  }
}

/** Penalty, clipping, dropout and weights. */
function executeGradient({ f32, u32, f64 }: Views, state: number, r: Instruction): void {
  const read = (register: number): number => f64[(state + register) >>> 3]!;
  switch (r.opcode) {
    case abi.OP_PENALTY: {
      const value = penalty(f32, r.out, r.a, r.columns, read(abi.STATE_L1), read(abi.STATE_L2));
      const count = r.d ? costDivisor(u32, abi.STEPS_MEAN, r.d, r.rows, r.inner) : r.rows;
      f64[(state + abi.STATE_COST) >>> 3]! += count * value;
      break;
    }
    case abi.OP_CLIP_VALUE:
      clipValue(f32, r.out, r.columns, read(abi.STATE_CLIP_VALUE));
      break;
    case abi.OP_ADD_SQUARES: {
      const start = r.kind === 1 ? read(abi.STATE_SQUARES) : 0;
      f64[(state + abi.STATE_SQUARES) >>> 3] = addSquares(f32, start, r.a, r.columns);
      break;
    }
    case abi.OP_CLIP_NORM: {
      const norm = Math.sqrt(read(abi.STATE_SQUARES));
      clipNorm(f32, r.out, r.columns, read(abi.STATE_CLIP_NORM), norm);
      break;
    }
    case abi.OP_DROPOUT: {
      const step = read(abi.STATE_UPDATES) % 2 ** 32;
      // prettier-ignore
      dropout(f32, r.out, r.c, r.rows, r.columns, r.outStride, r.aStride, r.inner, r.scale, r.a, r.b, r.kind, r.index, step);
      break;
    }
    case abi.OP_WEIGHT_ROWS:
      weightRows(f32, r.out, r.a, r.c, r.rows, r.columns, r.outStride, r.aStride);
      break;
    default:
      throw new RangeError(`program: expected an opcode of abi.ts, got ${r.opcode}`);
  }
}

function checkBound(f32: Float32Array, f64: Float64Array, state: number, r: Instruction): boolean {
  let factor = r.kind === 1 ? f64[(state + abi.STATE_INPUT_BOUND) >>> 3]! : 0;
  if (r.b) factor = largestMagnitude(f32, r.b, r.rows, r.inner, r.bStride);
  const largest = largestMagnitude(f32, r.a, r.rows, r.columns, r.aStride);
  if (r.rows * largest * Math.max(1, factor) <= r.scale) return true;
  f64[(state + abi.STATE_STOP) >>> 3] = abi.STOP_GRADIENT;
  return false;
}
