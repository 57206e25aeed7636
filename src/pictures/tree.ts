import { formatNumber } from '../inspect/format.ts';
import type { Explanation, TreeEdge, TreeNode } from '../inspect/explain/explanation.ts';
import { element, paint, picture, type PictureOptions, text } from './svg.ts';

const COLUMN = 148;
const ROW = 84;
const BOX = { width: 62, height: 40 };
const MARGIN = 30;

/** Room for the names of the layers above, and for two lines of caption below. */
const HEAD = 26;
const CAPTION = 66;

/** A node with its place. */
interface Placed extends TreeNode {
  readonly x: number;
  readonly y: number;
}

/**
 * Draws the computation tree of one derivative: from the weight on the left to the cost on the right, a partial derivative with its value
 * on every edge. The chosen path is blue.
 *
 * @param explanation - of `net.explain`
 * @param options - heading
 * @returns an SVG document
 * @example
 * ```ts
 * const svg = pictures.drawTree(net.explain([[0, 1]], [[1]], { layer: 0, to: 2, from: 1 }));
 * ```
 */
export function drawTree(
  explanation: Explanation,
  { title }: Pick<PictureOptions, 'title'> = {},
): string {
  const nodes = place(explanation.tree.nodes.filter(({ kind }) => kind !== 'rest'));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const edges = explanation.tree.edges
    .filter(({ parent }) => byId.has(parent))
    .sort((a, b) => Number(a.onPath) - Number(b.onPath));
  const width = 2 * MARGIN + BOX.width + Math.max(...nodes.map(({ x }) => x));
  const bottom = MARGIN + HEAD + BOX.height + Math.max(...nodes.map(({ y }) => y));
  const body = element(
    'g',
    { transform: `translate(${MARGIN + BOX.width / 2} ${MARGIN + HEAD + BOX.height / 2})` },
    ...layerNames(nodes),
    ...edges.map((edge) => drawEdge(edge, byId)),
    ...edges.map((edge) => edgeLabel(edge, edges, byId)),
    ...nodes.map(drawNode),
  );
  const caption = captionOf(explanation).map((line, index) =>
    text(MARGIN, bottom + 26 + 20 * index, line, { role: 'muted' }),
  );
  return picture(
    width,
    bottom + CAPTION,
    `Computation tree of the derivative with respect to a number of ${explanation.name}`,
    title,
    body,
    ...caption,
  );
}

/** The product along the path, and what other paths add. */
function captionOf({ tree, path, pathCount, derivative, rest }: Explanation): string[] {
  const values = tree.edges.filter(({ onPath }) => onPath).map(({ value }) => formatNumber(value));
  const product = `${values.reverse().join(' · ')} = ${formatNumber(path.contribution)}`;
  if (pathCount === 1) return [`∂C/∂w = ${product}`];
  const others = `${pathCount - 1} other path${pathCount === 2 ? '' : 's'}`;
  return [
    `along the blue path: ${product}`,
    `through ${others}: ${formatNumber(rest)}; together ∂C/∂w = ${formatNumber(derivative)}`,
  ];
}

/** Columns from left to right: what the weight's z is made of, then z and a of each layer, then the cost. */
function place(nodes: readonly TreeNode[]): Placed[] {
  const layers = [
    ...new Set(nodes.filter(({ kind }) => kind === 'preActivation').map(({ layer }) => layer)),
  ].reverse();
  const columns = new Map<number, TreeNode[]>();
  for (const node of nodes) {
    const column = columnOf(node, layers);
    columns.set(column, [...(columns.get(column) ?? []), node]);
  }
  const used = [...columns.keys()].sort((a, b) => a - b);
  const chains = [...columns.values()].map((own) => own.filter(isNeuron).length);
  const tallest = Math.max(...chains);
  return used.flatMap((column, index) => {
    const own = columns.get(column)!.sort((a, b) => rank(a) - rank(b));
    // Neurons stand in the middle, weights and biases hang below them; the lowest column has no neurons to speak of.
    const neurons = own.filter(isNeuron).length || 1;
    const top = ((tallest - neurons) * ROW) / 2;
    return own.map((node, row) => ({ ...node, x: index * COLUMN, y: top + row * ROW }));
  });
}

