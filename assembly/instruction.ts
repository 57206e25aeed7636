// The records described in src/core/abi.ts.
import * as abi from '../src/core/abi';

/** One record. The checks below turn any difference from abi.ts into a compile-time error. */
@unmanaged
export class Instruction {
  opcode: i32;
  out: usize;
  a: usize;
  b: usize;
  c: usize;
  rows: i32;
  columns: i32;
  inner: i32;
  outStride: i32;
  aStride: i32;
  bStride: i32;
  kind: i32;
  scale: f32;
  scale2: f32;
  index: u32;
  d: usize;
  partRows: i32;
  partColumns: i32;
  outRowStep: usize;
  outColumnStep: usize;
  aRowStep: usize;
  aColumnStep: usize;
  bRowStep: usize;
  bColumnStep: usize;
  cRowStep: usize;
  cColumnStep: usize;
  dRowStep: usize;
  firstRow: i32;
  wholeRows: i32;
  lines: i32;
  lineParts: i32;
  sideBySide: i32;
}

if (offsetof<Instruction>('opcode') != abi.FIELD_OPCODE) ERROR('abi: opcode');
if (offsetof<Instruction>('out') != abi.FIELD_OUT) ERROR('abi: out');
if (offsetof<Instruction>('a') != abi.FIELD_A) ERROR('abi: a');
if (offsetof<Instruction>('b') != abi.FIELD_B) ERROR('abi: b');
if (offsetof<Instruction>('c') != abi.FIELD_C) ERROR('abi: c');
if (offsetof<Instruction>('rows') != abi.FIELD_ROWS) ERROR('abi: rows');
if (offsetof<Instruction>('columns') != abi.FIELD_COLUMNS) ERROR('abi: columns');
if (offsetof<Instruction>('inner') != abi.FIELD_INNER) ERROR('abi: inner');
if (offsetof<Instruction>('outStride') != abi.FIELD_OUT_STRIDE) ERROR('abi: outStride');
if (offsetof<Instruction>('aStride') != abi.FIELD_A_STRIDE) ERROR('abi: aStride');
if (offsetof<Instruction>('bStride') != abi.FIELD_B_STRIDE) ERROR('abi: bStride');
if (offsetof<Instruction>('kind') != abi.FIELD_KIND) ERROR('abi: kind');
if (offsetof<Instruction>('scale') != abi.FIELD_SCALE) ERROR('abi: scale');
if (offsetof<Instruction>('scale2') != abi.FIELD_SCALE2) ERROR('abi: scale2');
if (offsetof<Instruction>('index') != abi.FIELD_INDEX) ERROR('abi: index');
if (offsetof<Instruction>('d') != abi.FIELD_D) ERROR('abi: d');
if (offsetof<Instruction>('partRows') != abi.FIELD_PART_ROWS) ERROR('abi: partRows');
if (offsetof<Instruction>('partColumns') != abi.FIELD_PART_COLUMNS) ERROR('abi: partColumns');
if (offsetof<Instruction>('outRowStep') != abi.FIELD_OUT_ROW_STEP) ERROR('abi: outRowStep');
if (offsetof<Instruction>('outColumnStep') != abi.FIELD_OUT_COLUMN_STEP)
  ERROR('abi: outColumnStep');
if (offsetof<Instruction>('aRowStep') != abi.FIELD_A_ROW_STEP) ERROR('abi: aRowStep');
if (offsetof<Instruction>('aColumnStep') != abi.FIELD_A_COLUMN_STEP) ERROR('abi: aColumnStep');
if (offsetof<Instruction>('bRowStep') != abi.FIELD_B_ROW_STEP) ERROR('abi: bRowStep');
if (offsetof<Instruction>('bColumnStep') != abi.FIELD_B_COLUMN_STEP) ERROR('abi: bColumnStep');
if (offsetof<Instruction>('cRowStep') != abi.FIELD_C_ROW_STEP) ERROR('abi: cRowStep');
if (offsetof<Instruction>('cColumnStep') != abi.FIELD_C_COLUMN_STEP) ERROR('abi: cColumnStep');
if (offsetof<Instruction>('dRowStep') != abi.FIELD_D_ROW_STEP) ERROR('abi: dRowStep');
if (offsetof<Instruction>('firstRow') != abi.FIELD_FIRST_ROW) ERROR('abi: firstRow');
if (offsetof<Instruction>('wholeRows') != abi.FIELD_WHOLE_ROWS) ERROR('abi: wholeRows');
if (offsetof<Instruction>('lines') != abi.FIELD_LINES) ERROR('abi: lines');
if (offsetof<Instruction>('lineParts') != abi.FIELD_LINE_PARTS) ERROR('abi: lineParts');
if (offsetof<Instruction>('sideBySide') != abi.FIELD_SIDE_BY_SIDE) ERROR('abi: sideBySide');
if (offsetof<Instruction>() != abi.RECORD_BYTES) ERROR('abi: RECORD_BYTES');
