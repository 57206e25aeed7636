import type { Optimizer } from '../../nn/optimizers.ts';
import { formatNumber, formatter } from '../format.ts';
import { statistics } from '../statistics.ts';
import { backwardEntries, type Entry, forwardEntries, gradientFormulas } from './layer-text.ts';
import type { TracedTensor } from './tensor.ts';
import type { LayerTrace, ParameterTrace, Trace } from './trace.ts';

/** Rows and columns up to which a tensor is printed whole. */
const WHOLE_ROWS = 8;
const WHOLE_COLUMNS = 10;

/** Of larger ones, the first so many. */
const SHOWN_ROWS = 3;
const SHOWN_COLUMNS = 6;

/** Width of the names and shapes in front of values, unless one is wider. */
const INDENT = 10;

/** A trace as text: forwards from the input, then backwards from the cost. */
export function traceText(trace: Trace): string {
  const { layers, loss, cost, optimizer } = trace;
  const last = layers.length - 1;
  return [
    `${subject(trace)} Derivatives are those of C, the mean over the batch.`,
    '',
    heading('forward', 'x'),
    ...values(trace.x),
    ...layers.flatMap((layer) => ['', heading(layer.path, layer.title), ...forward(layer)]),
    '',
    heading('cost', loss),
    `C = ${formatNumber(cost)}`,
    ...values(trace.y),
    ...layers
      .map((layer, index) => [
        '',
        heading(`${layer.path} backward`, layer.title),
        ...backward(layer, index === last, optimizer),
      ])
      .reverse()
      .flat(),
  ].join('\n');
}

function subject({ x, lengths }: Trace): string {
  const examples = x.shape[0]!;
  const count = examples === 1 ? 'one example' : `${examples} examples`;
  if (!lengths) return `Trace of ${count}${examples === 1 ? '' : ', one per row'}.`;
  const steps = [...lengths].join(', ');
  return `Trace of ${count} of ${steps} steps, one step per row, example after example, padding included.`;
}

function heading(left: string, right: string): string {
  return `── ${left} · ${right} ${'─'.repeat(Math.max(3, 72 - left.length - right.length))}`;
}

function forward(layer: LayerTrace): string[] {
  return forwardEntries(layer).flatMap(lines);
}

function backward(layer: LayerTrace, isLast: boolean, optimizer: Optimizer | undefined): string[] {
  return [
    ...backwardEntries(layer, isLast).flatMap(lines),
    ...Object.entries(layer.parameters).flatMap(([letter, parameter]) =>
      parameterLines(letter, parameter, optimizer),
    ),
  ];
}

function lines([formula, tensor]: Entry): string[] {
  return [formula, ...values(tensor)];
}

function parameterLines(
  letter: string,
  { gradient, update }: ParameterTrace,
  optimizer: Optimizer | undefined,
): string[] {
  const formula = gradientFormulas[letter] ?? '';
  return [
    `dC/d${letter}${formula}`,
    ...values(gradient),
    ...(update && optimizer
      ? [`Δ${letter}, the step of ${optimizer.kind}`, ...values(update)]
      : []),
  ];
}

/** A tensor's name and shape, then its rows; of a large one a corner, and what all its numbers come to. */
function values(tensor: TracedTensor): string[] {
  const { shape, values: numbers } = tensor;
  const columns = shape.at(-1)!;
  const rows = numbers.length / columns;
  const whole = rows <= WHOLE_ROWS && columns <= WHOLE_COLUMNS;
  const shownRows = rows <= WHOLE_ROWS ? rows : SHOWN_ROWS;
  const shownColumns = columns <= WHOLE_COLUMNS ? columns : SHOWN_COLUMNS;
  const row = (index: number): number[] =>
    Array.from(numbers.subarray(index * columns, index * columns + shownColumns));
  const table = Array.from({ length: shownRows }, (_, index) => row(index));
  const format = formatter(table.flat());
  const cells = table.map((line) => line.map(format));
  const width = Math.max(...cells.flat().map((cell) => cell.length));
  const lines = cells.map(
    (line) =>
      line.map((cell) => cell.padStart(width)).join('  ') + (shownColumns < columns ? '  …' : ''),
  );
  if (shownRows < rows) lines.push('…');
  if (!whole) lines.push(summary(numbers));
  const label = [tensor.name, `[${shape.join(', ')}]`];
  const indent = Math.max(INDENT, ...label.map((text) => text.length + 1));
  return lines
    .map((line, index) => `  ${(label[index] ?? '').padEnd(indent)}${line}`)
    .concat(label.slice(lines.length).map((text) => `  ${text}`));
}

function summary(numbers: Float32Array): string {
  const { minimum, mean, maximum, rootMeanSquare, zeros } = statistics(numbers);
  const share = zeros >= 0.0005 ? `, ${(100 * zeros).toFixed(1)} % zero` : '';
  return `min ${formatNumber(minimum)}, mean ${formatNumber(mean)}, max ${formatNumber(maximum)}, root mean square ${formatNumber(rootMeanSquare)}${share}`;
}
