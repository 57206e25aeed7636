import type { Engine } from '../engine.ts';
import { formatBytes } from '../plan/arena.ts';
import type { Normalization } from '../plan/normalization.ts';

/** A table of the layers with shapes and parameter counts, the loss, and the memory in use. */
export function summary(engine: Engine): string {
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
  ].join('\n');
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
