import { checkKeys } from '../checks.ts';
import type { Examples } from '../data/reader.ts';
import type { Engine } from '../engine.ts';
import { readParameter } from '../plan/parameters.ts';
import { shapeOf, writeBatch } from './batch.ts';
import { isolated } from './evaluate.ts';
import type { GradientOptions } from './options.ts';
import { penaltyKeys, penaltyOf, resolveStep, type ResolvedStep } from './step.ts';

/** Cost of a batch and its derivatives. */
export interface Gradients {
  /** Mean cost over the batch. */
  readonly cost: number;
  /** ∂C/∂ each parameter, by its name, in its shape. */
  readonly gradients: Readonly<Record<string, Float32Array>>;
}

/** Checks options of gradients. */
export function resolvePenalty(options: GradientOptions): ResolvedStep {
  checkKeys(options, [...penaltyKeys, 'sampleWeights'], 'gradients');
  const { sampleWeights: _, ...penalty } = options;
  return resolveStep(penalty);
}

/** The derivatives of the cost of a batch, without a step. */
export function gradientsOf(engine: Engine, batch: Examples, step: ResolvedStep): Gradients {
  const penalty = penaltyOf(step);
  const weighted = batch.weights !== undefined;
  const key = `gradients, penalty ${penalty}${weighted ? ', weighted' : ''}`;
  const purpose = { kind: 'gradients', penalty, weighted } as const;
  const program = engine.kept(batch.x.examples, purpose, key, shapeOf(batch.x));
  writeBatch(engine, program, batch);
  const { cost, examples } = isolated(engine, () => engine.run(program), step);
  const { buffer } = engine.core;
  const gradients = engine.layout.parameters
    .filter(({ trainable }) => trainable)
    .map(({ name, gradient }) => [name, readParameter(buffer, gradient)] as const);
  return { cost: cost / examples, gradients: Object.fromEntries(gradients) };
}
