import * as abi from '../core/abi.ts';
import { TABLE_COLUMNS } from './nonzeros.ts';
import { roundUp, Tensor, type TensorOptions } from './tensor.ts';

/** One record of a program before it has addresses: operands by name, and what it computes in words. */
export interface Instruction {
  readonly opcode: number;
  readonly out?: Tensor;
  readonly a?: Tensor;
  readonly b?: Tensor;
  readonly c?: Tensor;
  readonly d?: Tensor;
  readonly rows?: number;
  readonly columns?: number;
  readonly inner?: number;
  readonly kind?: number;
  readonly scale?: number;
  readonly scale2?: number;
  /** Seed of a random instruction, below 2⁵³. Takes the place of a and b; aStride is then that of c. */
  readonly seed?: number;
  /** Substream of a random instruction; of a recurrent one, the kind of its products. */
  readonly index?: number;
  /** The formula, with tensor names: `layers.0.z = x · layers.0.Wᵀ + layers.0.b`. */
  readonly text: string;
}

/** A part of a program that can be run on its own. */
export interface Section {
  /** Index of its first instruction. */
  readonly first: number;
  readonly count: number;
}

/**
 * Collects the instructions of a program and the tensors it needs, then places both in memory.
 *
 * Tensors made here belong to the program's workspace; any other tensor must have its address already.
 */
export class ProgramBuilder {
  readonly instructions: Instruction[] = [];
  /** Whether several threads would be faster than one; known when the program has been placed. */
  divisible: boolean = false;
  readonly #keep: boolean;
  /** The features of the batch: STATE_INPUT_BOUND says how large they are. */
  input: Tensor | undefined;
  readonly #deferred: Instruction[] = [];
  readonly #workspace: { tensor: Tensor; offset: number }[] = [];
  #workspaceBytes = 0;

  /**
   * @param options.keep - give every tensor memory of its own, so that all of them can be read after a run; the numbers are the same
   */
  constructor({ keep = false }: { keep?: boolean | undefined } = {}) {
    this.#keep = keep;
  }

  /** The tensors of the workspace, in the order they were made. */
  get tensors(): readonly Tensor[] {
    return this.#workspace.map(({ tensor }) => tensor);
  }

  /** A new matrix in the workspace. */
  tensor(name: string, rows: number, columns: number, options: TensorOptions = {}): Tensor {
    const tensor = new Tensor(name, rows, columns, options);
    this.#workspace.push({ tensor, offset: this.#workspaceBytes });
    this.#workspaceBytes += roundUp(tensor.length * 4, abi.ALIGNMENT);
    return tensor;
  }

  /** A new matrix of which the workspace holds the table of its lists of nonzeros instead of values. */
  sparseTensor(name: string, rows: number, columns: number): Tensor {
    const nonzeros = this.tensor(`nonzero ${name}`, rows, TABLE_COLUMNS);
    return new Tensor(name, rows, columns, { nonzeros });
  }

  /**
   * Another name for a workspace tensor whose old contents are no longer needed, so that an instruction can work in place. Where
   * every tensor is to be kept, a new one.
   */
  reuse(tensor: Tensor, name: string): Tensor {
    const { rows, columns, gates } = tensor;
    if (this.#keep) return this.tensor(name, rows, columns, { gates });
    const alias = new Tensor(name, rows, columns, { gates });
    const entry = this.#workspace.find((candidate) => candidate.tensor === tensor);
    if (!entry) throw new Error(`${tensor.name} is not in the workspace`);
    this.#workspace.push({ tensor: alias, offset: entry.offset });
    return alias;
  }

  /** Appends an instruction; the shape fields that are not given come from `out`, or from `a` where nothing is written. */
  emit(instruction: Instruction): void {
    this.instructions.push(instruction);
  }

  /** Keeps an instruction back until {@link ProgramBuilder.emitDeferred}. */
  defer(instruction: Instruction): void {
    this.#deferred.push(instruction);
  }

  /** Appends the instructions that were kept back. */
  emitDeferred(): void {
    this.instructions.push(...this.#deferred.splice(0));
  }

  /** Emits with `body` and returns where in the program its instructions are. */
  section(body: () => unknown): Section {
    const first = this.instructions.length;
    body();
    return { first, count: this.instructions.length - first };
  }

  /** Emits with `body` what is to run `times` times in a row, and returns where its instructions are. */
  repeat(times: number, body: () => unknown): Section {
    const { first, count } = this.section(body);
    this.instructions.splice(first, 0, {
      opcode: abi.OP_REPEAT,
      rows: times,
      columns: count,
      text: `repeat the next ${count} instructions ${times} times`,
    });
    return { first: first + 1, count };
  }

  /** Bytes that the records and the workspace take together. */
  get bytes(): number {
    return this.#recordBytes() + this.#workspaceBytes;
  }

  /**
   * Gives every workspace tensor its address and writes the records.
   *
   * @param buffer - linear memory
   * @param address - start of a region of at least `bytes`: records first, then the workspace
   * @param writeParts - writes how several threads share an instruction; absent where there is only one thread
   */
  place(
    buffer: ArrayBuffer,
    address: number,
    writeParts?: (record: DataView, instruction: Instruction) => boolean,
  ): void {
    const workspace = address + this.#recordBytes();
    for (const { tensor, offset } of this.#workspace) tensor.address = workspace + offset;
    for (const [index, instruction] of this.instructions.entries()) {
      const record = new DataView(buffer, address + index * abi.RECORD_BYTES, abi.RECORD_BYTES);
      encode(record, instruction);
      if (writeParts?.(record, instruction)) this.divisible = true;
    }
  }

  #recordBytes(): number {
    return roundUp(this.instructions.length * abi.RECORD_BYTES, abi.ALIGNMENT);
  }
}

/** Writes one record. */
function encode(record: DataView, instruction: Instruction): void {
  const { out, a, b, c, d } = instruction;
  const shape = out ?? a;
  for (const operand of [out, a, b, c, d]) {
    if (operand?.address === 0) throw new Error(`${operand.name} has no place in memory`);
  }
  const integer = (field: number, value: number | undefined): void =>
    record.setUint32(field, value ?? 0, true);
  integer(abi.FIELD_OPCODE, instruction.opcode);
  integer(abi.FIELD_OUT, out?.address);
  const { seed } = instruction;
  integer(abi.FIELD_A, seed === undefined ? a?.address : seed % 2 ** 32);
  integer(abi.FIELD_B, seed === undefined ? b?.address : Math.floor(seed / 2 ** 32));
  integer(abi.FIELD_C, c?.address);
  integer(abi.FIELD_D, d?.address);
  integer(abi.FIELD_ROWS, instruction.rows ?? shape?.rows);
  integer(abi.FIELD_COLUMNS, instruction.columns ?? shape?.width);
  integer(abi.FIELD_INNER, instruction.inner);
  integer(abi.FIELD_OUT_STRIDE, out?.stride);
  integer(abi.FIELD_A_STRIDE, (seed === undefined ? a : c)?.stride);
  integer(abi.FIELD_B_STRIDE, b?.stride);
  integer(abi.FIELD_KIND, instruction.kind);
  integer(abi.FIELD_INDEX, instruction.index);
  record.setFloat32(abi.FIELD_SCALE, instruction.scale ?? 0, true);
  record.setFloat32(abi.FIELD_SCALE2, instruction.scale2 ?? 0, true);
}
