import * as abi from '../abi.ts';
import type { Views } from './views.ts';

/** One decoded record: field names, order and meaning are those of abi.ts. */
export class Instruction {
  readonly opcode: number;
  readonly out: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly rows: number;
  readonly columns: number;
  readonly inner: number;
  readonly outStride: number;
  readonly aStride: number;
  readonly bStride: number;
  readonly kind: number;
  readonly scale: number;
  readonly scale2: number;
  readonly index: number;
  readonly d: number;

  constructor({ u32, f32 }: Views, record: number) {
    const word = (field: number): number => u32[(record + field) >>> 2]!;
    this.opcode = word(abi.FIELD_OPCODE);
    this.out = word(abi.FIELD_OUT);
    this.a = word(abi.FIELD_A);
    this.b = word(abi.FIELD_B);
    this.c = word(abi.FIELD_C);
    this.rows = word(abi.FIELD_ROWS);
    this.columns = word(abi.FIELD_COLUMNS);
    this.inner = word(abi.FIELD_INNER);
    this.outStride = word(abi.FIELD_OUT_STRIDE);
    this.aStride = word(abi.FIELD_A_STRIDE);
    this.bStride = word(abi.FIELD_B_STRIDE);
    this.kind = word(abi.FIELD_KIND);
    this.scale = f32[(record + abi.FIELD_SCALE) >>> 2]!;
    this.scale2 = f32[(record + abi.FIELD_SCALE2) >>> 2]!;
    this.index = word(abi.FIELD_INDEX);
    this.d = word(abi.FIELD_D);
  }
}
