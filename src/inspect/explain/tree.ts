import type { Link } from './chain.ts';
import type { ComputationTree, Path, TreeEdge, TreeNode } from './explanation.ts';
import { subscript, weightLabel } from './labels.ts';

/** Up to so many neurons above the weight, the tree is shown whole. */
const WHOLE_TREE_NEURONS = 8;

/** What the tree shows. */
export interface TreeContext {
  /** From the weight's layer to the output. */
  readonly links: readonly Link[];
  readonly to: number;
  readonly from: number | 'bias';
  /** What the weight multiplies, and its symbol. */
  readonly below: {
    readonly label: string;
    readonly layer: string;
    readonly value: (unit: number) => number;
  };
  readonly cost: number;
  readonly path: Path;
  /** What the other paths contribute, and how many there are. */
  readonly rest: number;
  readonly pathCount: number;
}

/** Builds the computation tree from the cost down to the weight. */
export function buildTree(context: TreeContext): ComputationTree {
  return new TreeBuilder(context).build();
}

class TreeBuilder {
  readonly #context: TreeContext;
  readonly #whole: boolean;
  readonly #nodes: TreeNode[] = [];
  readonly #edges: TreeEdge[] = [];

  constructor(context: TreeContext) {
    this.#context = context;
    const neurons = context.links.slice(1).reduce((sum, { units }) => sum + units, 0);
    this.#whole = neurons <= WHOLE_TREE_NEURONS;
  }

  build(): ComputationTree {
    const { links, cost } = this.#context;
    this.#node({ id: 'C', kind: 'cost', layer: 'C', label: 'C', value: cost, onPath: true });
    for (let index = links.length - 1; index >= 0; index--) {
      for (const unit of this.#units(index)) this.#neuron(index, unit);
    }
    if (!this.#whole && this.#context.pathCount > 1) this.#rest();
    return { nodes: this.#nodes, edges: this.#edges };
  }

  /** The neurons of a layer that are shown. */
  #units(index: number): number[] {
    const { links, path } = this.#context;
    if (!this.#whole || index === 0) return [path.neurons[index]!];
    return Array.from({ length: links[index]!.units }, (_, unit) => unit);
  }

  /** A neuron: its activation with edges to all that depend on it, its pre-activation, and what that is made of. */
  #neuron(index: number, unit: number): void {
    const { links } = this.#context;
    const link = links[index]!;
    const onPath = this.#isOnPath(index, unit);
    const i = subscript(unit);
    const [a, z] = [`${link.path}.a${unit}`, `${link.path}.z${unit}`];
    const layer = link.path;
    const slope = link.slope(unit);
    if (slope === undefined) {
      this.#node({
        id: z,
        kind: 'preActivation',
        layer,
        label: `z${i}`,
        value: link.z(unit),
        onPath,
      });
      this.#edge({
        child: z,
        parent: 'C',
        label: `∂C/∂z${i} = δ${i}`,
        value: link.delta(unit),
        onPath,
      });
    } else {
      this.#node({ id: a, kind: 'activation', layer, label: `a${i}`, value: link.a(unit), onPath });
      this.#activationEdges(index, unit, a);
      this.#node({
        id: z,
        kind: 'preActivation',
        layer,
        label: `z${i}`,
        value: link.z(unit),
        onPath,
      });
      this.#edge({ child: z, parent: a, label: `∂a${i}/∂z${i} = σ′(z${i})`, value: slope, onPath });
    }
    if (index === 0) this.#inputs(unit, z);
    else if (onPath) this.#weightAndBias(index, unit, z);
  }

  #activationEdges(index: number, unit: number, id: string): void {
    const { links } = this.#context;
    const i = subscript(unit);
    const above = links[index + 1];
    if (!above) {
      const value = links[index]!.dCda(unit);
      this.#edge({
        child: id,
        parent: 'C',
        label: `∂C/∂a${i}`,
        value,
        onPath: this.#isOnPath(index, unit),
      });
      return;
    }
    for (const next of this.#units(index + 1)) {
      this.#edge({
        child: id,
        parent: `${above.path}.z${next}`,
        label: `∂z${subscript(next)}/∂a${i} = ${weightLabel(next, unit)}`,
        value: above.weight(next, unit),
        onPath: this.#isOnPath(index, unit) && this.#isOnPath(index + 1, next),
      });
    }
  }

  /** What z of a neuron on the way is made of besides the activations below: its weight on the path, and its bias. */
  #weightAndBias(index: number, unit: number, z: string): void {
    const { links, path } = this.#context;
    const link = links[index]!;
    const from = path.neurons[index - 1]!;
    const below = links[index - 1]!;
    this.#weight(link, unit, from, z, below.a(from), `a${subscript(from)}`, false);
    this.#bias(link, unit, z, false);
  }

  /** The bottom of the tree: the weight in question, the activation it multiplies, and the bias. */
  #inputs(unit: number, z: string): void {
    const { links, from, below } = this.#context;
    const link = links[0]!;
    this.#bias(link, unit, z, from === 'bias');
    if (from === 'bias') return;
    const symbol = `${below.label}${subscript(from)}`;
    this.#weight(link, unit, from, z, below.value(from), symbol, true);
    const id = `below.${from}`;
    this.#node({
      id,
      kind: 'activation',
      layer: below.layer,
      label: symbol,
      value: below.value(from),
      onPath: false,
    });
    this.#edge({
      child: id,
      parent: z,
      label: `∂z${subscript(unit)}/∂${symbol} = ${weightLabel(unit, from)}`,
      value: link.weight(unit, from),
      onPath: false,
    });
  }

  #weight(
    link: Link,
    to: number,
    from: number,
    z: string,
    slope: number,
    symbol: string,
    onPath: boolean,
  ): void {
    const id = `${link.path}.w${to},${from}`;
    const label = weightLabel(to, from);
    this.#node({
      id,
      kind: 'weight',
      layer: link.path,
      label,
      value: link.weight(to, from),
      onPath,
    });
    this.#edge({
      child: id,
      parent: z,
      label: `∂z${subscript(to)}/∂${label} = ${symbol}`,
      value: slope,
      onPath,
    });
  }

  #bias(link: Link, unit: number, z: string, onPath: boolean): void {
    const value = link.bias(unit);
    if (value === undefined) return;
    const id = `${link.path}.b${unit}`;
    const label = `b${subscript(unit)}`;
    this.#node({ id, kind: 'bias', layer: link.path, label, value, onPath });
    this.#edge({ child: id, parent: z, label: `∂z${subscript(unit)}/∂${label}`, value: 1, onPath });
  }

  /** All other paths in one. */
  #rest(): void {
    const { pathCount, rest, links, path } = this.#context;
    const label = `${pathCount - 1} other path${pathCount === 2 ? '' : 's'}`;
    const link = links[0]!;
    this.#node({ id: 'rest', kind: 'rest', layer: 'C', label, value: rest, onPath: false });
    const child = `${link.path}.a${path.neurons[0]!}`;
    this.#edges.push({
      child,
      parent: 'rest',
      label: 'Σ of their products',
      value: rest,
      onPath: false,
    });
  }

  #isOnPath(index: number, unit: number): boolean {
    return this.#context.path.neurons[index] === unit;
  }

  #node(node: TreeNode): void {
    this.#nodes.push(node);
  }

  #edge(edge: TreeEdge): void {
    this.#edges.push(edge);
  }
}
