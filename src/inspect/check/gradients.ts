import * as abi from '../../core/abi.ts';
import type { Examples } from '../../data/reader.ts';
import type { Engine, PlacedProgram } from '../../engine.ts';
import type { NetworkSpec } from '../../nn/spec.ts';
import { readParameter, writeParameter } from '../../plan/parameters.ts';
import type { Tensor } from '../../plan/tensor.ts';
import { shapeOf, writeBatch } from '../../training/batch.ts';
import { isolated } from '../../training/evaluate.ts';
import { ReferenceNetwork } from '../reference/network.ts';
import { referenceExamples } from './examples.ts';
import { type Compared, type Difference, judge } from './compare.ts';
import type { CostCheck, ParameterCheck } from './report.ts';

/** Half the distance of the two costs of a central difference, for parameters up to one in size. */
const STEP = 1e-5;

/** By so much closer two costs are taken where a difference looks wrong: curvature shrinks as much, a kink stays. */
const CLOSER = 16;

/** By up to this share of itself rounding moves a cost in double precision; a difference cannot tell less. */
const COST_ROUNDING = 2 ** -50;

/** Relative error of the cost: it is a sum over examples and outputs of numbers computed in 32 bits. */
const COST_TOLERANCE = 1e-5;

/** By up to this share of itself every number is moved to see what rounding does: four units in the last place of an f32. */
const MOVE = 2 ** -21;

/** How often all numbers are moved; so many times the effect of the quartile, which no kink that is crossed by chance reaches, is allowed for. */
const MOVES = 8;
const QUARTILE = 2;
const NOISE_FACTOR = 16;

/** So far, in size at most, parameters are moved to where no kink is. */
const BESIDE = 2 ** -8;

/** Instructions that move numbers, or addresses of numbers, and round none. */
const MOVING: ReadonlySet<number> = new Set([
  abi.OP_COPY,
  abi.OP_SELECT_ROWS,
  abi.OP_REVERSE_STEPS,
  abi.OP_TRANSPOSE,
  abi.OP_PACK,
]);

/** A batch's cost and derivatives. */
interface Result {
  readonly cost: number;
  readonly gradients: Readonly<Record<string, Float32Array>>;
}

/** What rounding may do to derivatives, by parameter. */
type Noise = Readonly<Record<string, number>>;

/** Compares the cost and the derivatives of one batch with those of the reference network. */
export class GradientChecker {
  readonly #engine: Engine;
  readonly #spec: NetworkSpec;
  readonly #examples: Examples;
  readonly #program: PlacedProgram;
  readonly #result: Result;
  /** What rounding may do to the derivatives of each parameter. */
  readonly noise: Noise;