function columnOf({ kind, layer }: TreeNode, layers: readonly string[]): number {
  const index = layers.indexOf(layer);
  if (kind === 'cost') return 2 * layers.length + 1;
  if (kind === 'preActivation') return 2 * index + 1;
  if (kind === 'activation') return index < 0 ? 0 : 2 * index + 2;
  return 2 * index;
}

function isNeuron({ kind, id }: TreeNode): boolean {
  return !['weight', 'bias'].includes(kind) && !id.startsWith('below.');
}

/** From the top: neurons, and in the lowest column the weight in question first. */
function rank(node: TreeNode): number {
  if (isNeuron(node)) return 0;
  return node.onPath ? 1 : node.kind === 'activation' ? 2 : node.kind === 'weight' ? 3 : 4;
}

/** The name of a layer above its z and a. */
function layerNames(nodes: readonly Placed[]): string[] {
  const top = -BOX.height / 2 - 22;
  const layers = [
    ...new Set(nodes.filter(({ kind }) => kind === 'preActivation').map(({ layer }) => layer)),
  ];
  return layers.map((layer) => {
    const own = nodes.filter((node) => node.layer === layer && isNeuron(node)).map(({ x }) => x);
    const middle = (Math.min(...own) + Math.max(...own)) / 2;
    return text(middle, top, layer, { role: 'muted', anchor: 'middle', weight: 600 });
  });
}

function drawNode({ x, y, label, value, kind, onPath }: Placed): string {
  const box = {
    x: x - BOX.width / 2,
    y: y - BOX.height / 2,
    ...BOX,
    rx: kind === 'weight' || kind === 'bias' ? 4 : 20,
    'stroke-width': onPath ? 2.5 : 1.2,
  };
  return [
    element('rect', {
      ...box,
      ...paint({ fill: 'surface', stroke: onPath ? 'series0' : 'muted' }),
    }),
    text(x, y - 8, label, { anchor: 'middle', weight: 600, size: 13 }),
    text(x, y + 9, formatNumber(value!), { anchor: 'middle', size: 11, role: 'muted' }),
  ].join('');
}

type Nodes = ReadonlyMap<string, Placed>;

function drawEdge({ child, parent, onPath }: TreeEdge, nodes: Nodes): string {
  const [from, to] = [nodes.get(child)!, nodes.get(parent)!];
  return element('line', {
    x1: from.x + BOX.width / 2,
    y1: from.y,
    x2: to.x - BOX.width / 2,
    y2: to.y,
    'stroke-width': onPath ? 2.5 : 1,
    ...paint({ stroke: onPath ? 'series0' : 'muted' }),
  });
}

/** The partial derivative above its value, where the edge is away from others: those that fan out are labelled near their end. */
function edgeLabel(edge: TreeEdge, edges: readonly TreeEdge[], nodes: Nodes): string {
  const { child, parent, label, value, onPath } = edge;
  const [from, to] = [nodes.get(child)!, nodes.get(parent)!];
  const leaving = edges.filter((other) => other.child === child).length;
  const entering = edges.filter((other) => other.parent === parent).length;
  const share = from.y === to.y ? 0.5 : leaving > 1 && entering <= 3 ? 0.7 : 0.34;
  const [x1, x2] = [from.x + BOX.width / 2, to.x - BOX.width / 2];
  const x = x1 + share * (x2 - x1);
  const y = from.y + share * (to.y - from.y);
  const style = {
    anchor: 'middle',
    size: 11,
    halo: true,
    role: onPath ? 'text' : 'muted',
  } as const;
  return (
    text(x, y - 9, label.replace(/ = .*/, ''), style) +
    text(x, y + 8, formatNumber(value), { ...style, weight: onPath ? 600 : 400 })
  );
}
