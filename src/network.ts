import { BaseNetwork } from './base-network.ts';
import { checkKeys } from './checks.ts';
import { chooseCore } from './choose-core.ts';
import type { CoreName } from './core/core.ts';
import type { Inputs, TrainingData } from './data/reader.ts';
import { Engine } from './engine.ts';
import { extras } from './extras.ts';
import type { GradientCheck, GradientCheckOptions } from './inspect/check/report.ts';
import type { ExplainOptions, Explanation } from './inspect/explain/explanation.ts';
import { Inspector, type ProgramOptions } from './inspect/inspector.ts';
import type { ProgramInstruction } from './inspect/program/listing.ts';
import { summary, type SummaryOptions } from './inspect/summary.ts';
import type { Trace, TraceOptions } from './inspect/trace/trace.ts';
import { networkFromJson, type NetworkJson, networkToJson } from './io/json.ts';
import type { NetworkMaker } from './io/model.ts';
import type { StateDict } from './io/safetensors.ts';
import { loadNetwork } from './io/save.ts';
import { fromStateDict, toStateDict } from './io/torch.ts';
import { sequences } from './nn/layers/sequences.ts';
import { type NetworkSpec, resolveSpec } from './nn/spec.ts';
import type { Normalizer } from './plan/normalization.ts';
import { type GenerateOptions, generateTokens } from './sequence/generate.ts';
import { createStepper, type Stepper, type StepperOptions } from './sequence/stepper.ts';
import { threads } from './threads/threads.ts';
import type { Evaluation } from './training/evaluate.ts';
import type { History } from './training/history.ts';
import { type Gradients, gradientsOf, resolvePenalty } from './training/gradients.ts';
import { setNormalizer } from './training/normalization.ts';
import type {
  EvaluateOptions,
  FitOptions,
  GradientOptions,
  PredictOptions,
} from './training/options.ts';
import type { Run } from './training/run.ts';
import type { BatchStream } from './training/stream.ts';
import { Session } from './training/session.ts';
import { resolveWorker, type WorkerOptions } from './worker/options.ts';

/** How a network runs, as opposed to what it is. */
export interface NetworkOptions {
  /**
   * `simd`: WebAssembly with 128-bit SIMD. `js`: plain TypeScript, slower, the same bits. `auto`, the default: `simd`, or `js` with a
   * warning where WebAssembly is forbidden.
   *
   * `relaxed`, never chosen by `auto`: `simd` with fused multiply-add in its matrix products, faster and as accurate, but **its bits
   * depend on the CPU**, so runs can be repeated only on the same kind of machine. Needs an engine with relaxed SIMD (Chrome 114, Node 22,
   * Firefox 146 or later); elsewhere it is a RangeError.
   */
  readonly core?: 'auto' | CoreName;
  /** Whether `fit` trains in a worker where its own option `worker` does not say; false when absent. */
  readonly worker?: boolean | WorkerOptions;
}

/**
 * A neural network: its parameters in linear memory and the programs that train and evaluate it.
 *
 * The same spec, data and seed give the same parameters to the last bit, in every engine, on the cores `simd` and `js` alike.
 *
 * @example
 * ```ts
 * const net = new Network({
 *   input: 2,
 *   layers: [dense(8, 'tanh'), dense(1, 'sigmoid')],
 *   loss: 'binaryCrossEntropy',
 *   seed: 1,
 * });
 * const xor = { x: [[0, 0], [0, 1], [1, 0], [1, 1]], y: [[0], [1], [1], [0]] };
 * net.fitSync(xor, { epochs: 500, batchSize: 4, optimizer: adam({ learningRate: 0.05 }) });
 * net.evaluate(xor); // { loss: …, accuracy: 1 }
 * net.dispose();
 * ```
 */
export class Network extends BaseNetwork {
  readonly #engine: Engine;
  readonly #session: Session;
  readonly #inspector: Inspector;

  /**
   * Makes a network and draws its starting parameters from the seed.
   *
   * @param spec - what the network is
   * @param options - how it runs
   * @throws {TypeError | RangeError} for a spec that makes no sense, naming the option, and for a core the engine cannot run
   * @throws {NetworkError} `OUT_OF_MEMORY` when the parameters do not fit, saying how large they are
   */
  constructor(spec: NetworkSpec, options: NetworkOptions = {}) {
    checkKeys(options, ['core', 'worker'], 'new Network: options');
    const worker = resolveWorker(options.worker);
    const resolved = resolveSpec(spec, sequences);
    const engine = new Engine(chooseCore(options.core), resolved.model, threads);
    const session = new Session(engine, resolved, { extras, worker });
    super({ spec: resolved.spec, engine, session });
    this.#engine = engine;
    this.#session = session;
    this.#inspector = new Inspector(engine, session, this.spec);
  }