  /** Parameters are changed on the way; the caller puts them back. */
  constructor(engine: Engine, spec: NetworkSpec, examples: Examples) {
    this.#engine = engine;
    this.#spec = spec;
    this.#examples = examples;
    const { x } = examples;
    const purpose = { kind: 'gradients', frozen: true } as const;
    this.#program = engine.kept(x.examples, purpose, 'check', shapeOf(x));
    [this.#result, this.noise] = this.#measure();
  }

  /** The cost against that of the reference. */
  cost(): CostCheck {
    const got = this.#result.cost;
    const expected = this.#reference().cost();
    const right = Math.abs(got - expected) <= COST_TOLERANCE * Math.max(1, Math.abs(expected));
    return { got, expected, verdict: right ? 'right' : 'wrong' };
  }

  /**
   * The derivatives against central differences.
   *
   * Below several kinks that the network stands on, such as rectifiers in an example of zeros, any derivative may be right, and the slopes
   * to both sides say nothing of it. Where they find one wrong, what counts is the derivative beside the kinks.
   */
  gradients(samples: number | 'all'): ParameterCheck[] {
    const checks = this.#gradientsAt(samples, this.#result, this.noise);
    const isOpen = ({ kinks, verdict }: ParameterCheck): boolean =>
      kinks > 0 && verdict === 'wrong';
    if (!checks.some(isOpen)) return checks;
    const restore = this.#engine.snapshot();
    this.#moveParameters();
    const beside = this.#gradientsAt(samples, ...this.#measure());
    restore();
    return checks.map((check, i) =>
      isOpen(check) ? { ...beside[i]!, kinks: check.kinks } : check,
    );
  }

  #gradientsAt(samples: number | 'all', { gradients }: Result, noise: Noise): ParameterCheck[] {
    const reference = this.#reference();
    const resolution = (COST_ROUNDING * Math.abs(reference.cost())) / STEP;
    return this.#engine.model.layers.flatMap(({ parameters }, layer) =>
      parameters.map((parameter) => {
        const { name } = parameter;
        const gradient = gradients[name]!;
        const values = reference.parameters[name]!;
        const compared = chooseSamples(gradient, samples).map((index) =>
          compare(reference, layer, values, index, gradient[index]!),
        );
        return judge(parameter, compared, noise[name]! + resolution);
      }),
    );
  }

  #reference(): ReferenceNetwork {
    const examples = referenceExamples(this.#examples, this.#engine.model);
    const parameters = readParameters(this.#engine);
    return new ReferenceNetwork(this.#spec, parameters, examples, this.#examples.costs);
  }

  #moveParameters(): void {
    const { core, layout } = this.#engine;
    const shift = randomShifts();
    for (const { value } of layout.parameters) {
      const moved = readParameter(core.buffer, value).map((number) => number + shift() * BESIDE);
      writeParameter(core.buffer, value, moved);
    }
  }

  /** The batch at the present parameters. The second run counts: what the first one has left behind shows in it. */
  #measure(): [Result, Noise] {
    const first = this.#run();
    const result = this.#run();
    return [result, this.#measureNoise(result, isSame(first, result))];
  }

  /**
   * Runs the batch.
   *
   * @param disturb - changes a tensor once its numbers are there
   */
  #run(disturb?: (tensor: Tensor) => void): Result {
    const engine = this.#engine;
    const program = this.#program;
    const { instructions } = program.builder;
    writeBatch(engine, program, this.#examples);
    const { cost, examples } = isolated(engine, () => {
      if (!disturb) return void engine.run(program);
      if (!program.input.nonzeros) disturb(program.input);
      disturb(program.target);
      for (const [first, { out, opcode }] of instructions.entries()) {
        engine.run(program, 1, { first, count: 1 });
        if (out && !MOVING.has(opcode)) disturb(out);
      }
    });
    const gradients = engine.layout.parameters.map(
      ({ name, gradient }) => [name, readParameter(engine.core.buffer, gradient)] as const,
    );
    return { cost: cost / examples, gradients: Object.fromEntries(gradients) };
  }

  /**
   * How far rounding may take a derivative depends on network and batch, so it is tried: parameters, features and the result of every
   * instruction are moved by a few units in the last place, up or down by chance; targets by those of the outputs that they are
   * subtracted from.
   *
   * @param repeatable - whether two runs gave the same; otherwise nothing is put down to rounding
   */
  #measureNoise({ gradients }: Result, repeatable: boolean): Noise {
    const engine = this.#engine;
    const restore = engine.snapshot();
    const shift = randomShifts();
    const disturb = (tensor: Tensor): void => {
      const least = tensor === this.#program.target ? 1 : 0;
      const values = new Float32Array(engine.core.buffer);
      const first = tensor.address / 4;
      for (let row = 0; row < tensor.rows; row++) {
        const from = first + row * tensor.stride;
        for (let i = from; i < from + tensor.width; i++) {
          values[i]! += shift() * MOVE * Math.max(least, Math.abs(values[i]!));
        }
      }
    };
    const changes = Array.from({ length: MOVES }, () => {
      disturb(engine.layout.values);
      const moved = this.#run(disturb).gradients;
      restore();
      return moved;
    });
    const noise = Object.keys(gradients).map((name) => {
      const sizes = changes.map((moved) => largestDifference(moved[name]!, gradients[name]!));
      const noise = NOISE_FACTOR * sizes.sort((p, q) => p - q)[QUARTILE]!;
      return [name, repeatable ? noise : 0] as const;
    });
    return Object.fromEntries(noise);
  }
}

/** One derivative by central differences. */
function compare(
  reference: ReferenceNetwork,
  layer: number,
  parameter: Float64Array,
  index: number,
  got: number,
): Compared {
  const value = parameter[index]!;
  const costAt = (shift: number): number => {
    parameter[index] = value + shift;
    return reference.cost(layer);
  };
  const difference = (step: number): Difference => {
    const [below, above, here] = [costAt(-step), costAt(step), costAt(0)];
    return {
      expected: (above - below) / (2 * step),
      slopes: [(here - below) / step, (above - here) / step],
    };
  };
  const step = STEP * Math.max(1, Math.abs(value));
  const { expected } = difference(step);
  return { index, got, expected, closer: () => difference(step / CLOSER) };
}

/** Indices to check: half of them where the derivatives are largest, the others spread evenly over the rest. */
function chooseSamples(gradient: Float32Array, samples: number | 'all'): number[] {
  const all = [...gradient.keys()];
  if (samples === 'all' || samples >= all.length) return all;
  const bySize = all.sort((i, j) => Math.abs(gradient[j]!) - Math.abs(gradient[i]!));
  const largest = bySize.slice(0, Math.ceil(samples / 2));
  const others = bySize.slice(largest.length).sort((i, j) => i - j);
  const rest = samples - largest.length;
  const spread = Array.from({ length: rest }, (_, i) => Math.floor((i * others.length) / rest));
  return largest.concat(spread.map((position) => others[position]!));
}

/** Every parameter in double precision, in the user's shape. */
export function readParameters({ core, layout }: Engine): Record<string, Float64Array> {
  const entries = layout.parameters.map(
    ({ name, value }) => [name, Float64Array.from(readParameter(core.buffer, value))] as const,
  );
  return Object.fromEntries(entries);
}

/** Numbers from −1 to 1 as if by chance, the same in every run: a linear congruential generator. */
function randomShifts(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

function isSame(a: Result, b: Result): boolean {
  const names = Object.keys(a.gradients);
  return names.every((name) => largestDifference(a.gradients[name]!, b.gradients[name]!) === 0);
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, index) => Math.max(most, Math.abs(value - b[index]!)), 0);
}
