import { explanationText } from './text.ts';

/** Which derivative to explain. */
export interface ExplainOptions {
  /** Index in `layers` of the weight's layer. */
  readonly layer: number;
  /** The neuron the weight leads to. */
  readonly to: number;
  /** The neuron, or feature, the weight comes from; `'bias'` for the bias of `to`. */
  readonly from: number | 'bias';
  /**
   * The path to follow to the cost: one neuron for each layer above `layer`, up to the output. The one that contributes most when absent.
   */
  readonly path?: readonly number[];
}

/** The three factors of ∂C/∂w_jk = a_k · σ′(z_j) · ∂C/∂a_j. */
export interface Factors {
  /** a_k = ∂z_j/∂w_jk: the activation the weight multiplies, or the feature; 1 for a bias. */
  readonly activation: number;
  /** σ′(z_j) = ∂a_j/∂z_j; undefined for softmax, where every output depends on every z. */
  readonly activationDerivative: number | undefined;
  /** ∂C/∂a_j: the sensitivity of the cost to the neuron's activation; undefined for softmax. */
  readonly sensitivity: number | undefined;
  /** δ_j = ∂C/∂z_j, the product of the last two. */
  readonly delta: number;
}

/** One way on which the weight influences the cost. */
export interface Path {
  /** The neurons passed, from `to` up to an output. */
  readonly neurons: readonly number[];
  /** The product of all partial derivatives along it. */
  readonly contribution: number;
}

/** How C could be lowered through the neuron: the derivative of C with respect to each of the three things that set its z. */
export interface Levers {
  /** ∂C/∂b_j = δ_j. */
  readonly bias: number;
  /** ∂C/∂w_jk = a_k δ_j for each k: in proportion to the activation that the weight multiplies. */
  readonly weights: readonly number[];
  /** w_jk δ_j for each k, what ∂C/∂a_k gets through this neuron: in proportion to the weight. */
  readonly activations: readonly number[];
}

/** A quantity in the computation tree. */
export interface TreeNode {
  readonly id: string;
  readonly kind: 'cost' | 'activation' | 'preActivation' | 'weight' | 'bias' | 'rest';
  /** Path of its layer: `layers.1`; `x` for features, `C` for the cost. */
  readonly layer: string;
  /** Such as `a₂`. */
  readonly label: string;
  readonly value: number | undefined;
  readonly onPath: boolean;
}

/** A partial derivative: `parent` depends on `child`. */
export interface TreeEdge {
  readonly child: string;
  readonly parent: string;
  /** Such as `∂z₂/∂a₀ = w₂,₀`. */
  readonly label: string;
  readonly value: number;
  readonly onPath: boolean;
}

/** The computation tree: what the weight's derivative is made of. */
export interface ComputationTree {
  readonly nodes: readonly TreeNode[];
  readonly edges: readonly TreeEdge[];
}

/** What an explanation consists of. */
export interface ExplanationParts {
  readonly name: string;
  readonly layer: string;
  readonly to: number;
  readonly from: number | 'bias';
  readonly value: number;
  readonly cost: number;
  readonly derivative: number;
  readonly factors: Factors;
  readonly levers: Levers;
  readonly pathCount: number;
  readonly paths: readonly Path[];
  readonly path: Path;
  readonly tree: ComputationTree;
}

/** One weight's derivative taken apart, as `net.explain` returns it. */
export class Explanation implements ExplanationParts {
  /** The parameter: `layers.0.W`. */
  readonly name: string;
  readonly layer: string;
  readonly to: number;
  readonly from: number | 'bias';
  /** The weight itself. */
  readonly value: number;
  readonly cost: number;
  /** ∂C/∂w as training has it. */
  readonly derivative: number;
  readonly factors: Factors;
  readonly levers: Levers;
  /** How many paths lead from the weight to the cost: the product of the widths of the layers above. */
  readonly pathCount: number;
  /** All paths, the largest contribution first, where there are at most 64; otherwise the chosen one alone. */
  readonly paths: readonly Path[];
  /** The chosen path. */
  readonly path: Path;
  /** The whole tree of a small network; of a large one the chosen path, all others being one node. */
  readonly tree: ComputationTree;

  constructor(parts: ExplanationParts) {
    this.name = parts.name;
    this.layer = parts.layer;
    this.to = parts.to;
    this.from = parts.from;
    this.value = parts.value;
    this.cost = parts.cost;
    this.derivative = parts.derivative;
    this.factors = parts.factors;
    this.levers = parts.levers;
    this.pathCount = parts.pathCount;
    this.paths = parts.paths;
    this.path = parts.path;
    this.tree = parts.tree;
  }

  /** What the paths that were not chosen contribute together. */
  get rest(): number {
    return this.derivative - this.path.contribution;
  }

  /** The product, the paths, the tree and the levers, to be read. */
  toString(): string {
    return explanationText(this);
  }
}
