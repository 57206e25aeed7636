import type { Engine } from '../../engine.ts';
import type { Optimizer } from '../../nn/optimizers.ts';
import { ReferenceOptimizer } from '../reference/optimizers.ts';
import { judge } from './compare.ts';
import { readParameters } from './gradients.ts';
import type { ParameterCheck } from './report.ts';

/** Steps in a row: enough for moments to matter, and to show what is left over from the step before. */
const STEPS = 3;

/** By this share of the largest number of a parameter, rounding may move each of them. */
const ROUNDING = 2 ** -22;

/** And by this share with every term that a sum in place of the parameter adds: half a unit in the last place. */
const HALF_UNIT = 2 ** -24;

/** What the check of an optimizer does with a network. */
export interface Trainable {
  /** The derivatives at the present parameters, of those that are not frozen. */
  gradients(): Readonly<Record<string, Float32Array>>;
  /** Makes a step of training. */
  step(): unknown;
  /** Terms that a step adds to a parameter where it is: one for each row of the batch, or none where the gradient is summed up first. */
  readonly terms: number;
}

/**
 * Trains a few steps and compares the change of every parameter with the optimizer's formula, worked out in double precision from the
 * derivatives before the step.
 *
 * @param noise - what rounding may do to the derivatives, by parameter
 */
export function checkUpdates(
  engine: Engine,
  optimizer: Optimizer,
  { gradients, step, terms }: Trainable,
  noise: Readonly<Record<string, number>>,
): ParameterCheck[] {
  const reference = new ReferenceOptimizer(optimizer);
  const worst = new Map<string, ParameterCheck>();
  for (let count = 0; count < STEPS; count++) {
    const before = readParameters(engine);
    const derivatives = gradients();
    step();
    const after = readParameters(engine);
    reference.next();
    for (const parameter of engine.layout.parameters) {
      const { name } = parameter;
      const [old, present] = [before[name]!, after[name]!];
      const derivative = derivatives[name];
      const update = derivative ? reference.update(name, old, derivative) : old.map(() => 0);
      const compared = Array.from(update, (expected, index) => ({
        index,
        got: present[index]! - old[index]!,
        expected,
      }));
      const largest = old.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const rounding = (ROUNDING + terms * HALF_UNIT) * largest;
      const check = judge(parameter, compared, rounding + optimizer.learningRate * noise[name]!);
      const known = worst.get(name);
      if (!known || excess(check) > excess(known)) worst.set(name, check);
    }
  }
  return [...worst.values()];
}

function excess({ relativeError, limit }: ParameterCheck): number {
  return relativeError === 0 ? 0 : relativeError / limit;
}
