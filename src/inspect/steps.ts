import { checkInteger } from '../checks.ts';
import type { Model } from '../plan/model.ts';
import type { SequenceShape } from '../plan/sequence.ts';

/** The time axis of a program that is looked at, for networks that have one. */
export function stepsShape(
  { sequence }: Model,
  steps: number | undefined,
): SequenceShape | undefined {
  if (sequence) {
    return { steps: checkInteger(steps ?? sequence.steps ?? 1, 'steps', 1), states: 'zero' };
  }
  if (steps === undefined) return undefined;
  throw new TypeError('steps: this network has no time axis. Leave steps out.');
}
