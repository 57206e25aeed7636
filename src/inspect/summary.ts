import { checkInteger, checkKeys } from '../checks.ts';
import type { Engine } from '../engine.ts';
import { formatBytes } from '../plan/arena.ts';
import type { Normalization } from '../plan/normalization.ts';
import { resolveStep, stepPlan } from '../training/step.ts';
import { stepsShape } from './steps.ts';

/** Options of a summary. */
export interface SummaryOptions {
  /** Also says how much memory a training step of so many examples takes. */
  readonly batchSize?: number;
  /** Steps of each of them in a network over sequences; `input.steps`, or 1, when absent. */
  readonly steps?: number;
}

/** A table of the layers with shapes and parameter counts, the loss, and the memory in use. */
export function summary(engine: Engine, options: SummaryOptions = {}): string {
  checkKeys(options, ['batchSize', 'steps'], 'summary');
  const { model, layout } = engine;
  const rows = model.layers.map((layer) => [
    layer.path,
    layer.title,
    `${layer.inputs} → ${layer.outputs}`,
    layer.parameters
      .map(({ name, shape }) => `${name.slice(layer.path.length + 1)} [${shape.join(', ')}]`)
      .join(', '),
    count(layer.parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0)),
  ]);
  const table = align([['layer', 'kind', 'features', 'parameters', 'count'], ...rows]);
  return [
    ...table,
    ...describeNormalization(model.normalization),
    `loss ${model.loss.name} · ${count(layout.count)} parameters · core ${engine.core.name} · ${formatBytes(engine.core.buffer.byteLength)} reserved`,
    ...describeStep(engine, options),
  ].join('\n');
}

/** The memory of a training step, planned but not taken. */
function describeStep(engine: Engine, { batchSize, steps }: SummaryOptions): string[] {
  if (batchSize === undefined && steps === undefined) return [];
  const rows = checkInteger(batchSize ?? 32, 'batchSize', 1);
  const shape = stepsShape(engine.model, steps);
  const plan = stepPlan(resolveStep({}));
  const { builder } = engine.compile(rows, { kind: 'train', step: plan }, { shape });
  const of = shape
    ? `${count(rows)} sequences of ${count(shape.steps)} steps`
    : `${count(rows)} examples`;
  return [`a training step of ${of} takes ${formatBytes(builder.bytes)}`];
}

/** How features are normalised, in a line. */
function describeNormalization(normalization: Normalization | undefined): string[] {
  if (!normalization) return [];
  const { learned, normalizer } = normalization;
  if (learned && !normalizer) return [`features ${learned}, to be learned from the first fit`];
  return [`features ${learned ? `${learned}, learned: ` : ''}(x − shift) · factor, see normalizer`];
}

/** A whole number with thousands apart, the same in every locale. */
function count(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ' ');
}

/** Columns padded to their widest cell, the last one to the right. */
function align(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === row.length - 1 ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
      )
      .join('   '),
  );
}
