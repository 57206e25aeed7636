import { checkKeys } from '../checks.ts';
import { DataReader, type Examples, type Inputs, type TrainingData } from '../data/reader.ts';
import { validRows } from '../data/sequences.ts';
import type { Doctor } from '../doctor/doctor.ts';
import type { Engine } from '../engine.ts';
import { leftOut, NetworkError } from '../errors.ts';
import type { ResolvedSpec } from '../nn/spec.ts';
import type { WorkerSetup } from '../worker/options.ts';
import { plainDivergence } from './divergence.ts';
import { assess, type Evaluation, isolated, predict } from './evaluate.ts';
import type { CarriedStates } from './carried.ts';
import type { Extras } from './extras.ts';
import { Fit } from './fit.ts';
import type { History } from './history.ts';
import { measuresOf, metricsFor } from './measures.ts';
import { learnAnew, settle } from './normalization.ts';
import {
  type EvaluateOptions,
  type FitOptions,
  type PredictOptions,
  type ResolvedFitOptions,
  resolveEvaluateOptions,
  resolveFitOptions,
  resolvePredictOptions,
  type TrainBatchOptions,
} from './options.ts';
import { LONG_CALL_MILLISECONDS } from './pace.ts';
import type { FitPlan } from './plan.ts';
import { type Run, runAsync, runSync } from './run.ts';
import { resolveStep, setStep, startStep, stepKeys } from './step.ts';
import { type BatchStream, checkNoStream, isBatchStream } from './stream.ts';
import { Trainer, type TrainingRun } from './trainer.ts';
import { writeStep } from './write-step.ts';

/** What a session has besides its network. */
export interface SessionOptions {
  /** What it can do besides training on examples in memory; nothing when absent. */
  readonly extras?: Extras;
  /** Where `fit` trains when its options do not say; here when absent. */
  readonly worker?: WorkerSetup | undefined;
}

/**
 * What a network does with data, call by call: reads and checks the data first, so that wrong data changes nothing, then runs the
 * right program on the engine. The methods are those of `Network`, where they are documented.
 */
export class Session {
  readonly reader: DataReader;
  readonly #engine: Engine;
  readonly #spec: ResolvedSpec['spec'];
  readonly #extras: Extras | undefined;
  readonly #worker: WorkerSetup | undefined;
  readonly #doctor: Doctor | undefined;
  /** Kind of optimizer whose moments are in memory for `trainBatch`. */
  optimizer: string | undefined;
  #training = false;
  /** Of the stateful batches of `trainBatch`. */
  readonly #carried: CarriedStates | undefined;

  constructor(engine: Engine, resolved: ResolvedSpec, { extras, worker }: SessionOptions = {}) {
    this.#engine = engine;
    this.#carried = extras?.createCarried(engine);
    this.#spec = resolved.spec;
    this.#extras = extras;
    this.#worker = worker;
    this.reader = DataReader.of(resolved, extras?.readers);
    this.#doctor = extras?.createDoctor(resolved, this.reader.columnNames);
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
    const here = (plan: FitPlan): Run => runAsync(new Fit(plan), ended);
    const run = isBatchStream(data)
      ? this.#prepareStream(data, options, here)
      : this.#prepare(data, options, this.#inWorker(options, ended) ?? here);
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
    return this.#prepare(data, options, (plan) => runSync(new Fit(plan, LONG_CALL_MILLISECONDS)));
  }

