import type { LayerTrace, Trace } from '../trace/trace.ts';
import type { Path } from './explanation.ts';

/** So many paths at most are listed one by one. */
const LISTED_PATHS = 64;

/** A dense layer on the way from the weight to the cost, in one example. */
export interface Link {
  readonly path: string;
  readonly activation: string | undefined;
  readonly units: number;
  z(unit: number): number;
  a(unit: number): number;
  /** σ′(z), or undefined for softmax. */
  slope(unit: number): number | undefined;
  dCda(unit: number): number;
  delta(unit: number): number;
  weight(to: number, from: number): number;
  bias(unit: number): number | undefined;
}

/** The layers with weights of a trace of one example. Layers without, such as dropout, pass activations on as they are. */
export function linksOf(trace: Trace): Link[] {
  return trace.layers.filter(({ parameters }) => parameters['W']).map(linkOf);
}

function linkOf(layer: LayerTrace): Link {
  const { path, activation, z, a, activationDerivative, dCda, delta } = layer;
  const { W, b } = layer.parameters;
  return {
    path,
    activation,
    units: z.shape[1]!,
    z: (unit) => z.at(0, unit),
    a: (unit) => a.at(0, unit),
    slope: (unit) => activationDerivative?.at(0, unit),
    dCda: (unit) => dCda.at(0, unit),
    delta: (unit) => delta.at(0, unit),
    weight: (to, from) => W!.value.at(to, from),
    bias: (unit) => b?.value.at(unit),
  };
}

/** How many paths lead from a neuron of the first link to the cost. */
export function countPaths([, ...above]: readonly Link[]): number {
  return above.reduce((count, { units }) => count * units, 1);
}

/**
 * The contribution of a path: the activation under the weight times every partial derivative up to the cost.
 *
 * @param links - the layers from the weight's own to the output
 * @param activation - ∂z/∂w of the weight
 * @param neurons - one neuron per link
 */
export function contribution(
  links: readonly Link[],
  activation: number,
  neurons: readonly number[],
): number {
  const last = links.length - 1;
  let product = activation;
  for (const [index, link] of links.entries()) {
    const neuron = neurons[index]!;
    if (index > 0) product *= link.weight(neuron, neurons[index - 1]!);
    product *= index === last ? link.delta(neuron) : link.slope(neuron)!;
  }
  return product;
}

/** Every path from a neuron, the largest contribution first; undefined when there are too many to list. */
export function allPaths(
  links: readonly Link[],
  activation: number,
  to: number,
): Path[] | undefined {
  if (countPaths(links) > LISTED_PATHS) return undefined;
  let partial: number[][] = [[to]];
  for (const { units } of links.slice(1)) {
    partial = partial.flatMap((neurons) =>
      Array.from({ length: units }, (_, unit) => [...neurons, unit]),
    );
  }
  return partial
    .map((neurons) => ({ neurons, contribution: contribution(links, activation, neurons) }))
    .sort((p, q) => Math.abs(q.contribution) - Math.abs(p.contribution));
}

/**
 * The path whose contribution is largest in size. Layer by layer from the output down, the best way up from each neuron is the best over
 * the neurons above it.
 */
export function strongestPath(links: readonly Link[], to: number): number[] {
  const last = links.length - 1;
  let best = Array.from({ length: links[last]!.units }, (_, unit) => ({
    size: Math.abs(links[last]!.delta(unit)),
    neurons: [unit],
  }));
  for (let index = last - 1; index >= 0; index--) {
    const [link, above] = [links[index]!, best];
    best = Array.from({ length: link.units }, (_, unit) => {
      const sizes = above.map(
        ({ size }, next) => size * Math.abs(links[index + 1]!.weight(next, unit)),
      );
      const next = sizes.indexOf(Math.max(...sizes));
      return {
        size: sizes[next]! * Math.abs(link.slope(unit)!),
        neurons: [unit, ...above[next]!.neurons],
      };
    });
  }
  return best[to]!.neurons;
}
