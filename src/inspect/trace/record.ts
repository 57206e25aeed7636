import type { Examples } from '../../data/reader.ts';
import type { Engine, Placed } from '../../engine.ts';
import type { Optimizer } from '../../nn/optimizers.ts';
import type { DenseSpec } from '../../nn/layers/dense.ts';
import type { LayerSpec } from '../../nn/layers/index.ts';
import type { NetworkSpec } from '../../nn/spec.ts';
import type { Layer } from '../../plan/model.ts';
import { type Parameter, readParameter } from '../../plan/parameters.ts';
import { shapeOf, writeBatch } from '../../training/batch.ts';
import { isolated } from '../../training/evaluate.ts';
import { completeForTrace, derivativeName, type TraceProgram } from './program.ts';
import {
  type RecurrentLayerSpec,
  reversedSteps,
  traceRecurrent,
  withoutPadding,
} from './recurrent-layer.ts';
import { Readings } from './readings.ts';
import { TracedTensor } from './tensor.ts';
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
  const shape = shapeOf(examples.x);
  const compiled = engine.compile(examples.x.examples, purpose, { keep: true, shape });
  const program = engine.install(completeForTrace(compiled), 'a program that keeps every tensor');
  try {
    const { buffer } = engine.core;
    writeBatch(engine, program, examples);
    for (const tensor of program.ones) tensor.view(buffer).fill(1);
    const sums = isolated(engine, () => engine.run(program));
    const recorder = new Recorder({ engine, spec, program, examples, step });
    return recorder.trace(sums.cost / sums.examples);
  } finally {
    program.free();
  }
}

/** What a recorder works with. */
interface Recording {
  readonly engine: Engine;
  readonly spec: NetworkSpec;
  readonly program: Placed<TraceProgram>;
  readonly examples: Examples;
  readonly step: Step | undefined;
}

/** Reads what one run left in memory. */
class Recorder {
  readonly #recording: Recording;
  readonly #readings: Readings;

  constructor(recording: Recording) {
    this.#recording = recording;
    const { program, engine, examples } = recording;
    this.#readings = new Readings(engine, program, examples);
  }

  trace(cost: number): Trace {
    const { engine, spec, step, examples } = this.#recording;
    const { model } = engine;
    const layers: LayerTrace[] = [];
    let below = this.#readings.features();
    let perStep = model.sequence !== undefined;
    for (const [index, layer] of model.layers.entries()) {
      const traces = this.#layer(spec.layers[index]!, index, below, perStep);
      layers.push(...traces);
      if (layer.returns === 'last') perStep = false;
      below = this.#output(layer, traces, perStep) ?? below;
    }
    return new Trace({
      loss: model.loss.name,
      cost,
      exampleCosts: this.#readings.exampleCosts(),
      x: this.#readings.inputs(),
      y: this.#readings.named('y', 'y', model.sequence?.perStep),
      lengths: examples.x.sequence?.lengths,
      layers,
      tensors: this.#readings.tensors,
      optimizer: step?.optimizer,
    });
  }

  /** None for a layer that does nothing outside training, such as dropout; two for one that goes in both directions of time. */
  #layer(spec: LayerSpec, index: number, input: TracedTensor, perStep: boolean): LayerTrace[] {
    const layer = this.#recording.engine.model.layers[index]!;
    const { path, title } = layer;
    switch (spec.kind) {
      case 'dropout':
        return [];
      case 'dense':
        return [this.#dense(spec, index, input, perStep)];
      case 'embedding':
        return [this.#embedding(layer, input)];
      case 'bidirectional': {
        const direction = (name: string, read: TracedTensor): LayerTrace =>
          this.#recurrent(spec.layer, `${path}.${name}`, `${title}, ${name}`, read);
        const turned = reversedSteps(input, this.#lengths());
        return [direction('forward', input), direction('backward', turned)];
      }
      default:
        return [this.#recurrent(spec, path, title, input)];
    }
  }

  /** What the next layer takes: of both directions of time, their states side by side. */
  #output(
    { path }: Layer,
    traces: readonly LayerTrace[],
    perStep: boolean,
  ): TracedTensor | undefined {
    return traces.length === 2
      ? this.#readings.named(`${path}.a`, 'a', perStep)
      : traces[0]?.output;
  }

  #recurrent(
    spec: RecurrentLayerSpec,
    path: string,
    title: string,
    input: TracedTensor,
  ): LayerTrace {
    const readings = this.#readings;
    const parameters = this.#parameters(path);
    return traceRecurrent({ spec, path, title, input, readings, parameters }, this.#lengths());
  }

  #lengths(): Uint32Array {
    return this.#recording.examples.x.sequence!.lengths;
  }

  #embedding(layer: Layer, input: TracedTensor): LayerTrace {
    const { path, title } = layer;
    const a = this.#readings.named(`${path}.a`, 'a', true);
    const dCda = this.#readings.named(`∂C/∂${path}.a`, 'dC/da', true);
    return {
      path,
      title,
      activation: undefined,
      input,
      z: a,
      a,
      output: a,
      activationDerivative: undefined,
      dCda,
      delta: dCda,
      recurrent: undefined,
      parameters: this.#parameters(path),
    };
  }

