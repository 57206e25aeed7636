import type { Examples } from '../data/reader.ts';
import type { Engine, PlacedProgram } from '../engine.ts';
import { passage, timeRatio } from '../inspect/flow.ts';
import { recurrentGradients } from '../inspect/trace/recurrent-program.ts';
import { byExample, readTensor } from '../inspect/trace/tensor.ts';
import { LARGEST_GRADIENT } from '../plan/operations.ts';
import type { Instruction } from '../plan/program.ts';
import type { Tensor } from '../plan/tensor.ts';
import { shapeOf, writeBatch } from '../training/batch.ts';
import { isolated } from '../training/evaluate.ts';

/** How large something is. */
export interface Size {
  readonly name: string;
  readonly size: number;
}

/** What is to be seen when a batch is run once more with all its numbers kept. */
export interface Findings {
  /** The formula that gave the first number out of bounds; undefined when none was, such as with other random numbers. */
  readonly first: string | undefined;
  /** The layer it belongs to, such as `layers.1 (dense 10, linear)`. */
  readonly layer: string | undefined;
  /** The parameter whose gradient that is, otherwise the largest of the layer, with its largest value in size. */
  readonly parameter: Size | undefined;
  /** The parameter with the largest finite derivative, in size. */
  readonly gradient: Size;
  /** The largest finite activation, in size, and its layer. */
  readonly activation: Size | undefined;
  /** The first layer of sigmoid or tanh nearly all of whose activations are at their limits. */
  readonly saturated: string | undefined;
  /** The lowest recurrent layer whose gradients explode through time. */
  readonly explosion: Explosion | undefined;
}

/** Gradients that explode through time. */
export interface Explosion {
  readonly layer: string;
  /** How many times larger δ is at the first steps than at the last ones. */
  readonly ratio: number;
  readonly steps: number;
}

/** Runs a batch forwards and backwards on the parameters as they are, without an update. */
export function rerun(engine: Engine, batch: Examples): Findings {
  const { examples } = batch.x;
  const weighted = batch.weights !== undefined;
  const compiled = engine.compile(
    examples,
    { kind: 'gradients', weighted },
    { keep: true, shape: shapeOf(batch.x) },
  );
  const program = engine.install(compiled, 'a program that keeps every tensor');
  try {
    writeBatch(engine, program, batch);
    isolated(engine, () => engine.run(program));
    return findingsOf(engine, program, batch);
  } finally {
    program.free();
  }
}

function findingsOf(engine: Engine, { builder }: PlacedProgram, batch: Examples): Findings {
  const { buffer } = engine.core;
  const { parameters } = engine.layout;
  const { instructions } = builder;
  const gradients = new Set(parameters.map(({ gradient }) => gradient));
  const isOutOfBounds = (tensor: Tensor | undefined): boolean => {
    const limit = tensor && gradients.has(tensor) ? LARGEST_GRADIENT : Number.MAX_VALUE;
    return tensor !== undefined && !(largest(tensor, buffer).all <= limit);
  };
  // A loss writes the cost of each example to c; what others read there is finite.
  const first = instructions.find(({ out, c }) => isOutOfBounds(out) || isOutOfBounds(c));
  const path = first && pathOf(first);
  const activations = instructions.flatMap(({ out }) => activationOf(out, buffer));
  return {
    first: first?.text,
    layer: path && titled(engine, path),
    parameter: parameterOf(engine, first, path),
    gradient: largestOf(
      parameters.map(({ name, gradient }) => ({ name, size: largest(gradient, buffer).finite })),
    )!,
    activation: largestOf(activations),
    saturated: saturatedLayer(engine, instructions),
    explosion: explosionIn(engine, instructions, batch),
  };
}

