import * as abi from '../../src/core/abi.ts';
import type { Core } from '../../src/core/core.ts';

/** A matrix in the memory of a core: row-major, `stride` floats between rows. */
export interface Matrix {
  address: number;
  rows: number;
  columns: number;
  stride: number;
}

/** The fields of a record; those left out are 0. */
export interface Instruction {
  opcode: number;
  out?: number | undefined;
  a?: number | undefined;
  b?: number | undefined;
  c?: number | undefined;
  rows?: number | undefined;
  columns?: number | undefined;
  inner?: number | undefined;
  outStride?: number | undefined;
  aStride?: number | undefined;
  bStride?: number | undefined;
  kind?: number | undefined;
  scale?: number | undefined;
  scale2?: number | undefined;
  index?: number | undefined;
  d?: number | undefined;
}

/** What every word outside a region holds: a NaN, so that reading it spoils the result and writing it shows. */
const GUARD = 0x7fc0dead;
/** The same addresses for every core, so that their memories can be compared word by word. */
const START = 65536;
const BYTES = 524288;
/** The first address for regions: behind the state block and the scratch memory, which belongs to the core. */
const REGIONS = START + abi.STATE_BYTES + abi.SCRATCH_BYTES;

/** Lays out one test in the memory of a core: a state block, then regions with guard words around them. */
export class Arena {
  readonly core: Core;
  readonly state: number = START;
  /** Floats between the rows of the matrices, by their addresses. */
  readonly strides: Map<number, number> = new Map();
  /** Copy of the memory taken just before the last run. */
  #before: Uint32Array = new Uint32Array();
  #top: number;

  constructor(core: Core) {
    if (core.base > START) throw new Error(`core.base is ${core.base}, expected at most ${START}`);
    this.core = core;
    core.grow(BYTES);
    this.#top = REGIONS;
    new Uint32Array(core.buffer, START, (BYTES - START) / 4).fill(GUARD);
    new Float64Array(core.buffer, START, abi.STATE_BYTES / 8).fill(0);
  }

  /** A new matrix with these values; `extra` vectors of padding behind the necessary ones, all padding floats = `padding`. */
  matrix(values: number[][], columns: number, { extra = 0, padding = 0 } = {}): Matrix {
    const stride = (Math.ceil(columns / abi.LANES) + extra) * abi.LANES;
    const address = this.#reserve(values.length * stride);
    const floats = new Float32Array(this.core.buffer, address, values.length * stride).fill(
      padding,
    );
    values.forEach((row, i) => floats.set(row, i * stride));
    this.strides.set(address, stride);
    return { address, rows: values.length, columns, stride };
  }

  /** A new vector, padded with zeros to whole SIMD vectors. */
  vector(values: number[]): Matrix {
    return this.matrix([values], values.length);
  }

  /** A new array of u32. */
  words(values: number[]): number {
    const address = this.#reserve(values.length);
    new Uint32Array(this.core.buffer, address, values.length).set(values);
    return address;
  }

  /** Encodes the instructions and runs them. */
  run(instructions: Instruction[], repeat = 1): number {
    const program = this.#reserve((instructions.length * abi.RECORD_BYTES) / 4);
    new Uint8Array(this.core.buffer, program, instructions.length * abi.RECORD_BYTES).fill(0);
    instructions.forEach((instruction, i) => {
      const bytes = new DataView(this.core.buffer, program + i * abi.RECORD_BYTES);
      encode(bytes, instruction);
    });
    this.#before = new Uint32Array(this.core.buffer.slice(0, BYTES));
    return this.core.run(this.state, program, instructions.length, repeat);
  }

  /** The data of a matrix. */
  read({ address, rows, columns, stride }: Matrix): number[][] {
    const floats = new Float32Array(this.core.buffer, address, rows * stride);
    return Array.from({ length: rows }, (_, i) => [
      ...floats.subarray(i * stride, i * stride + columns),
    ]);
  }

  /** The floats between `columns` and the stride, of all rows. */
  padding({ address, rows, columns, stride }: Matrix): number[] {
    const floats = [...new Float32Array(this.core.buffer, address, rows * stride)];
    return floats.filter((_, i) => i % stride >= columns);
  }

  /** A register of the state block (STATE_*). */
  register(register: number): number {
    return new Float64Array(this.core.buffer, this.state + register, 1)[0];
  }

  /** Sets a register of the state block. */
  setRegister(register: number, value: number): void {
    new Float64Array(this.core.buffer, this.state + register, 1)[0] = value;
  }

  /** Addresses outside these matrices, guard words and operands alike, that the last run has changed. */
  changedOutside(outputs: Matrix[]): number[] {
    const words = new Uint32Array(this.core.buffer);
    const allowed = new Set<number>();
    for (const { address, rows, stride } of outputs) {
      for (let i = 0; i < rows * stride; i++) allowed.add(address / 4 + i);
    }
    const changed: number[] = [];
    for (let i = REGIONS / 4; i < BYTES / 4; i++) {
      if (words[i] !== this.#before[i] && !allowed.has(i)) changed.push(i * 4);
    }
    return changed;
  }

  /** State block and regions as 32-bit words, every NaN replaced by one. */
  bits(): Uint32Array {
    const state = new Uint32Array(this.core.buffer, START, abi.STATE_BYTES / 4);
    const words = new Uint32Array(this.core.buffer, REGIONS, (this.#top - REGIONS) / 4);
    return Uint32Array.from([...state, ...words], (word) =>
      (word & 0x7fffffff) > 0x7f800000 ? GUARD : word,
    );
  }

  #reserve(words: number): number {
    const start = Math.ceil((this.#top + 4) / abi.ALIGNMENT) * abi.ALIGNMENT;
    this.#top = start + words * 4;
    if (this.#top + 4 > BYTES) throw new Error('arena: full');
    return start;
  }
}

function encode(bytes: DataView, instruction: Instruction): void {
  const integer = (field: number, value = 0): void => bytes.setUint32(field, value, true);
  integer(abi.FIELD_OPCODE, instruction.opcode);
  integer(abi.FIELD_OUT, instruction.out);
  integer(abi.FIELD_A, instruction.a);
  integer(abi.FIELD_B, instruction.b);
  integer(abi.FIELD_C, instruction.c);
  integer(abi.FIELD_ROWS, instruction.rows);
  integer(abi.FIELD_COLUMNS, instruction.columns);
  integer(abi.FIELD_INNER, instruction.inner);
  integer(abi.FIELD_OUT_STRIDE, instruction.outStride);
  integer(abi.FIELD_A_STRIDE, instruction.aStride);
  integer(abi.FIELD_B_STRIDE, instruction.bStride);
  integer(abi.FIELD_KIND, instruction.kind);
  bytes.setFloat32(abi.FIELD_SCALE, instruction.scale ?? 0, true);
  bytes.setFloat32(abi.FIELD_SCALE2, instruction.scale2 ?? 0, true);
  integer(abi.FIELD_INDEX, instruction.index);
  integer(abi.FIELD_D, instruction.d);
}
