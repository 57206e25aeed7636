import type { Examples } from '../../data/reader.ts';
import type { Engine, Placed } from '../../engine.ts';
import type { Optimizer } from '../../nn/optimizers.ts';
import type { NetworkSpec } from '../../nn/spec.ts';
import type { Layer } from '../../plan/model.ts';
import { type Parameter, readParameter } from '../../plan/parameters.ts';
import { shapeOf, writeBatch } from '../../training/batch.ts';
import { isolated } from '../../training/evaluate.ts';
import { completeForTrace, derivativeName, type TraceProgram } from './program.ts';
import {
  gatesOf,
  gateSlopes,
  type RecurrentLayerSpec,
  resetAfter,
  withoutPadding,
} from './recurrent-layer.ts';
import { kept } from './recurrent-program.ts';
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
    let perStep = model.sequence !== undefined;
    for (const [index, { path, returns }] of model.layers.entries()) {
      const input = layers.at(-1)?.output ?? this.#readings.features();
      const layer = spec.layers[index]!;
      if (layer.kind !== 'dense' && layer.kind !== 'dropout') {
        layers.push(this.#recurrent(index, layer, input));
      } else if (this.#readings.find(`${path}.z`)) layers.push(this.#dense(index, input, perStep));
      if (returns === 'last') perStep = false;
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

  /** A layer whose activation function is the identity has no tensors of its own for a and δ: they are z and dC/dz. */
  #dense(index: number, input: TracedTensor, perStep: boolean): LayerTrace {
    const layer = this.#recording.engine.model.layers[index]!;
    const { path, title } = layer;
    const output = this.#readings.find(`${path}.a`) ? `${path}.a` : `${path}.z`;
    const a = this.#readings.named(output, 'a', perStep);
    const z = this.#readings.named(`${path}.z`, 'z', perStep);
    const gradient = `∂C/∂${output}`;
    const delta = [`${path}.delta`, `∂C/∂${path}.z`, gradient].find((name) =>
      this.#readings.find(name),
    )!;
    const spec = this.#recording.spec.layers[index]!;
    const activation = 'activation' in spec ? spec.activation : undefined;
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
      parameters: this.#parameters(layer),
    };
  }

  #recurrent(index: number, spec: RecurrentLayerSpec, input: TracedTensor): LayerTrace {
    const layer = this.#recording.engine.model.layers[index]!;
    const { path, title, returns } = layer;
    const { lengths } = this.#recording.examples.x.sequence!;
    const of = (name: string, symbol: string): TracedTensor =>
      withoutPadding(this.#readings.named(name, symbol, true), lengths);
    const a = of(kept.a(path), 'a');
    const u = this.#readings.find(kept.u(path)) && of(kept.u(path), 'u');
    const below = of(kept.z(path), 'z');
    const h = this.#readings.states(`${path}.h`, 'h', spec.units);
    const cells =
      this.#readings.find(`${path}.c`) && this.#readings.states(`${path}.c`, 'c', spec.units);
    return {
      path,
      title,
      activation: undefined,
      input,
      z: u ? resetAfter(below, u, a) : below,
      a,
      output: returns === 'all' ? h : this.#lastStates(h),
      activationDerivative: withoutPadding(gateSlopes(a, spec), lengths),
      dCda: this.#readings.named(kept.dCdh(path), 'dC/dh', true),
      delta: of(kept.delta(path), 'δ'),
      recurrent: {
        kind: spec.kind,
        gates: gatesOf(spec).map(([name]) => name),
        h,
        c: cells,
      },
      parameters: this.#parameters(layer),
    };
  }

  /** After the last step, padding included, through which states are carried. */
  #lastStates({ name, shape, values }: TracedTensor): TracedTensor {
    const [examples, steps, units] = shape as [number, number, number];
    const last = new Float32Array(examples * units);
    for (let example = 0; example < examples; example++) {
      const from = ((example + 1) * steps - 1) * units;
      last.set(values.subarray(from, from + units), example * units);
    }
    return new TracedTensor(name, [examples, units], last);
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

  #parameters({ path, parameters }: Layer): Record<string, ParameterTrace> {
    const names = parameters.map(({ name }) => name);
    const stored = this.#recording.engine.layout.parameters.filter(({ name }) =>
      names.includes(name),
    );
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
