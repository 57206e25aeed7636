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
if (offsetof<Instruction>() != abi.RECORD_BYTES) ERROR('abi: RECORD_BYTES');
