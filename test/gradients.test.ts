import { describe, expect, it } from 'vitest';
import { expectClose, largest } from './reference/compare.ts';
import { activations, losses } from './reference/functions.ts';
import { CORES, namedParameters, networkOf } from './reference/library.ts';
import { centralDifferences, forward, gradient, withParameters } from './reference/network.ts';
import type { Matrix, ReferenceNetwork } from './reference/network.ts';
import { randomMatrix, randomSource } from './reference/random.ts';

// The reported cost is the function whose gradient is applied: central differences of the double-precision cost
// against the analytic gradients of the library, over the whole product of activations × losses × bias.

/** A random network and a batch for it. */
interface Example {
  network: ReferenceNetwork;
  x: Matrix;
  y: Matrix;
}

const elementwise = Object.keys(activations);

/** Losses for outputs of any activation. */
const ANY_OUTPUT = [
  'halfSquaredError',
  'halfMeanSquaredError',
  'squaredError',
  'meanSquaredError',
  'meanAbsoluteError',
  'huber',
];

/** Every output activation with every loss it may have. */
const pairs = [
  ...[...elementwise, 'softmax'].flatMap((output) => ANY_OUTPUT.map((loss) => ({ output, loss }))),
  { output: 'softmax', loss: 'crossEntropy' },
  { output: 'sigmoid', loss: 'binaryCrossEntropy' },
];

/** Distance kept from every kink: far more than the step of the differences and the rounding of z and a. */
const MARGIN = 0.02;

/** The largest derivative of an example is at least this: tens of thousands of times the limit below. */
const SMALLEST_GRADIENT = 0.05;

const hasKinkAtZero = (activation: string): boolean =>
  ['relu', 'leakyRelu', 'elu'].includes(activation);

/** Whether some z or some error e = a − y lies where a derivative jumps. */
function nearKink({ network, x, y }: Example): boolean {
  const { z, a } = forward(network, x, y);
  const kinked = network.layers.some(
    ({ activation }, l) =>
      hasKinkAtZero(activation) && z[l]!.flat().some((zj) => Math.abs(zj) < MARGIN),
  );
  const errors = a.at(-1)!.flatMap((row, i) => row.map((aj, j) => Math.abs(aj - y[i]![j]!)));
  if (network.loss === 'meanAbsoluteError') return kinked || errors.some((e) => e < MARGIN);
  if (network.loss === 'huber') return kinked || errors.some((e) => Math.abs(e - 1) < MARGIN);
  return kinked;
}

/** Targets the loss is defined for: probabilities (they need not add up to one), or any numbers. */
function drawTargets(random: () => number, rows: number, columns: number, loss: string): Matrix {
  const numbers = randomMatrix(random, rows, columns, 2);
  return ['crossEntropy', 'binaryCrossEntropy'].includes(loss)
    ? numbers.map((row) => row.map((value) => Math.abs(value) / 2))
    : numbers;
}

function drawExample(
  random: () => number,
  hidden: string,
  { output, loss }: { output: string; loss: string },
  bias: boolean,
): Example {
  const size = (from: number, to: number): number => from + Math.floor(random() * (to - from + 1));
  const sizes = [size(1, 5), size(1, 6), output === 'softmax' ? size(2, 5) : size(1, 4)];
  const rows = size(1, 4);
  const layers = [hidden, output].map((activation, l) => ({
    W: randomMatrix(random, sizes[l + 1]!, sizes[l]!),
    b: bias ? randomMatrix(random, 1, sizes[l + 1]!)[0]! : null,
    activation,
  }));
  const x = randomMatrix(random, rows, sizes[0]!);
  const y = drawTargets(random, rows, sizes[2]!, loss);
  return { network: { layers, loss }, x, y };
}

/** The first drawn example that keeps its distance from the kinks and has a gradient to speak of (dead rectifiers have none). */
function smoothExample(...parameters: Parameters<typeof drawExample>): Example {
  for (let attempt = 0; attempt < 1000; attempt++) {
    const example = drawExample(...parameters);
    const { network, x, y } = example;
    if (!nearKink(example) && largest(gradient(network, x, y)) > SMALLEST_GRADIENT) return example;
  }
  throw new Error(`no smooth example for ${JSON.stringify(parameters.slice(1))}`);
}

it('the product names every loss and activation of the reference', () => {
  expect(new Set(pairs.map(({ loss }) => loss))).toEqual(new Set(Object.keys(losses)));
  expect(new Set(pairs.map(({ output }) => output))).toEqual(new Set([...elementwise, 'softmax']));
});

describe.each(pairs)('output $output, $loss', ({ output, loss }) => {
  it.each(elementwise)('hidden %s', (hidden) => {
    const seed =
      elementwise.indexOf(hidden) * 100 +
      pairs.findIndex((p) => p.output === output && p.loss === loss);
    const random = randomSource(seed);
    for (const bias of [true, false]) {
      const { network, x, y } = smoothExample(random, hidden, { output, loss }, bias);
      const flat = centralDifferences(network, x, y);
      const differences = namedParameters(withParameters(network, flat).layers);
      const { cost } = forward(network, x, y);
      // Weights, inputs and errors are of size one, and sixteen roundings of 6e-8 each make 1e-6; a derivative near zero is a
      // difference of such numbers and no more exact than they are. The central differences themselves are exact to 1e-9.
      const limit = 1e-6 * Math.max(1, largest(flat));
      for (const core of CORES) {
        const library = networkOf(network, core);
        const result = library.gradients(x, y);
        const what = `${core}, bias ${bias}`;
        expect(Object.keys(result.gradients)).toEqual(Object.keys(differences));
        expectClose([result.cost], [cost], 1e-5 * Math.max(1, cost), `${what}: cost`);
        for (const [name, values] of Object.entries(differences)) {
          expectClose(result.gradients[name]!, values, limit, `${what}: dC/d ${name}`);
        }
        library.dispose();
      }
    }
  });
});
