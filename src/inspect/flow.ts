import { statistics } from './statistics.ts';
import type { TracedTensor } from './trace/tensor.ts';
import type { LayerTrace, Trace } from './trace/trace.ts';

/**
 * Gradients are lost, or out of hand, when δ is this many times smaller or larger than that of the output layer, or in a recurrent
 * layer at its first steps than at its last ones.
 */
const VANISHING = 1e-3;
const EXPLODING = 1e3;

/** A neuron is saturated in an example when its slope is below this share of the steepest one. */
const FLAT = 0.05;

/** More than this share of flat slopes, or of dead neurons, is worth a word. */
const MANY = 0.5;

/** The steepest slope of activation functions that flatten out on both sides. */
const steepest: Readonly<Record<string, number>> = { sigmoid: 0.25, logistic: 0.25, tanh: 1 };

/** The first and the last steps, that are compared, are this share of a sequence. */
const END = 1 / 4;

/** How a layer passes gradients on. */
export interface LayerFlow {
  /** Path of the layer: `layers.0`. */
  readonly layer: string;
  /** Root of the mean of δ² over neurons and examples. */
  readonly deltaSize: number;
  /** `deltaSize` over that of the output layer. */
  readonly ratio: number;
  /**
   * Of a recurrent layer: size of δ in the first quarter of the valid steps over that in the last quarter, in the order in which the
   * layer reads them, of the longest sequences. Undefined for other layers.
   */
  readonly throughTime: number | undefined;
  /** Share of slopes σ′(z) of sigmoid or tanh below a twentieth of the steepest. */
  readonly saturated: number;
  /** Share of neurons that are 0 in every example, as ReLU may leave them. */
  readonly dead: number;
  readonly verdict: 'healthy' | 'vanishing' | 'exploding' | 'saturated' | 'dead';
}

/**
 * Judges how gradients flow back through a network: whether they vanish or explode on the way, from layer to layer or from the last
 * steps of a sequence to the first, and whether neurons are saturated or dead.
 *
 * @param trace - of a batch, `net.trace(x, y)`
 * @returns one judgement per layer, from the first to the output
 * @example
 * ```ts
 * pictures.gradientFlow(net.trace(x, y)).map(({ verdict }) => verdict); // ['healthy', 'healthy']
 * ```
 */
export function gradientFlow(trace: Trace): LayerFlow[] {
  const outputSize = statistics(trace.layers.at(-1)!.delta.values).rootMeanSquare;
  return trace.layers.map((layer, index) => {
    const deltaSize = statistics(layer.delta.values).rootMeanSquare;
    const ratio = outputSize === 0 ? 1 : deltaSize / outputSize;
    const throughTime = layer.recurrent && trace.lengths && timeRatio(layer.delta, trace.lengths);
    const isOutput = index === trace.layers.length - 1;
    const saturated = isOutput ? 0 : saturatedShare(layer);
    const dead = isOutput ? 0 : deadShare(layer);
    return {
      layer: layer.path,
      deltaSize,
      ratio,
      throughTime,
      saturated,
      dead,
      verdict: verdictOf([ratio, throughTime ?? 1], saturated, dead),
    };
  });
}

/** What a ratio of two δ says of what lies between them; undefined for a healthy one. */
export function passage(ratio: number): 'vanishing' | 'exploding' | undefined {
  if (ratio > EXPLODING || Number.isNaN(ratio)) return 'exploding';
  return ratio < VANISHING ? 'vanishing' : undefined;
}

function verdictOf(
  ratios: readonly number[],
  saturated: number,
  dead: number,
): LayerFlow['verdict'] {
  if (dead > MANY) return 'dead';
  const passages = ratios.map(passage);
  if (passages.includes('exploding')) return 'exploding';
  if (passages.includes('vanishing')) return 'vanishing';
  return saturated > MANY ? 'saturated' : 'healthy';
}

/**
 * How many times larger δ of a recurrent layer is at its first steps than at its last ones, in the longest sequences of the batch:
 * short ones would hide what happens on a long way.
 *
 * @param delta - [examples, steps, units]
 */
export function timeRatio(delta: TracedTensor, lengths: Uint32Array): number {
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
  const count = Math.max(1, Math.floor(longest * END));
  const examples = [...lengths.keys()].filter((example) => lengths[example] === longest);
  const first = sizeOfSteps(delta, examples, 0, count);
  const last = sizeOfSteps(delta, examples, longest - count, longest);
  return last === 0 ? 1 : first / last;
}

/** Root of the mean of δ² over the steps `from` up to `to` of some examples. */
function sizeOfSteps(
  { shape, values }: TracedTensor,
  examples: readonly number[],
  from: number,
  to: number,
): number {
  const [, steps, units] = shape as [number, number, number];
  const chosen = examples.flatMap((example) => [
    ...values.subarray((example * steps + from) * units, (example * steps + to) * units),
  ]);
  return statistics(chosen).rootMeanSquare;
}

function saturatedShare({ activation, activationDerivative }: LayerTrace): number {
  const most = steepest[activation ?? ''];
  if (most === undefined || !activationDerivative) return 0;
  const { values } = activationDerivative;
  return values.filter((slope) => slope < FLAT * most).length / values.length;
}

function deadShare({ a }: LayerTrace): number {
  const units = a.shape.at(-1)!;
  const alive = new Set<number>();
  for (const [index, value] of a.values.entries()) {
    if (value !== 0) alive.add(index % units);
  }
  return 1 - alive.size / units;
}
