import { checkBoolean, checkKeys, checkName } from '../checks.ts';
import type { Features } from '../data/features.ts';
import type { Targets } from '../data/targets.ts';
import type { Engine } from '../engine.ts';
import type { NetworkSpec } from '../nn/spec.ts';
import { readParameter } from '../plan/parameters.ts';
import { type FitOptions, resolveFitOptions } from '../training/options.ts';
import type { Session } from '../training/session.ts';
import { resolveStep, stepKeys, type StepOptions } from '../training/step.ts';
import { type ProgramInstruction, programInstructions } from './program/listing.ts';
import { programText } from './program/text.ts';
import { recordTrace, type Step } from './trace/record.ts';
import type { Trace, TraceOptions } from './trace/trace.ts';

/** Options of a listing. */
export interface ProgramOptions extends Pick<FitOptions, 'batchSize' | keyof StepOptions> {
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

  trace(x: Features, y: Targets, options: TraceOptions): Trace {
    checkKeys(options, ['optimizer'], 'trace');
    const examples = this.#session.read(x, y);
    const step = options.optimizer && this.#step(x, y, options);
    return recordTrace(this.#engine, this.#spec, examples, step);
  }

  program(options: ProgramOptions): string | ProgramInstruction[] {
    checkKeys(options, ['batchSize', ...stepKeys, 'profile', 'format'], 'program');
    const { profile = false, format = 'text', ...training } = options;
    checkBoolean(profile, 'profile');
    checkName(format, ['text', 'structure'] as const, 'format');
    const { batchSize, step } = resolveFitOptions({ epochs: 1, ...training });
    const rows = batchSize === 'all' ? 1 : batchSize;
    const describe = (): ProgramInstruction[] =>
      programInstructions(this.#engine, rows, step, profile);
    this.#engine.checkAlive();
    const instructions = profile ? this.#session.rehearse(describe) : describe();
    return format === 'text' ? programText(instructions) : instructions;
  }

  /** The parameters after the step that `trainBatch` would take. */
  #step(x: Features, y: Targets, options: TraceOptions): Step {
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
