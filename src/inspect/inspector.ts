import { checkBoolean, checkInteger, checkKeys, checkName } from '../checks.ts';
import type { Examples, Inputs, TrainingData } from '../data/reader.ts';
import type { Engine } from '../engine.ts';
import type { NetworkSpec } from '../nn/spec.ts';
import { readParameter } from '../plan/parameters.ts';
import { gradientsOf, resolvePenalty } from '../training/gradients.ts';
import { type FitOptions, resolveFitOptions } from '../training/options.ts';
import type { Session } from '../training/session.ts';
import { resolveStep, stepKeys, type StepOptions, stepPlan } from '../training/step.ts';
import { GradientChecker } from './check/gradients.ts';
import { GradientCheck, type GradientCheckOptions } from './check/report.ts';
import { checkUpdates } from './check/updates.ts';
import { explain } from './explain/explain.ts';
import type { ExplainOptions, Explanation } from './explain/explanation.ts';
import { type ProgramInstruction, programInstructions } from './program/listing.ts';
import { programText } from './program/text.ts';
import { stepsShape } from './steps.ts';
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
    const examples = this.#read(x, y);
    const step = options.optimizer && this.#step(x, y, options);
    return recordTrace(this.#engine, this.#spec, examples, step);
  }

  checkGradients(x: Inputs, y: TrainingData['y'], options: GradientCheckOptions): GradientCheck {
    checkKeys(options, ['samples', 'optimizer'], 'checkGradients');
    const { samples = 20 } = options;
    if (samples !== 'all') checkInteger(samples, 'samples', 1);
    const planned = options.optimizer && resolveStep({ optimizer: options.optimizer });
    if (planned) this.#checkRepeatable();
    const session = this.#session;
    const examples = this.#read(x, y);
    const check = (): GradientCheck => {
      const checker = new GradientChecker(this.#engine, this.#spec, examples);
      const gradients = checker.gradients(samples);
      const cost = checker.cost();
      if (!planned) return new GradientCheck(cost, gradients, []);
      const { optimizer } = planned;
      const trainable = {
        gradients: () => gradientsOf(this.#engine, examples, resolvePenalty({})).gradients,
        step: () => session.trainBatch(x, y, { optimizer }),
        terms: stepPlan(planned).update.inPlace ? examples.x.rows : 0,
      };
      const updates = checkUpdates(this.#engine, optimizer, trainable, checker.noise);
      return new GradientCheck(cost, gradients, updates);
    };
    return this.#rehearse(check, { fresh: true });
  }

  /** Steps that draw a dropout mask do not follow from the derivatives without one. */
  #checkRepeatable(): void {
    const index = this.#spec.layers.findIndex(
      (layer) => layer.kind === 'dropout' && layer.rate > 0,
    );
    if (index < 0) return;
    throw new RangeError(
      `checkGradients: optimizer: expected a network without dropout, got one in layers[${index}]. ` +
        'Check its derivatives without an optimizer, or its steps with rate 0.',
    );
  }

  explain(x: Inputs, y: TrainingData['y'], options: ExplainOptions): Explanation {
    if (this.#engine.model.sequence) {
      throw new TypeError(
        'explain: follows paths through dense layers alone, but this network has a time axis. Use trace, which shows every step.',
      );
    }
    const examples = this.#read(x, y);
    if (examples.x.rows !== 1) {
      throw new RangeError(
        `explain: expected one example, got ${examples.x.rows}. A batch's derivatives are sums over its examples: see trace.`,
      );
    }
    return explain(
      recordTrace(this.#engine, this.#spec, examples, undefined),
      this.#spec.layers.length,
      options,
    );
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
    const instructions = profile ? this.#rehearse(describe) : describe();
    return format === 'text' ? programText(instructions) : instructions;
  }

  /** Reads a batch for looking at it. */
  #read(x: Inputs, y: TrainingData['y']): Examples {
    this.#engine.checkAlive();
    this.#engine.model.normalization?.checkFitted();
    return this.#session.read(x, y);
  }

  /**
   * Does `work`, which may train, and puts parameters and optimizer back to what they were.
   *
   * @param options.fresh - `work` begins its optimizer anew instead of going on with the one of `trainBatch`
   */
  #rehearse<T>(work: () => T, { fresh = false }: { fresh?: boolean } = {}): T {
    const session = this.#session;
    session.checkIdle();
    const restore = this.#engine.snapshot();
    const optimizer = session.optimizer;
    if (fresh) session.optimizer = undefined;
    try {
      return work();
    } finally {
      restore();
      session.optimizer = optimizer;
    }
  }

  /** The parameters after the step that `trainBatch` would take. */
  #step(x: Inputs, y: TrainingData['y'], options: TraceOptions): Step {
    const { optimizer } = resolveStep(options);
    return this.#rehearse(() => {
      this.#session.trainBatch(x, y, { optimizer });
      const { buffer } = this.#engine.core;
      const values = this.#engine.layout.parameters.map(
        ({ name, value }) => [name, readParameter(buffer, value)] as const,
      );
      return { optimizer, values: Object.fromEntries(values) };
    });
  }
}
