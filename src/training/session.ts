import { checkKeys } from '../checks.ts';
import { DataReader, type Examples, type Inputs, type TrainingData } from '../data/reader.ts';
import { validRows } from '../data/sequences.ts';
import { weighClasses } from '../data/weights.ts';
import { batchDiverged } from '../doctor/divergence.ts';
import { Doctor } from '../doctor/doctor.ts';
import type { Engine } from '../engine.ts';
import { NetworkError } from '../errors.ts';
import type { ResolvedSpec } from '../nn/spec.ts';
import { readParameter } from '../plan/parameters.ts';
import { type GenerateOptions, generateTokens } from '../sequence/generate.ts';
import { createStepper, type Stepper, type StepperOptions } from '../sequence/stepper.ts';
import { resolveWorker, type WorkerSetup } from '../worker/options.ts';
import { runInWorker } from '../worker/run.ts';
import { shapeOf, writeBatch } from './batch.ts';
import { readResumption } from './checkpoints.ts';
import { assess, type Evaluation, isolated, predict } from './evaluate.ts';
import { Fit } from './fit.ts';
import type { History } from './history.ts';
import {
  type EvaluateOptions,
  type FitOptions,
  type GradientOptions,
  type PredictOptions,
  resolveFitOptions,
  resolveEvaluateOptions,
  resolvePredictOptions,
  type TrainBatchOptions,
} from './options.ts';
import { measuresOf, metricsFor } from './measures.ts';
import { learnAnew, settle } from './normalization.ts';
import type { FitPlan } from './plan.ts';
import { type Run, runAsync, runSync } from './run.ts';
import { penaltyKeys, penaltyOf, resolveStep, setStep, startStep, stepKeys } from './step.ts';
import {
  type BatchStream,
  checkEpochs,
  checkNoStream,
  checkStreamOptions,
  isBatchStream,
} from './stream.ts';
import { StreamTrainer } from './stream-trainer.ts';
import { Trainer, type TrainingRun } from './trainer.ts';
import { writeStep } from './write-step.ts';
import { checkWindows } from './windows.ts';
import { CarriedStates, checkStateful } from './carried.ts';

/** Cost of a batch and its derivatives. */
export interface Gradients {
  /** Mean cost over the batch. */
  readonly cost: number;
  /** ∂C/∂ each parameter, by its name, in its shape. */
  readonly gradients: Readonly<Record<string, Float32Array>>;
}

/**
 * What a network does with data, call by call: reads and checks the data first, so that wrong data changes nothing, then runs the
 * right program on the engine. The methods are those of `Network`, where they are documented.
 */
export class Session {
  readonly #engine: Engine;
  readonly #spec: ResolvedSpec['spec'];
  /** Where `fit` trains when its options do not say. */
  readonly #worker: WorkerSetup | undefined;
  readonly #reader: DataReader;
  readonly #doctor: Doctor;
  /** Kind of optimizer whose moments are in memory for `trainBatch`. */
  #optimizer: string | undefined;
  #training = false;
  /** Of the stateful batches of `trainBatch`. */
  readonly #carried: CarriedStates;

  constructor(engine: Engine, resolved: ResolvedSpec, worker?: WorkerSetup) {
    this.#engine = engine;
    this.#carried = new CarriedStates(engine);
    this.#spec = resolved.spec;
    this.#worker = worker;
    this.#reader = DataReader.of(resolved);
    this.#doctor = new Doctor(resolved, this.#reader.columnNames);
  }

