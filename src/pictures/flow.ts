import { statistics } from '../inspect/statistics.ts';
import type { LayerTrace, Trace } from '../inspect/trace/trace.ts';

/** A layer's gradients are lost, or out of hand, when δ is this many times smaller or larger than that of the output layer. */
const VANISHING = 1e-3;
const EXPLODING = 1e3;

/** A neuron is saturated in an example when its slope is below this share of the steepest one. */
const FLAT = 0.05;

/** More than this share of flat slopes, or of dead neurons, is worth a word. */
const MANY = 0.5;

/** The steepest slope of activation functions that flatten out on both sides. */
const steepest: Readonly<Record<string, number>> = { sigmoid: 0.25, logistic: 0.25, tanh: 1 };

/** How a layer passes gradients on. */
export interface LayerFlow {
  /** Path of the layer: `layers.0`. */
  readonly layer: string;
  /** Root of the mean of δ² over neurons and examples. */
  readonly deltaSize: number;
  /** `deltaSize` over that of the output layer. */
  readonly ratio: number;
  /** Share of slopes σ′(z) of sigmoid or tanh below a twentieth of the steepest. */
  readonly saturated: number;
  /** Share of neurons that are 0 in every example, as ReLU may leave them. */
  readonly dead: number;
  readonly verdict: 'healthy' | 'vanishing' | 'exploding' | 'saturated' | 'dead';
}

/**
 * Judges how gradients flow back through a network: whether they vanish or explode on the way, and whether neurons are saturated or dead.
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
    const isOutput = index === trace.layers.length - 1;
    const saturated = isOutput ? 0 : saturatedShare(layer);
    const dead = isOutput ? 0 : deadShare(layer);
    return {
      layer: layer.path,
      deltaSize,
      ratio,
      saturated,
      dead,
      verdict: verdictOf(ratio, saturated, dead),
    };
  });
}

function verdictOf(ratio: number, saturated: number, dead: number): LayerFlow['verdict'] {
  if (dead > MANY) return 'dead';
  if (ratio > EXPLODING || Number.isNaN(ratio)) return 'exploding';
  if (ratio < VANISHING) return 'vanishing';
  return saturated > MANY ? 'saturated' : 'healthy';
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