  trainBatch(x: Inputs, y: TrainingData['y'], options: TrainBatchOptions): number {
    this.checkIdle();
    checkKeys(options, [...stepKeys, 'sampleWeights', 'stateful'], 'trainBatch');
    if (options.stateful && !this.#extras) throw leftOut('trainBatch: stateful');
    this.#engine.checkTrainable();
    const step = resolveStep(options);
    const { sampleWeights, stateful } = options;
    const engine = this.#engine;
    const carried = this.#extras?.checkStateful(stateful, engine.model) ? this.#carried : undefined;
    const batch = this.reader.examples({ x, y, sampleWeights }, '', carried !== undefined);
    const program = writeStep(engine, batch, step, carried);
    const { kind } = step.optimizer;
    if (this.optimizer === kind) setStep(engine, step);
    else startStep(engine, step);
    this.optimizer = kind;
    const { cost, examples } = isolated(engine, () => {
      if (engine.run(program) === 0) throw this.#diverged(batch);
    });
    carried?.read(program);
    return cost / examples;
  }

  predict(x: Inputs, options: PredictOptions): Float32Array {
    this.#engine.checkAlive();
    const { threads } = resolvePredictOptions(options);
    return predict(this.#engine, this.reader.features(x), threads, this.#extras);
  }

  evaluate(data: TrainingData, options: EvaluateOptions): Evaluation {
    this.#engine.checkAlive();
    const { metrics: names, threads } = resolveEvaluateOptions(options);
    checkNoStream(data, 'data');
    const examples = this.reader.examples(data);
    const { model } = this.#engine;
    const extras = this.#extras;
    const metrics = metricsFor(model, extras?.checkMetrics(names, model.outputs), examples.y);
    const { classes } = this.#spec;
    return assess(this.#engine, examples, metrics, classes, threads, extras);
  }

  fitNormalizer(x: Inputs): void {
    this.checkIdle();
    learnAnew(this.#engine, validRows(this.reader.features(x)));
  }

  /** Reads a batch. */
  read(x: Inputs, y: TrainingData['y'], sampleWeights?: TrainingData['sampleWeights']): Examples {
    return this.reader.examples({ x, y, sampleWeights });
  }

  /** How a run in a worker begins, where there is to be one. */
  #inWorker({ worker }: FitOptions, ended: () => void): ((plan: FitPlan) => Run) | undefined {
    const extras = this.#extras;
    const setup = worker === undefined ? this.#worker : extras?.resolveWorker(worker);
    if (!extras || !setup) return undefined;
    return (plan) => extras.runInWorker(plan, plan.training!, this.#spec, setup, ended);
  }

  /** Checks everything a run needs, then begins it, which copies the data. */
  #prepare<T>(data: TrainingData, value: FitOptions, begin: (plan: FitPlan) => T): T {
    this.checkIdle();
    this.#engine.checkTrainable();
    const extras = this.#extras;
    const options = this.#options(value);
    const examples = this.#weighted(this.reader.examples(data), options.classWeights);
    const { validation } = options;
    const validated = validation && this.reader.examples(validation, 'validation');
    const rows = examples.x.examples;
    const batchSize = options.batchSize === 'all' ? rows : Math.min(options.batchSize, rows);
    const warnings = this.#doctor?.examine(examples, validated, options.warnings) ?? [];
    const training: TrainingRun = {
      ...examples,
      epochs: options.epochs,
      batchSize,
      truncate: extras?.checkWindows(options, this.#engine.model),
      step: options.step,
      schedule: options.schedule,
      shuffleSeed: options.shuffle ? this.#spec.seed : undefined,
      threads: options.threads,
    };
    const plan = {
      options,
      createTrainer: (milliseconds?: number) =>
        new Trainer(this.#engine, training, extras, milliseconds),
      training,
      validation: validated,
      measures: measuresOf(this.#engine.model, this.#spec.classes, options, examples.y),
      warnings,
    };
    return this.#begin(plan, begin);
  }

  /** The same for a stream, of which nothing is read yet. */
  #prepareStream<T>(stream: BatchStream, value: FitOptions, begin: (plan: FitPlan) => T): T {
    this.checkIdle();
    this.#engine.checkTrainable();
    if (!this.#extras) throw leftOut('data: batches as they come');
    const { planStream } = this.#extras;
    const options = this.#options(value);
    const { classes } = this.#spec;
    return this.#begin(
      planStream(this.#engine, this.reader, stream, value, options, classes),
      begin,
    );
  }

  #options(value: FitOptions): ResolvedFitOptions {
    const options = resolveFitOptions(value, this.#extras);
    const metrics = this.#extras?.checkMetrics(options.metrics, this.#engine.model.outputs);
    return { ...options, metrics };
  }

  /** Begins a run, or goes on with one. */
  #begin<T>(own: Omit<FitPlan, 'engine' | 'spec' | 'seed'>, begin: (plan: FitPlan) => T): T {
    const [engine, spec, extras] = [this.#engine, this.#spec, this.#extras];
    const plan = { ...own, extras, engine, spec, seed: spec.seed };
    const from = extras?.readResumption(plan);
    const forget = settle(engine, from?.normalizer, plan.training?.x);
    try {
      this.optimizer = undefined;
      this.#carried?.forget();
      return begin({ ...plan, from: from?.state });
    } catch (error) {
      forget();
      throw error;
    }
  }

  /** Examples with the weights of their classes. */
  #weighted(examples: Examples, classWeights: FitOptions['classWeights']): Examples {
    if (classWeights === undefined || !this.#extras) return examples;
    const { y, weights } = examples;
    const { outputs } = this.#engine.model;
    const { classes } = this.#spec;
    const { weighClasses } = this.#extras;
    return { ...examples, weights: weighClasses(classWeights, y, weights, classes, outputs) };
  }

  #diverged(batch: Examples): NetworkError {
    const engine = this.#engine;
    return this.#extras?.batchDiverged(engine, batch) ?? plainDivergence(engine, 'this batch');
  }
}
