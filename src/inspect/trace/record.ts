import type { Examples } from '../../data/reader.ts';
import type { Engine, Placed } from '../../engine.ts';
import type { Optimizer } from '../../nn/optimizers.ts';
import type { NetworkSpec } from '../../nn/spec.ts';
import type { Layer } from '../../plan/model.ts';
import { type Parameter, readParameter } from '../../plan/parameters.ts';
import { writeBatch } from '../../training/batch.ts';
import { isolated } from '../../training/evaluate.ts';
import { completeForTrace, derivativeName, type TraceProgram } from './program.ts';
import { readTensor, TracedTensor } from './tensor.ts';
import { type LayerTrace, type ParameterTrace, Trace } from './trace.ts';

/** What the optimizer would do: it, and the values of each parameter after its step. */
export interface Step {
  readonly optimizer: Optimizer;
  readonly values: Readonly<Record<string, Float32Array>>;
}

/** Runs the gradients program of a batch with every tensor kept, and reads them all. */
export function recordTrace(
  engine: Engine,
  spec: NetworkSpec,
  examples: Examples,
  step: Step | undefined,
): Trace {
  const purpose = { kind: 'gradients', frozen: true } as const;
  const compiled = engine.compile(examples.x.examples, purpose, { keep: true });
  const program = engine.install(completeForTrace(compiled), 'a program that keeps every tensor');
  try {
    const { buffer } = engine.core;
    writeBatch(engine, program, examples);
    for (const tensor of program.ones) tensor.view(buffer).fill(1);
    const sums = isolated(engine, () => engine.run(program));
    return new Recorder(engine, spec, program, step).trace(sums.cost / sums.examples);
  } finally {
    program.free();
  }
}

/** Reads what one run left in memory. */
class Recorder {
  readonly #engine: Engine;
  readonly #spec: NetworkSpec;
  readonly #step: Step | undefined;
  readonly #tensors: Map<string, TracedTensor> = new Map();

  constructor(
    engine: Engine,
    spec: NetworkSpec,
    program: Placed<TraceProgram>,
    step: Step | undefined,
  ) {
    this.#engine = engine;
    this.#spec = spec;
    this.#step = step;
    for (const tensor of program.builder.tensors) {
      if (program.ones.includes(tensor)) continue;
      this.#tensors.set(tensor.name, readTensor(engine.core.buffer, tensor, tensor.name));
    }
  }

  trace(cost: number): Trace {
    const { model } = this.#engine;
    const layers: LayerTrace[] = [];
    for (const [index, { path }] of model.layers.entries()) {
      // A layer that does nothing outside training, such as dropout, leaves no numbers.
      if (!this.#find(`${path}.z`) && !this.#find(`${path}.a`)) continue;
      layers.push(this.#layer(index, layers.at(-1)?.a ?? this.#features()));
    }
    return new Trace({
      loss: model.loss.name,
      cost,
      exampleCosts: this.#named('cost per example', 'cost').values,
      x: this.#named('x', 'x'),
      y: this.#named('y', 'y'),
      layers,
      tensors: this.#tensors,
      optimizer: this.#step?.optimizer,
    });
  }

  /** What the first layer sees. */
  #features(): TracedTensor {
    const name = this.#engine.model.normalization ? 'normalised x' : 'x';
    return this.#named(name, name);
  }

  /** A layer whose activation function is the identity has no tensors of its own for a and δ: they are z and dC/dz. */
  #layer(index: number, input: TracedTensor): LayerTrace {
    const layer = this.#engine.model.layers[index]!;
    const { path, title } = layer;
    const output = this.#find(`${path}.a`) ? `${path}.a` : `${path}.z`;
    const a = this.#named(output, 'a');
    const z = this.#find(`${path}.z`) ? this.#named(`${path}.z`, 'z') : a;
    const gradient = `∂C/∂${output}`;
    const delta = [`${path}.delta`, `∂C/∂${path}.z`, gradient].find((name) => this.#find(name))!;
    const spec = this.#spec.layers[index]!;
    const activation = 'activation' in spec ? spec.activation : undefined;
    return {
      path,
      title,
      activation,
      input,
      z,
      a,
      activationDerivative: this.#derivative(`${path}.z`, activation, z),
      dCda: this.#find(gradient) ? this.#named(gradient, 'dC/da') : this.#fusedGradient(a),
      delta: this.#named(delta, 'δ'),
      parameters: this.#parameters(layer),
    };
  }

  #derivative(
    name: string,
    activation: string | undefined,
    z: TracedTensor,
  ): TracedTensor | undefined {
    if (activation === 'softmax') return undefined;
    const derivative = derivativeName(name);
    if (this.#find(derivative)) return this.#named(derivative, 'σ′(z)');
    return new TracedTensor(
      'σ′(z)',
      z.shape,
      z.values.map(() => 1),
    );
  }

  /** dC/da of a cross-entropy, which its instruction skips: −y/a of softmax outputs; of sigmoid outputs (1−y)/(1−a) besides. */
  #fusedGradient(a: TracedTensor): TracedTensor {
    const y = this.#named('y', 'y').values;
    const rows = a.shape[0]!;
    const single = this.#engine.model.loss.name === 'binaryCrossEntropy';
    const values = a.values.map((aj, index) => {
      const yj = y[index]!;
      const wrong = single && yj !== 1 ? (1 - yj) / (1 - aj) : 0;
      const right = yj !== 0 ? yj / aj : 0;
      return (wrong - right) / rows;
    });
    return new TracedTensor('dC/da', a.shape, values);
  }

  #parameters({ path, parameters }: Layer): Record<string, ParameterTrace> {
    const names = parameters.map(({ name }) => name);
    const stored = this.#engine.layout.parameters.filter(({ name }) => names.includes(name));
    return Object.fromEntries(
      stored.map((parameter) => [
        parameter.name.slice(path.length + 1),
        this.#parameter(parameter),
      ]),
    );
  }

  #parameter({ name, shape, value, gradient }: Parameter): ParameterTrace {
    const { buffer } = this.#engine.core;
    const letter = name.slice(name.lastIndexOf('.') + 1);
    const before = readParameter(buffer, value);
    const after = this.#step?.values[name];
    return {
      name,
      value: new TracedTensor(letter, shape, before),
      gradient: new TracedTensor(`dC/d${letter}`, shape, readParameter(buffer, gradient)),
      update:
        after &&
        new TracedTensor(
          `Δ${letter}`,
          shape,
          after.map((v, index) => v - before[index]!),
        ),
    };
  }

  #find(name: string): TracedTensor | undefined {
    return this.#tensors.get(name);
  }

  /** The tensor of that name in the program, under the name that texts give it. */
  #named(name: string, symbol: string): TracedTensor {
    const tensor = this.#find(name);
    if (!tensor) throw new Error(`the program has no tensor ${name}`);
    return new TracedTensor(symbol, tensor.shape, tensor.values);
  }
}
