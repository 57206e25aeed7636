import type { Examples } from '../../data/reader.ts';
import type { Engine, Placed } from '../../engine.ts';
import type { Tensor } from '../../plan/tensor.ts';
import type { TraceProgram } from './program.ts';
import { byExample, readTensor, TracedTensor } from './tensor.ts';

/** What a program that has run left in memory, under the names that texts give it, example by example. */
export class Readings {
  /** As they are in the program: of sequences, all examples of one step, then all of the next. */
  readonly tensors: ReadonlyMap<string, TracedTensor>;
  readonly #engine: Engine;
  readonly #examples: Examples;

  constructor(engine: Engine, program: Placed<TraceProgram>, examples: Examples) {
    this.#engine = engine;
    this.#examples = examples;
    const own = program.builder.tensors.filter(
      (tensor) => !program.ones.includes(tensor) && !tensor.nonzeros && !isWords(tensor),
    );
    const { buffer } = engine.core;
    this.tensors = new Map(own.map((tensor) => [tensor.name, readTensor(buffer, tensor)]));
  }

  /** The inputs as they were given: features, or tokens. */
  inputs(): TracedTensor {
    const { x } = this.#examples;
    const { examples, sequence, columns, values } = x;
    const shape = sequence ? [examples, sequence.steps, columns] : [examples, columns];
    return new TracedTensor('x', shape, Float32Array.from(values));
  }

  /** What the first layer sees. */
  features(): TracedTensor {
    const { model } = this.#engine;
    if (model.sequence?.tokens) return this.inputs();
    const name = model.normalization ? 'normalised x' : 'x';
    return this.named(name, name, model.sequence !== undefined);
  }

  /** The cost of each example, that of a step counted in the one of its example. */
  exampleCosts(): Float32Array {
    const examples = this.#examples;
    const costs = (this.find('cost per example') ?? this.find('cost per step'))!.values;
    const { lengths } = examples.x.sequence ?? {};
    const count = examples.x.examples;
    if (!lengths || costs.length === count) return costs;
    const step = (example: number, t: number): number => costs[t * count + example]!;
    return Float32Array.from(lengths, (length, example) =>
      Array.from({ length }, (_, t) => step(example, t)).reduce((sum, cost) => sum + cost, 0),
    );
  }

  /** The states after each step; in memory, those before the first step come first, and others may follow in the same row. */
  states(name: string, symbol: string, units: number): TracedTensor {
    const { shape, values } = this.find(name)!;
    const [rows, columns] = shape as [number, number];
    const { examples } = this.#examples.x;
    const own = new Float32Array((rows - examples) * units);
    for (let row = examples; row < rows; row++) {
      own.set(values.subarray(row * columns, row * columns + units), (row - examples) * units);
    }
    const states = new TracedTensor(symbol, [rows - examples, units], own);
    return byExample(states, this.#steps());
  }

  /** The tensor of that name in the program. */
  find(name: string): TracedTensor | undefined {
    return this.tensors.get(name);
  }

  #steps(): number {
    return this.#examples.x.sequence?.steps ?? 1;
  }

  /** The tensor of that name in the program, under the name that texts give it, example by example. */
  named(name: string, symbol: string, perStep: boolean = false): TracedTensor {
    const tensor = this.find(name);
    if (!tensor) throw new Error(`the program has no tensor ${name}`);
    const { shape, values } = perStep ? byExample(tensor, this.#steps()) : tensor;
    return new TracedTensor(symbol, shape, values);
  }
}

/** Tables of whole numbers: how long sequences are, and where lists of nonzeros lie. */
function isWords({ name }: Tensor): boolean {
  return name === 'lengths' || name.startsWith('nonzero ');
}
