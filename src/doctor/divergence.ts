import { STOP_GRADIENT } from '../core/abi.ts';
import { largestMagnitude } from '../data/features.ts';
import type { Examples } from '../data/reader.ts';
import type { Engine } from '../engine.ts';
import { NetworkError } from '../errors.ts';
import { type Findings, rerun } from './rerun.ts';
import { calm } from './flow.ts';
import { LARGE_INPUT } from './inputs.ts';
import { short } from './warnings.ts';

/** A batch whose cost or gradient was not finite, before the update that it would have led to. */
export interface Failure {
  readonly engine: Engine;
  /** The batch in words: `epoch 3, batch 17`. */
  readonly where: string;
  /** Its examples; undefined where they cannot be had again. */
  readonly batch: Examples | undefined;
  /** The rate in use. */
  readonly learningRate: number;
  /** Updates that were made since training began. */
  readonly steps: number;
  /** The largest parameter, in size, at the start of training. */
  readonly startingSize: number;
}

/** Targets beyond this size make errors whose squares are beyond that of any sensible cost. */
const LARGE_TARGET = 1e4;

/**
 * The error of a run whose cost or gradient is no longer finite. Everything in it is judged from facts: the batch is run once more with
 * all its numbers kept, on the parameters as they are, the last finite ones.
 */
export function diverged(failure: Failure): NetworkError {
  const { engine, where, batch } = failure;
  const what = engine.get('stop') === STOP_GRADIENT ? 'a gradient' : 'the cost';
  const findings = batch && findingsOf(engine, batch);
  const { cause, mend } = judge(failure, findings);
  const details = findings ? `${describe(findings)} ` : '';
  return new NetworkError(
    'DIVERGED',
    `${what} is no longer a finite number in ${where}. ${details}Likely cause: ${cause}. ` +
      `The parameters are those before that batch. ${mend}`,
  );
}

/** The error of a single step, which knows nothing of those before it but their number. */
export function batchDiverged(engine: Engine, batch: Examples): NetworkError {
  const [learningRate, steps] = [engine.get('learningRate'), engine.get('step')];
  const startingSize = largestParameter(engine);
  return diverged({ engine, where: 'this batch', batch, learningRate, steps, startingSize });
}

/** The largest number of the network's parameters, in size. */
export function largestParameter(engine: Engine): number {
  return largestMagnitude(engine.layout.values.view(engine.core.buffer));
}

/** A diagnosis must not hide what it is about: where there is no memory for it, there is none. */
function findingsOf(engine: Engine, batch: Examples): Findings | undefined {
  try {
    return rerun(engine, batch);
  } catch (error) {
    if (error instanceof NetworkError && error.code === 'OUT_OF_MEMORY') return undefined;
    throw error;
  }
}

function describe({ first, layer, parameter, gradient, activation, saturated }: Findings): string {
  const sentences = [
    first && layer ? `The first number out of bounds is in ${layer}: ${first}.` : '',
    parameter ? `${parameter.name} reaches ${short(parameter.size)}.` : '',
    first ? '' : `The largest derivative is ${short(gradient.size)}, of ${gradient.name}.`,
    activation ? `The largest activation is ${short(activation.size)}, of ${activation.name}.` : '',
    saturated ? `${saturated} is saturated.` : '',
  ];
  return sentences.filter((sentence) => sentence !== '').join(' ');
}

function judge(failure: Failure, findings: Findings | undefined): { cause: string; mend: string } {
  const { engine, batch, learningRate, steps, startingSize } = failure;
  const { normalization, loss, sequence } = engine.model;
  const input = batch && !normalization && !sequence?.tokens ? largestMagnitude(batch.x.values) : 0;
  if (input > LARGE_INPUT) {
    return {
      cause: `the inputs are not scaled, they reach ${short(input)}`,
      mend: "Make the network with normalize: 'standard', or scale them to about ±1.",
    };
  }
  const target = batch?.y.kind === 'values' && !loss.fused ? largestMagnitude(batch.y.values) : 0;
  if (target > LARGE_TARGET) {
    return {
      cause: `the targets are not scaled, they reach ${short(target)}`,
      mend: 'Scale them to about ±1.',
    };
  }
  if (findings?.explosion) {
    const { layer, ratio, steps: length } = findings.explosion;
    return {
      cause: `gradients explode through time in ${layer}: over ${length} steps, δ of the first quarter is ${short(ratio)} times that of the last`,
      mend: calm,
    };
  }
  if (steps === 0) {
    return {
      cause: `the parameters were too large from the start, up to ${short(startingSize)}`,
      mend: `Choose smaller starting values${findings?.layer ? ` for ${findings.layer}` : ''}.`,
    };
  }
  const grown = largestParameter(engine);
  const growth = `the largest parameter went from ${short(startingSize)} to ${short(grown)} in ${steps} update${steps > 1 ? 's' : ''}`;
  return {
    cause: `the learning rate ${short(learningRate)} is too large, ${growth}`,
    mend: `Try a smaller learning rate, such as ${short(learningRate / 10)}, or clipNorm: 1.`,
  };
}
