import * as abi from './core/abi.ts';

/** The registers of the state block that the host reads or sets. */
export type Register =
  | 'cursor'
  | 'step'
  | 'cost'
  | 'examples'
  | 'correct'
  | 'learningRate'
  | 'momentum'
  | 'beta1'
  | 'beta2'
  | 'epsilon'
  | 'beta1Power'
  | 'beta2Power'
  | 'epoch'
  | 'logged'
  | 'stop'
  | 'updates'
  | 'inputBound'
  | 'rho'
  | 'weightDecay'
  | 'l1'
  | 'l2'
  | 'clipValue'
  | 'clipNorm'
  | 'squares';

/** Where in the state block each register is, in bytes. */
export const registers: Readonly<Record<Register, number>> = {
  cursor: abi.STATE_CURSOR,
  step: abi.STATE_STEP,
  cost: abi.STATE_COST,
  examples: abi.STATE_EXAMPLES,
  correct: abi.STATE_CORRECT,
  learningRate: abi.STATE_LEARNING_RATE,
  momentum: abi.STATE_MOMENTUM,
  beta1: abi.STATE_BETA1,
  beta2: abi.STATE_BETA2,
  epsilon: abi.STATE_EPSILON,
  beta1Power: abi.STATE_BETA1_POWER,
  beta2Power: abi.STATE_BETA2_POWER,
  epoch: abi.STATE_EPOCH,
  logged: abi.STATE_LOGGED,
  stop: abi.STATE_STOP,
  updates: abi.STATE_UPDATES,
  inputBound: abi.STATE_INPUT_BOUND,
  rho: abi.STATE_RHO,
  weightDecay: abi.STATE_WEIGHT_DECAY,
  l1: abi.STATE_L1,
  l2: abi.STATE_L2,
  clipValue: abi.STATE_CLIP_VALUE,
  clipNorm: abi.STATE_CLIP_NORM,
  squares: abi.STATE_SQUARES,
};

/** All registers, which together with parameters and moments are the state of a run. */
export const registerNames: readonly Register[] = /* @__PURE__ */ Object.keys(
  registers,
) as Register[];