function explosionIn(
  engine: Engine,
  instructions: readonly Instruction[],
  { x: { sequence } }: Examples,
): Explosion | undefined {
  if (!sequence) return undefined;
  const { steps, lengths } = sequence;
  return instructions
    .filter(({ opcode }) => recurrentGradients.has(opcode))
    .map(({ out }) => {
      const delta = byExample(readTensor(engine.core.buffer, out!), steps);
      const ratio = timeRatio(delta, lengths);
      return { layer: titled(engine, /layers\.\d+/.exec(delta.name)![0]), ratio, steps };
    })
    .findLast(({ ratio }) => !Number.isNaN(ratio) && passage(ratio) === 'exploding');
}

function largestOf(sizes: readonly Size[]): Size | undefined {
  return sizes.reduce<Size | undefined>((a, b) => (a && a.size >= b.size ? a : b), undefined);
}

/** `layers.1` of the tensors an instruction works on: of what it writes, otherwise of what it reads; the loss belongs to the output. */
function pathOf({ out, a, b }: Instruction): string | undefined {
  for (const tensor of [out, a, b]) {
    const path = /layers\.\d+/.exec(tensor?.name ?? '')?.[0];
    if (path !== undefined) return path;
  }
  return undefined;
}

function titled({ model }: Engine, path: string): string {
  const layer = model.layers.find((candidate) => candidate.path === path);
  return layer ? `${path} (${layer.title})` : path;
}

/** The parameter whose gradient is out of bounds, otherwise the largest of the layer. */
function parameterOf(
  engine: Engine,
  first: Instruction | undefined,
  path: string | undefined,
): Size | undefined {
  const { buffer } = engine.core;
  const { parameters } = engine.layout;
  const meant = parameters.filter(({ gradient }) => gradient === first?.out);
  const ofLayer = parameters.filter(
    ({ name }) => path !== undefined && name.startsWith(`${path}.`),
  );
  return largestOf(
    (meant.length > 0 ? meant : ofLayer).map(({ name, value }) => ({
      name,
      size: largest(value, buffer).all,
    })),
  );
}

/** Of a tensor that is a layer's activation, or its z where nothing is made of it: the layer and the largest finite value in size. */
function activationOf(out: Tensor | undefined, buffer: ArrayBuffer): Size[] {
  const name = /^(layers\.\d+)\.[azh]$/.exec(out?.name ?? '')?.[1];
  return out && name !== undefined ? [{ name, size: largest(out, buffer).finite }] : [];
}

/** The largest number in size, NaN when one is; and the largest finite one. Padding does not count. */
function largest(tensor: Tensor, buffer: ArrayBuffer): { all: number; finite: number } {
  let [all, finite] = [0, 0];
  if (tensor.nonzeros) return { all, finite };
  const { columns, stride } = tensor;
  const values = tensor.view(buffer);
  for (let index = 0; index < values.length; index++) {
    if (index % stride >= columns) continue;
    const size = Math.abs(values[index]!);
    all = Math.max(all, size);
    if (Number.isFinite(size)) finite = Math.max(finite, size);
  }
  return { all, finite };
}

/** So close to a limit, the derivative of sigmoid or tanh is as good as 0. */
const NEAR = 1e-6;
const NEARLY_ALL = 0.9;

function saturatedLayer(
  { model, core }: Engine,
  instructions: readonly Instruction[],
): string | undefined {
  for (const { path, title } of model.layers) {
    const limits = /\b(sigmoid|logistic)\b/.test(title)
      ? [0, 1]
      : /\btanh\b/.test(title)
        ? [-1, 1]
        : [];
    const a = instructions.find(({ out }) => out?.name === `${path}.a`)?.out;
    if (!a || limits.length === 0) continue;
    const values = a.view(core.buffer);
    let near = 0;
    for (let row = 0; row < a.rows; row++) {
      for (let column = 0; column < a.columns; column++) {
        const value = values[row * a.stride + column]!;
        if (limits.some((limit) => Math.abs(value - limit) < NEAR)) near++;
      }
    }
    if (near > NEARLY_ALL * a.rows * a.columns) return `${path} (${title})`;
  }
  return undefined;
}
