import { formatNumber } from '../format.ts';
import type { Explanation, Levers, TreeEdge, TreeNode } from './explanation.ts';
import { subscript, weightLabel } from './labels.ts';

/** Of paths and levers, the first so many are printed. */
const SHOWN = 8;

/** An explanation as text. */
export function explanationText(explanation: Explanation): string {
  const { from, to, layer, name, value, derivative } = explanation;
  const place = from === 'bias' ? `${name}[${to}]` : `${name}[${to}, ${from}]`;
  return [
    `∂C/∂${symbolOf(explanation)} = ${formatNumber(derivative)}: the derivative of C with respect to ${place} = ${formatNumber(value)}`,
    '',
    ...product(explanation),
    '',
    ...paths(explanation),
    '',
    'computation tree, the chosen path marked *',
    ...tree(explanation),
    '',
    `levers of neuron ${to} of ${layer}: how C changes with each of what makes its z`,
    ...levers(explanation.levers, to),
  ].join('\n');
}

function symbolOf({ from, to }: Explanation): string {
  return from === 'bias' ? `b${subscript(to)}` : weightLabel(to, from);
}

function belowOf({ tree, from }: Explanation): string {
  return tree.nodes.find(({ id }) => id === `below.${from}`)?.label ?? '1';
}

/** The three factors: in symbols, then in numbers. */
function product(explanation: Explanation): string[] {
  const { factors, to, derivative } = explanation;
  const { activation, activationDerivative, sensitivity, delta } = factors;
  const j = subscript(to);
  const w = symbolOf(explanation);
  const elementwise = activationDerivative !== undefined && sensitivity !== undefined;
  const partials = elementwise
    ? [`∂z${j}/∂${w}`, `∂a${j}/∂z${j}`, `∂C/∂a${j}`]
    : [`∂z${j}/∂${w}`, `∂C/∂z${j}`];
  const symbols = elementwise
    ? [belowOf(explanation), `σ′(z${j})`, `∂C/∂a${j}`]
    : [belowOf(explanation), `δ${j}`];
  const values = elementwise
    ? [activation, activationDerivative, sensitivity]
    : [activation, delta];
  return [
    `  = ${partials.join(' · ')}`,
    `  = ${symbols.join(' · ')}`,
    `  = ${values.map(formatNumber).join(' · ')} = ${formatNumber(derivative)}`,
  ];
}

function paths({ pathCount, paths: listed, path, rest }: Explanation): string[] {
  if (pathCount === 1) return ['one path leads to the cost'];
  const line = ({ neurons, contribution }: Explanation['path']): string =>
    `  ${formatNumber(contribution).padStart(10)}  through neurons ${neurons.join(' → ')}${neurons === path.neurons ? ' *' : ''}`;
  if (listed.length < pathCount) {
    return [
      `${pathCount} paths lead to the cost; their products add up to the derivative`,
      line(path),
      `  ${formatNumber(rest).padStart(10)}  through all others`,
    ];
  }
  const shown = listed.slice(0, SHOWN);
  const hidden = listed.slice(SHOWN);
  return [
    `${pathCount} paths lead to the cost; their products add up to the derivative`,
    ...shown.map(line),
    ...(hidden.length > 0
      ? [
          `  ${formatNumber(hidden.reduce((sum, p) => sum + p.contribution, 0)).padStart(10)}  through ${hidden.length} more`,
        ]
      : []),
  ];
}

/** The tree from the cost down. A quantity that several others depend on is taken apart where it comes first. */
function tree({ tree: { nodes, edges } }: Explanation): string[] {
  const seen = new Set<string>();
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const lines: string[] = [];
  const visit = (node: TreeNode, indent: string, edge?: TreeEdge): void => {
    const known = seen.has(node.id);
    lines.push(`${indent}${line(node, edge)}${known ? ' (see above)' : ''}`);
    if (known) return;
    seen.add(node.id);
    for (const next of edges) {
      if (next.parent === node.id) visit(byId.get(next.child)!, `${indent}  `, next);
    }
  };
  visit(nodes[0]!, '  ');
  const rest = byId.get('rest');
  if (rest) lines.push(`  ${rest.label} contribute ${formatNumber(rest.value!)}`);
  return lines;
}

function line({ label, value, layer }: TreeNode, edge: TreeEdge | undefined): string {
  const quantity = `${label} = ${formatNumber(value!)}${layer === label ? '' : `  (${layer})`}`;
  if (!edge) return quantity;
  return `${edge.label} = ${formatNumber(edge.value)}  ·  ${quantity}${edge.onPath ? ' *' : ''}`;
}

function levers({ bias, weights, activations }: Levers, to: number): string[] {
  const j = subscript(to);
  const list = (values: readonly number[]): string =>
    values.slice(0, SHOWN).map(formatNumber).join(', ') + (values.length > SHOWN ? ', …' : '');
  return [
    `  its bias, ∂C/∂b${j} = δ${j}: ${formatNumber(bias)}`,
    `  its weights, a_k δ${j}, in proportion to the activation each multiplies: ${list(weights)}`,
    `  the activations below, w_jk δ${j}, in proportion to their weights: ${list(activations)}`,
  ];
}