  /** A layer whose activation function is the identity has no tensors of its own for a and δ: they are z and dC/dz. */
  #dense(spec: DenseSpec, index: number, input: TracedTensor, perStep: boolean): LayerTrace {
    const layer = this.#recording.engine.model.layers[index]!;
    const { path, title } = layer;
    const output = this.#readings.find(`${path}.a`) ? `${path}.a` : `${path}.z`;
    const a = this.#readings.named(output, 'a', perStep);
    const z = this.#readings.named(`${path}.z`, 'z', perStep);
    const gradient = `∂C/∂${output}`;
    const delta = [`${path}.delta`, `∂C/∂${path}.z`, gradient].find((name) =>
      this.#readings.find(name),
    )!;
    const { activation } = spec;
    const hasGradient = this.#readings.find(gradient) !== undefined;
    return {
      path,
      title,
      activation,
      input,
      z,
      a,
      output: a,
      activationDerivative: this.#derivative(`${path}.z`, activation, z, perStep),
      dCda: hasGradient ? this.#readings.named(gradient, 'dC/da', perStep) : this.#fusedGradient(a),
      delta: this.#readings.named(delta, 'δ', perStep),
      recurrent: undefined,
      parameters: this.#parameters(path),
    };
  }

  #derivative(
    name: string,
    activation: string | undefined,
    z: TracedTensor,
    perStep: boolean,
  ): TracedTensor | undefined {
    if (activation === 'softmax') return undefined;
    const derivative = derivativeName(name);
    if (this.#readings.find(derivative)) return this.#readings.named(derivative, 'σ′(z)', perStep);
    return new TracedTensor(
      'σ′(z)',
      z.shape,
      z.values.map(() => 1),
    );
  }

  /** dC/da of a cross-entropy, which its instruction skips: −y/a of softmax outputs; of sigmoid outputs (1−y)/(1−a) besides. */
  #fusedGradient(a: TracedTensor): TracedTensor {
    const { engine, examples } = this.#recording;
    const perStep = a.shape.length > 2;
    const y = this.#readings.named('y', 'y', perStep).values;
    const single = engine.model.loss.name === 'binaryCrossEntropy';
    const values = a.values.map((aj, index) => {
      const yj = y[index]!;
      const wrong = single && yj !== 1 ? (1 - yj) / (1 - aj) : 0;
      const right = yj !== 0 ? yj / aj : 0;
      return (wrong - right) / examples.costs;
    });
    const gradient = new TracedTensor('dC/da', a.shape, values);
    return perStep ? withoutPadding(gradient, examples.x.sequence!.lengths) : gradient;
  }

  /** The parameters below a path, by what follows it. */
  #parameters(path: string): Record<string, ParameterTrace> {
    const { layout } = this.#recording.engine;
    const stored = layout.parameters.filter(({ name }) => name.startsWith(`${path}.`));
    return Object.fromEntries(
      stored.map((parameter) => [
        parameter.name.slice(path.length + 1),
        this.#parameter(parameter),
      ]),
    );
  }

  #parameter({ name, shape, value, gradient }: Parameter): ParameterTrace {
    const { buffer } = this.#recording.engine.core;
    const letter = name.slice(name.lastIndexOf('.') + 1);
    const before = readParameter(buffer, value);
    const after = this.#recording.step?.values[name];
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
}