  /**
   * Makes a network of what {@link Network.save} wrote, or of a checkpoint: the same spec, the same parameters to the last bit, and the next
   * run goes on with the same random streams.
   *
   * Everything is checked before a network is made of it, so a file from anywhere can be loaded.
   *
   * @param bytes - the whole file
   * @param options - how the network runs, which no file decides
   * @throws {TypeError} when `bytes` is no Uint8Array or ArrayBuffer
   * @throws {NetworkError} `BAD_FILE` for a damaged file or another kind of file, naming what is wrong and where
   * @example
   * ```ts
   * const copy = Network.load(net.save(), { core: 'js' });
   * copy.hash() === net.hash(); // true
   * ```
   */
  static load(bytes: Uint8Array | ArrayBuffer, options: NetworkOptions = {}): Network {
    return loadNetwork(bytes, Network.#maker(options));
  }

  /**
   * Makes a network of what {@link Network.toJSON} returned, or of its JSON text.
   *
   * @param options - how the network runs
   * @throws {NetworkError} `BAD_FILE` for anything else, naming what is wrong and where
   * @example
   * ```ts
   * const copy = Network.fromJSON(JSON.stringify(net));
   * copy.hash() === net.hash(); // true
   * ```
   */
  static fromJSON(json: NetworkJson | string, options: NetworkOptions = {}): Network {
    return networkFromJson(json, Network.#maker(options));
  }

  /**
   * Makes a network with the parameters of a PyTorch model, a `torch.nn.Sequential`.
   *
   * A name such as `2.weight` counts modules: a layer is one module, and one more for its activation function unless that is `linear`.
   * `[dense(3, 'tanh'), dense(1)]` is `nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))`, whose tensors are `0.weight`, `0.bias`,
   * `2.weight` and `2.bias`. Recurrent layers are modules too: `0.weight_ih_l0`, `0.weight_hh_l0`, `0.bias_ih_l0` and `0.bias_hh_l0`, whose sum
   * is our one bias, except for `gru`, which has both; a model with `num_layers=2` has its second layer's names end in `_l1`. Where a model's
   * names are others, read the file with {@link readSafetensors} and rename its tensors.
   *
   * @param source - the bytes that `safetensors.torch.save_file(model.state_dict(), path)` wrote, or tensors by name. Numbers in double
   *   precision are rounded
   * @param spec - the same architecture in our terms
   * @param options - how the network runs
   * @throws {TypeError | RangeError} for a wrong spec or source
   * @throws {NetworkError} `BAD_FILE` for a damaged file; `MISMATCH` when its tensors are not those of the spec
   * @example
   * ```ts
   * const file = writeSafetensors(net.toStateDict()); // or the bytes that Python wrote
   * const spec: NetworkSpec = { input: 2, layers: [dense(3, 'tanh'), dense(1)], loss: 'meanSquaredError' };
   * Network.fromStateDict(file, spec).parameters.length; // 4
   *
   * const { tensors } = readSafetensors(file);
   * const renamed = Object.entries(tensors).map(([name, tensor]) => [name.replace('model.', ''), tensor]);
   * Network.fromStateDict(Object.fromEntries(renamed), spec);
   * ```
   */
  static fromStateDict(
    source: StateDict | Uint8Array | ArrayBuffer,
    spec: NetworkSpec,
    options: NetworkOptions = {},
  ): Network {
    return fromStateDict(source, spec, Network.#maker(options));
  }

  static #maker(options: NetworkOptions): NetworkMaker<Network> {
    return {
      sequences,
      make(spec) {
        const net = new Network(spec, options);
        return { net, engine: net.#engine };
      },
    };
  }

  /**
   * Trains, giving way to the event loop every few milliseconds.
   *
   * @param data - features [N, inputs] and targets [N, outputs], or N class labels. Millions of numbers are copied during the first
   * milliseconds of the run, without blocking anybody: change none of them before its first report. Or batches as they come, for data that do not fit into memory: anything to loop over with `for await`, and for more than one epoch a function that
   * opens it anew
   * @param options - see {@link FitOptions}; with batches as they come no `batchSize`, `shuffle`, `schedule`, `classWeights`
   * @returns a {@link Run}: await it for the history, or loop over its reports
   * @throws {TypeError | RangeError} at once, for wrong data or options; the network stays as it was
   * @throws {NetworkError} `BUSY` at once while another run is training; `DIVERGED` from the run when the cost or a gradient is not finite
   * @example
   * ```ts
   * const history = await net.fit({ x, y }, { epochs: 5, optimizer: sgd({ learningRate: 0.5 }) });
   * history.reports.at(-1)?.cost;
   *
   * async function* batches() {
   *   for (let row = 0; row < 4; row += 2) yield { x: x.slice(row, row + 2), y: y.slice(row, row + 2) };
   * }
   * await net.fit(batches, { epochs: 3 });
   * ```
   */
  fit(data: TrainingData | BatchStream, options: FitOptions): Run {
    return this.#session.fit(data, options);
  }

  /**
   * Trains to the end before it returns: the numbers of {@link Network.fit} to the last bit, blocking.
   *
   * @throws {TypeError | RangeError | NetworkError} as `fit`
   * @example
   * ```ts
   * net.fitSync({ x, y }, { epochs: 100, batchSize: 'all' }).stoppedBy; // 'epochs'
   * ```
   */
  fitSync(data: TrainingData, options: FitOptions): History {
    return this.#session.fitSync(data, options);
  }

  /**
   * The outputs of the network.
   *
   * @param x - features [B, inputs]
   * @param options.threads - threads to compute on; 1 when absent
   * @returns outputs [B, outputs], row-major
   * @throws {TypeError | RangeError} for wrong options, data of another type or width, or numbers that are not finite
   * @example
   * ```ts
   * const [probability] = net.predict([[0, 1]]);
   * ```
   */
  predict(x: Inputs, options: PredictOptions = {}): Float32Array {
    return this.#session.predict(x, options);
  }

  /**
   * The loss over examples, and their accuracy.
   *
   * @param data - features and targets, as for `fit`
   * @param options.metrics - what to report besides the loss; accuracy for classification when absent
   * @param options.threads - threads to compute on; 1 when absent
   * @throws {TypeError | RangeError} for wrong data or options
   * @example
   * ```ts
   * const { loss, accuracy } = net.evaluate({ x, y }, { metrics: ['accuracy'] });
   * ```
   */
  evaluate(data: TrainingData, options: EvaluateOptions = {}): Evaluation {
    return this.#session.evaluate(data, options);
  }

  /**
   * The derivatives of the mean cost of a batch, without a step.
   *
   * @param options - a penalty and weights of the examples, where the cost has them
   * @returns `gradients['layers.0.W']` has the shape of that parameter, [units, inputs] row-major; a frozen layer has none
   * @throws {TypeError | RangeError} for wrong data or options
   * @example
   * ```ts
   * const { cost, gradients } = net.gradients([[0, 1]], [[1]]);
   * gradients['layers.0.b'];
   * ```
   */
  gradients(x: Inputs, y: TrainingData['y'], options: GradientOptions = {}): Gradients {
    this.#engine.checkAlive();
    const step = resolvePenalty(options);
    return gradientsOf(this.#engine, this.#session.read(x, y, options.sampleWeights), step);
  }

  /**
   * Every number of one pass forwards and backwards: z, a, σ′(z), dC/da, δ, dC/dW and dC/db of each layer. They are made by the
   * instructions that train, which write to memory of their own here instead of over each other, so they are the numbers of training to
   * the last bit. (`sgd` makes no gradient: it multiplies δ by −η first and adds to the weights as it sums, one rounding of a product
   * apart from −η times the gradient; `update` is what it really adds.)
   *
   * Over sequences, everything a recurrent layer computes is there for each step, its gates side by side.
   *
   * @param x - features [B, inputs]
   * @param y - targets [B, outputs], or B class labels
   * @param options.optimizer - also finds out the update of each parameter, the one `trainBatch` would make next
   * @throws {TypeError | RangeError} for wrong data or options
   * @throws {NetworkError} `BUSY` when asked for updates while `fit` is training
   * @example
   * ```ts
   * const trace = net.trace([[0, 1]], [[1]], { optimizer: sgd({ learningRate: 1 }) });
   * const [hidden, output] = trace.layers;
   * output.parameters.W.gradient.at(0, 2) === Math.fround(output.delta.at(0, 0) * hidden.a.at(0, 2)); // true
   * console.log(String(trace));
   * ```
   */
  trace(x: Inputs, y: TrainingData['y'], options: TraceOptions = {}): Trace {
    return this.#inspector.trace(x, y, options);
  }

  /**
   * How features are normalised before the first layer, (x − shift) · factor column by column: a copy of the numbers, for networks
   * made with `normalize`. Undefined for others, and until the first `fit` has learned them.
   *
   * Setting it replaces them, with numbers from a file for example. Besides `spec` and `parameters`, this is all there is to save.
   *
   * @throws {TypeError | RangeError} when set to numbers that do not fit, or on a network without `normalize`
   * @throws {NetworkError} `BUSY` when set while `fit` is training
   * @example
   * ```ts
   * const ages = new Network({ input: 1, normalize: 'standard', layers: [dense(1)], loss: 'meanSquaredError' });
   * ages.normalizer; // undefined
   * ages.fitSync({ x: [[20], [40]], y: [[1], [2]] }, { epochs: 1 });
   * ages.normalizer.shift; // Float32Array.of(30)
   * ```
   */
  get normalizer(): Normalizer | undefined {
    return structuredClone(this.#engine.model.normalization?.normalizer);
  }

  set normalizer(value: Normalizer) {
    this.#session.checkIdle();
    setNormalizer(this.#engine, value);
  }

  /**
   * Checks backpropagation on your own network and data: ∂C/∂ each parameter against central differences of a reference network in double
   * precision, which shares no code with the one that trains; with an optimizer, its steps too. Nothing is changed.
   *
   * A derivative is right when it differs from the differences by at most 1e-4 of the largest of its parameter, or by what 32-bit rounding
   * is seen to do to this network and batch.
   *
   * @param x - features [B, inputs]; a few examples are enough, since every difference costs forward passes in double precision
   * @param y - targets [B, outputs], or B class labels
   * @param options.samples - numbers of each parameter to check, or `'all'`; 20 when absent
   * @param options.optimizer - also check three steps of training with it
   * @throws {TypeError | RangeError} for wrong data or options
   * @throws {NetworkError} `BUSY` while `fit` is training
   * @example
   * ```ts
   * const report = net.checkGradients(x, y, { samples: 'all', optimizer: adam() });
   * report.ok; // true
   * report.gradients[0].worst.index.length; // 2
   * console.log(String(report));
   * ```
   */
  checkGradients(
    x: Inputs,
    y: TrainingData['y'],
    options: GradientCheckOptions = {},
  ): GradientCheck {
    return this.#inspector.checkGradients(x, y, options);
  }

  /**
   * Takes one derivative apart: ∂C/∂w_jk = a_k · σ′(z_j) · ∂C/∂a_j, the activation the weight multiplies, the slope of its neuron and how
   * much the cost minds that neuron. For a hidden neuron, the last factor is a sum over all paths to the cost, each a product of partial
   * derivatives; one of them is followed edge by edge in a computation tree, which `chainrule/pictures` draws.
   *
   * For networks without a time axis; `trace` shows every step of those that have one.
   *
   * @param x - the features of one example
   * @param y - its target
   * @param options.layer - index in `layers` of the weight's layer, a dense one
   * @param options.to - the neuron the weight leads to
   * @param options.from - the neuron or feature it comes from, or `'bias'`
   * @param options.path - neurons of the layers above to follow; those that contribute most when absent
   * @throws {TypeError | RangeError} for a network with a time axis, more than one example, or a layer, neuron or path that is not there
   * @example
   * ```ts
   * const explanation = net.explain([[0, 1]], [[1]], { layer: 0, to: 2, from: 1 });
   * const { activation, activationDerivative, sensitivity } = explanation.factors;
   * Math.abs(activation * activationDerivative * sensitivity - explanation.derivative) < 1e-7; // true
   * explanation.path.neurons; // [2, 0]
   * console.log(String(explanation));
   * ```
   */
  explain(x: Inputs, y: TrainingData['y'], options: ExplainOptions): Explanation {
    return this.#inspector.explain(x, y, options);
  }

  /**
   * The network one time step at a time, remembering its state in between.
   *
   * @param options.examples - sequences to follow side by side; 1 when absent
   * @throws {TypeError | RangeError} for networks without a time axis, or with layers that need whole sequences
   * @example
   * ```ts
   * const echo = new Network({ input: 1, layers: [rnn(4), dense(1)], loss: 'meanSquaredError' });
   * const stepper = echo.stepper();
   * for (const value of [0.1, 0.2, 0.3]) console.log(stepper.step([value]));
   * ```
   */
  stepper(options: StepperOptions = {}): Stepper {
    return createStepper(this.#engine, this.#session.reader, options);
  }

  /**
   * Goes on with a sequence of tokens, drawing one after the other by the probabilities that the network gives them.
   *
   * @param prompt - the tokens so far, at least one
   * @param options - see {@link GenerateOptions}
   * @returns the tokens that follow; the same for the same parameters, prompt and options, in every engine
   * @throws {TypeError | RangeError} for a network that does not predict tokens, or wrong options
   * @example
   * ```ts
   * const text = new Network({
   *   input: { vocabulary: 26 },
   *   layers: [lstm(8, { returns: 'all' }), dense(26, 'softmax')],
   *   loss: 'crossEntropy',
   * });
   * text.generate([7, 4], { length: 10, temperature: 0.8, topK: 5, seed: 1 }).length; // 10
   * ```
   */
  generate(prompt: ArrayLike<number>, options: GenerateOptions): number[] {
    const { seed } = this.spec;
    return generateTokens(this.#engine, this.#session.reader, prompt, { seed, ...options });
  }

  /**
   * A table of layers, shapes and parameter counts.
   *
   * @param options.batchSize - also says how much memory a training step of so many examples takes
   * @param options.steps - steps of each in a network over sequences; `input.steps`, or 1, when absent
   * @throws {TypeError | RangeError} for wrong options
   */
  summary(options: SummaryOptions = {}): string {
    return summary(this.#engine, options);
  }

  /**
   * The program that one training step runs: each instruction with the equation it belongs to, its floating-point operations and bytes,
   * its formula and the shapes of its operands.
   *
   * @param options.batchSize - examples per step; 32 when absent
   * @param options.steps - steps of a sequence; `input.steps`, or 1, when absent
   * @param options - also those of a step: optimizer, penalty, clipping
   * @param options.profile - also run each instruction often enough to tell its time; the parameters stay what they are
   * @param options.format - `structure` gives an array of {@link ProgramInstruction} instead of text
   * @throws {TypeError | RangeError} for wrong options
   * @throws {NetworkError} `BUSY` when a profile is asked for while `fit` is training
   * @example
   * ```ts
   * console.log(net.program({ batchSize: 1, optimizer: sgd(), profile: true }));
   * const instructions = net.program({ format: 'structure' });
   * instructions.filter(({ equation }) => equation === 'BP4').length; // 2
   * ```
   */
  program(options: ProgramOptions & { format: 'structure' }): ProgramInstruction[];
  program(options?: ProgramOptions & { format?: 'text' }): string;
  program(options: ProgramOptions = {}): string | ProgramInstruction[] {
    return this.#inspector.program(options);
  }

  /**
   * The network as JSON data, exact to the last bit: `JSON.stringify(net)` works. {@link Network.save} is smaller.
   *
   * @example
   * ```ts
   * net.toJSON().tensors['layers.0.b']; // 'AAAAAAAAAAAAAAAA'
   * ```
   */
  toJSON(): NetworkJson {
    return networkToJson(this.spec, this.#engine);
  }

  /**
   * The parameters under the names that PyTorch gives those of the same `torch.nn.Sequential`; see {@link Network.fromStateDict}.
   *
   * A normalisation is not a module of `nn.Sequential` and stays behind: there, features must come as (x − shift) · factor, with the
   * numbers of {@link Network.normalizer}.
   *
   * @returns tensors by name; {@link writeSafetensors} makes a file of them, for `model.load_state_dict(safetensors.torch.load_file(path))`
   * @throws {RangeError} for a kind of layer that `nn.Sequential` does not have
   * @example
   * ```ts
   * Object.keys(net.toStateDict()); // ['0.weight', '0.bias', '2.weight', '2.bias']
   * const file = writeSafetensors(net.toStateDict());
   * ```
   */
  toStateDict(): StateDict {
    return toStateDict(this.spec, this.#engine);
  }
}
