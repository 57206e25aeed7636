import { checkBoolean, checkInteger, checkKeys, checkName } from '../checks.ts';
import type { Inputs, TrainingData } from '../data/reader.ts';
import type { Engine } from '../engine.ts';
import type { NetworkSpec } from '../nn/spec.ts';
import type { Model } from '../plan/model.ts';
import { readParameter } from '../plan/parameters.ts';
import type { SequenceShape } from '../plan/sequence.ts';
import { type FitOptions, resolveFitOptions } from '../training/options.ts';
import type { Session } from '../training/session.ts';
import { resolveStep, stepKeys, type StepOptions } from '../training/step.ts';
import { type ProgramInstruction, programInstructions } from './program/listing.ts';
import { programText } from './program/text.ts';
import { recordTrace, type Step } from './trace/record.ts';
import type { Trace, TraceOptions } from './trace/trace.ts';

/** Options of a listing. */
export interface ProgramOptions extends Pick<FitOptions, 'batchSize' | keyof StepOptions> {
  /** Steps of a sequence; `input.steps`, or 1, when absent. */
  readonly steps?: number;
  /** Run and time each instruction; false when absent. */
  readonly profile?: boolean;
  /** `text`, to be read, when absent; or `structure`, an array of instructions. */
  readonly format?: 'text' | 'structure';
}

/** Looks into a network without changing it. The methods are those of `Network`, where they are documented. */
export class Inspector {
  readonly #engine: Engine;
  readonly #session: Session;
  readonly #spec: NetworkSpec;

  constructor(engine: Engine, session: Session, spec: NetworkSpec) {
    this.#engine = engine;
    this.#session = session;
    this.#spec = spec;
  }

  trace(x: Inputs, y: TrainingData['y'], options: TraceOptions): Trace {
    checkKeys(options, ['optimizer'], 'trace');
    if (this.#engine.model.sequence) {
      throw new TypeError(
        'trace: shows networks without a time axis. For this one, net.gradients gives every derivative and net.predict the outputs.',
      );
    }
    const examples = this.#session.read(x, y);
    const step = options.optimizer && this.#step(x, y, options);
    return recordTrace(this.#engine, this.#spec, examples, step);
  }

  program(options: ProgramOptions): string | ProgramInstruction[] {
    checkKeys(options, ['batchSize', 'steps', ...stepKeys, 'profile', 'format'], 'program');
    const { profile = false, format = 'text', steps, ...training } = options;
    const shape = stepsShape(this.#engine.model, steps);
    checkBoolean(profile, 'profile');
    checkName(format, ['text', 'structure'] as const, 'format');
    const { batchSize, step } = resolveFitOptions({ epochs: 1, ...training });
    const rows = batchSize === 'all' ? 1 : batchSize;
    const describe = (): ProgramInstruction[] =>
      programInstructions(this.#engine, rows, step, profile, shape);
    this.#engine.checkAlive();
    const instructions = profile ? this.#session.rehearse(describe) : describe();
    return format === 'text' ? programText(instructions) : instructions;
  }

  /** The parameters after the step that `trainBatch` would take. */
  #step(x: Inputs, y: TrainingData['y'], options: TraceOptions): Step {
    const { optimizer } = resolveStep(options);
    return this.#session.rehearse(() => {
      this.#session.trainBatch(x, y, { optimizer });
      const { buffer } = this.#engine.core;
      const values = this.#engine.layout.parameters.map(
        ({ name, value }) => [name, readParameter(buffer, value)] as const,
      );
      return { optimizer, values: Object.fromEntries(values) };
    });
  }
}

/** The time axis of a listing, for networks that have one. */
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