  /** Throws `BUSY` while `fit` is training, `DISPOSED` when the network is gone. */
  checkIdle(): void {
    this.#engine.checkAlive();
    if (!this.#training) return;
    throw new NetworkError(
      'BUSY',
      'this network is being trained by fit. Await that run, or abort it, before changing the network.',
    );
  }

  fit(data: TrainingData | BatchStream, options: FitOptions): Run {
    const ended = (): boolean => (this.#training = false);
    const worker = options.worker === undefined ? this.#worker : resolveWorker(options.worker);
    const here = (plan: FitPlan): Run => runAsync(new Fit(plan), ended);
    const run = isBatchStream(data)
      ? this.#prepareStream(data, options, here)
      : this.#prepare(data, options, (plan) =>
          worker ? runInWorker(plan, plan.training!, this.#spec, worker, ended) : here(plan),
        );
    this.#training = true;
    return run;
  }

  fitSync(data: TrainingData, options: FitOptions): History {
    if (isBatchStream(data)) {
      throw new TypeError('data: fitSync cannot wait for a stream. Use fit, and await it.');
    }
    if (options.worker) {
      throw new RangeError('worker: fitSync trains on this thread. Use fit, and await it.');
    }
    return this.#prepare(data, options, (plan) => runSync(new Fit(plan)));
  }

  trainBatch(x: Inputs, y: TrainingData['y'], options: TrainBatchOptions): number {
    this.checkIdle();
    checkKeys(options, [...stepKeys, 'sampleWeights', 'stateful'], 'trainBatch');
    this.#engine.checkTrainable();
    const step = resolveStep(options);
    const { sampleWeights, stateful } = options;
    const engine = this.#engine;
    const carried = checkStateful(stateful, engine.model) ? this.#carried : undefined;
    const batch = this.#reader.examples({ x, y, sampleWeights }, '', carried !== undefined);
    const program = writeStep(engine, batch, step, carried);
    const { kind } = step.optimizer;
    if (this.#optimizer === kind) setStep(engine, step);
    else startStep(engine, step);
    this.#optimizer = kind;
    const { cost, examples } = isolated(engine, () => {
      if (engine.run(program) === 0) throw batchDiverged(engine, batch);
    });
    carried?.read(program);
    return cost / examples;
  }

  predict(x: Inputs, options: PredictOptions): Float32Array {
    this.#engine.checkAlive();
    const { threads } = resolvePredictOptions(options);
    return predict(this.#engine, this.#reader.features(x), threads);
  }

  evaluate(data: TrainingData, options: EvaluateOptions): Evaluation {
    this.#engine.checkAlive();
    const { metrics: names, threads } = resolveEvaluateOptions(options);
    checkNoStream(data, 'data');
    const examples = this.#reader.examples(data);
    const metrics = metricsFor(this.#engine.model, names, examples.y);
    return assess(this.#engine, examples, metrics, this.#spec.classes, threads);
  }

  gradients(x: Inputs, y: TrainingData['y'], options: GradientOptions): Gradients {
    const engine = this.#engine;
    engine.checkAlive();
    checkKeys(options, [...penaltyKeys, 'sampleWeights'], 'gradients');
    const { sampleWeights, ...rest } = options;
    const step = resolveStep(rest);
    const penalty = penaltyOf(step);
    const batch = this.#reader.examples({ x, y, sampleWeights });
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

  stepper(options: StepperOptions): Stepper {
    return createStepper(this.#engine, this.#reader, options);
  }

  generate(prompt: ArrayLike<number>, options: GenerateOptions): number[] {
    return generateTokens(this.#engine, this.#reader, prompt, {
      seed: this.#spec.seed,
      ...options,
    });
  }

  /** Reads a batch for looking at it. */
  read(x: Inputs, y: TrainingData['y']): Examples {
    this.#engine.checkAlive();
    this.#engine.model.normalization?.checkFitted();
    return this.#reader.examples({ x, y });
  }

  fitNormalizer(x: Inputs): void {
    this.checkIdle();
    learnAnew(this.#engine, validRows(this.#reader.features(x)));
  }

  /**
   * Does `work`, which may train, and puts parameters and optimizer back to what they were.
   *
   * @param options.fresh - `work` begins its optimizer anew instead of going on with the one of `trainBatch`
   */
  rehearse<T>(work: () => T, { fresh = false }: { fresh?: boolean } = {}): T {
    this.checkIdle();
    const restore = this.#engine.snapshot();
    const optimizer = this.#optimizer;
    if (fresh) this.#optimizer = undefined;
    try {
      return work();
    } finally {
      restore();
      this.#optimizer = optimizer;
    }
  }

  /** Checks everything a run needs, then begins it, which copies the data. */
  #prepare<T>(data: TrainingData, value: FitOptions, begin: (plan: FitPlan) => T): T {
    this.checkIdle();
    this.#engine.checkTrainable();
    const options = resolveFitOptions(value);
    const examples = this.#weighted(this.#reader.examples(data), options.classWeights);
    const { validation } = options;
    const validated = validation && this.#reader.examples(validation, 'validation');
    const warnings = this.#doctor.examine(examples, validated, options.warnings);
    const rows = examples.x.examples;
    const batchSize = options.batchSize === 'all' ? rows : Math.min(options.batchSize, rows);
    const training: TrainingRun = {
      ...examples,
      epochs: options.epochs,
      batchSize,
      truncate: checkWindows(options, this.#engine.model),
      step: options.step,
      schedule: options.schedule,
      shuffleSeed: options.shuffle ? this.#spec.seed : undefined,
      threads: options.threads,
    };
    const plan = {
      options,
      createTrainer: () => new Trainer(this.#engine, training),
      training,
      validation: validated,
      measures: measuresOf(this.#engine.model, this.#spec.classes, options, examples.y),
      warnings,
    };
    return this.#begin(plan, begin);
  }

  /** Checks what can be checked of a run on a stream before it is read, then begins it. */
  #prepareStream<T>(stream: BatchStream, value: FitOptions, begin: (plan: FitPlan) => T): T {
    this.checkIdle();
    this.#engine.checkTrainable();
    checkStreamOptions(value);
    const options = resolveFitOptions(value);
    const { epochs, step, signal, threads, validation } = options;
    const stateful = checkStateful(options.stateful, this.#engine.model);
    const validated = validation && this.#reader.examples(validation, 'validation');
    const run = { reader: this.#reader, stream, step, stateful, signal, threads };
    checkEpochs(stream, epochs);
    const plan = {
      options,
      createTrainer: () => new StreamTrainer(this.#engine, run),
      training: undefined,
      validation: validated,
      measures: measuresOf(this.#engine.model, this.#spec.classes, options),
      warnings: [],
    };
    return this.#begin(plan, begin);
  }

  /** Begins a run, or goes on with one. */
  #begin<T>(own: Omit<FitPlan, 'engine' | 'spec' | 'seed'>, begin: (plan: FitPlan) => T): T {
    const plan = { ...own, engine: this.#engine, spec: this.#spec, seed: this.#spec.seed };
    const from = readResumption(plan);
    const forget = settle(this.#engine, from?.normalizer, plan.training?.x);
    try {
      this.#optimizer = undefined;
      this.#carried.forget();
      return begin({ ...plan, from: from?.state });
    } catch (error) {
      forget();
      throw error;
    }
  }

  /** Examples with the weights of their classes. */
  #weighted(examples: Examples, classWeights: FitOptions['classWeights']): Examples {
    if (classWeights === undefined) return examples;
    const { y, weights } = examples;
    const { outputs } = this.#engine.model;
    const { classes } = this.#spec;
    return { ...examples, weights: weighClasses(classWeights, y, weights, classes, outputs) };
  }
}
