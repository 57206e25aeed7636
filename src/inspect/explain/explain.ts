import { checkInteger, checkKeys } from '../../checks.ts';
import { describe } from '../../errors.ts';
import type { Trace } from '../trace/trace.ts';
import { allPaths, contribution, countPaths, type Link, linksOf, strongestPath } from './chain.ts';
import {
  Explanation,
  type ExplainOptions,
  type Factors,
  type Levers,
  type Path,
} from './explanation.ts';
import { buildTree } from './tree.ts';

/**
 * Takes one derivative apart.
 *
 * @param trace - of one example
 * @param count - layers of the network, those without numbers in the trace too
 * @throws {TypeError | RangeError} for a layer, neuron or path that is not there
 */
export function explain(trace: Trace, count: number, options: ExplainOptions): Explanation {
  checkKeys(options, ['layer', 'to', 'from', 'path'], 'explain');
  const index = checkInteger(options.layer, 'explain.layer', 0, count - 1);
  const layer = trace.layers.find(({ path }) => path === `layers.${index}`);
  const W = layer?.parameters['W'];
  if (!layer || !W) {
    throw new RangeError(`explain.layer: layers.${index} has no weights W to explain.`);
  }
  const all = linksOf(trace);
  const links = all.slice(all.findIndex(({ path }) => path === layer.path));
  const [units, inputs] = W.value.shape as [number, number];
  const to = checkInteger(options.to, 'explain.to', 0, units - 1);
  const from =
    options.from === 'bias' ? 'bias' : checkInteger(options.from, 'explain.from', 0, inputs - 1);
  const parameter = layer.parameters[from === 'bias' ? 'b' : 'W'];
  if (!parameter) throw new RangeError(`explain.from: ${layer.path} has no bias.`);
  const place = from === 'bias' ? [to] : [to, from];
  const activation = from === 'bias' ? 1 : layer.input.at(0, from);
  const derivative = parameter.gradient.at(...place);
  const path = choosePath(links, activation, to, options.path);
  const pathCount = countPaths(links);
  const below = {
    label: layer.input.name,
    layer: all[all.indexOf(links[0]!) - 1]?.path ?? 'x',
    value: (unit: number) => layer.input.at(0, unit),
  };
  const rest = derivative - path.contribution;
  const { cost } = trace;
  return new Explanation({
    name: parameter.name,
    layer: layer.path,
    to,
    from,
    value: parameter.value.at(...place),
    cost,
    derivative,
    factors: factorsOf(links[0]!, to, activation),
    levers: leversOf(links[0]!, to, layer.input.row(0)),
    pathCount,
    paths: withChosen(allPaths(links, activation, to), path),
    path,
    tree: buildTree({ links, to, from, below, cost, path, rest, pathCount }),
  });
}

function choosePath(
  links: readonly Link[],
  activation: number,
  to: number,
  given: readonly number[] | undefined,
): Path {
  const neurons =
    given === undefined ? strongestPath(links, to) : [to, ...checkPath(given, links.slice(1))];
  return { neurons, contribution: contribution(links, activation, neurons) };
}

function checkPath(path: unknown, above: readonly Link[]): number[] {
  if (!Array.isArray(path)) {
    throw new TypeError(
      `explain.path: expected one neuron for each layer above, got ${describe(path)}.`,
    );
  }
  if (path.length !== above.length) {
    throw new RangeError(
      `explain.path: expected ${above.length} neurons, one for each of ${above.map(({ path: name }) => name).join(', ')}, got ${path.length}.`,
    );
  }
  return path.map((neuron, index) =>
    checkInteger(neuron, `explain.path[${index}]`, 0, above[index]!.units - 1),
  );
}

/** The list with the chosen path in place of its equal. */
function withChosen(paths: readonly Path[] | undefined, chosen: Path): Path[] {
  const same = ({ neurons }: Path): boolean =>
    neurons.every((neuron, i) => neuron === chosen.neurons[i]);
  return paths ? paths.map((path) => (same(path) ? chosen : path)) : [chosen];
}

function factorsOf(link: Link, unit: number, activation: number): Factors {
  const activationDerivative = link.slope(unit);
  return {
    activation,
    activationDerivative,
    sensitivity: activationDerivative === undefined ? undefined : link.dCda(unit),
    delta: link.delta(unit),
  };
}

function leversOf(link: Link, unit: number, below: Float32Array): Levers {
  const delta = link.delta(unit);
  return {
    bias: delta,
    weights: Array.from(below, (a) => a * delta),
    activations: Array.from(below, (_, from) => link.weight(unit, from) * delta),
  };
}
