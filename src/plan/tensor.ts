import { LANES } from '../core/abi.ts';

/** What makes a tensor more than a plain matrix. */
export interface TensorOptions {
  /** Instead of values: the table of lists of the nonzeros, for products alone. */
  readonly nonzeros?: Tensor;
  /** The columns are so many blocks of equal width, each padded to whole vectors; 1 when absent. */
  readonly gates?: number;
  /** Of a parameter: the user sees rows and columns exchanged; true when absent. */
  readonly transposed?: boolean;
}

/** A block of rows and columns of a tensor. What is absent reaches from the first or to the last. */
export interface Part {
  readonly firstRow?: number;
  readonly rows?: number;
  /** Counted with the padding between gates; a multiple of `LANES` for instructions that work on whole vectors. */
  readonly firstColumn?: number;
  readonly columns?: number;
}

/**
 * A named matrix in linear memory: f32, row-major, rows `stride` floats apart.
 *
 * Its address is assigned when the region it belongs to is placed.
 */
export class Tensor {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  /** Blocks of columns; see {@link TensorOptions}. */
  readonly gates: number;
  /** Floats from one row to the next: `columns` rounded up to whole SIMD vectors, gate by gate. */
  readonly stride: number;
  readonly nonzeros: Tensor | undefined;
  readonly transposed: boolean;
  readonly #origin: { readonly tensor: Tensor; readonly bytes: number } | undefined;
  #address = 0;

  constructor(
    name: string,
    rows: number,
    columns: number,
    options: TensorOptions & { origin?: { tensor: Tensor; bytes: number; stride: number } } = {},
  ) {
    this.name = name;
    this.rows = rows;
    this.columns = columns;
    this.gates = options.gates ?? 1;
    this.stride = options.origin?.stride ?? this.gates * roundUp(columns / this.gates, LANES);
    this.nonzeros = options.nonzeros;
    this.transposed = options.transposed ?? true;
    this.#origin = options.origin;
  }

  /** Byte address of the first element; 0 until placed. */
  get address(): number {
    if (!this.#origin) return this.#address;
    const { tensor, bytes } = this.#origin;
    return tensor.address && tensor.address + bytes;
  }

  set address(address: number) {
    this.#address = address;
  }

  /** Floats of a row that kernels work on: its columns, and with several gates the padding between them too. */
  get width(): number {
    return this.gates === 1 ? this.columns : this.stride;
  }

  /** Where in a row the value of a column is, padding between gates counted. */
  position(column: number): number {
    const gate = this.columns / this.gates;
    return Math.floor(column / gate) * (this.stride / this.gates) + (column % gate);
  }

  /** A block of this tensor as a tensor of its own, in the same memory. */
  part(name: string, part: Part): Tensor {
    const { firstRow = 0, rows = this.rows - firstRow, firstColumn = 0 } = part;
    const columns = part.columns ?? this.width - firstColumn;
    const bytes = (firstRow * this.stride + firstColumn) * 4;
    return new Tensor(name, rows, columns, {
      origin: { tensor: this, bytes, stride: this.stride },
    });
  }

  /** The same memory with every gate of every row as a row of its own. */
  gateRows(): Tensor {
    const { gates } = this;
    const origin = { tensor: this, bytes: 0, stride: this.stride / gates };
    return new Tensor(this.name, this.rows * gates, this.columns / gates, { origin });
  }

  /** Floats from the first to the last row, padding included. */
  get length(): number {
    return this.rows * this.stride;
  }

  /** The tensor's memory as a view; valid until the memory grows. */
  view(buffer: ArrayBuffer): Float32Array {
    return new Float32Array(buffer, this.address, this.length);
  }

  /** Name and shape as listings print them: `layers.0.z[32, 10]`. */
  toString(): string {
    return `${this.name}[${this.rows}, ${this.columns}]`;
  }
}

/** The smallest multiple of `step` that is not below `value`. */
export function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

/**
 * Copies row-major values without padding into a tensor, and leaves its padding alone.
 *
 * @param values - at least (first + rows) × columns numbers
 * @param first - first row of `values` to copy
 * @param rows - rows to copy, to the top of the tensor
 */
export function writeRows(
  buffer: ArrayBuffer,
  tensor: Tensor,
  values: ArrayLike<number>,
  first: number = 0,
  rows: number = tensor.rows,
): void {
  const { columns, stride } = tensor;
  const target = tensor.view(buffer);
  const start = first * columns;
  if (columns === stride && ArrayBuffer.isView(values)) {
    target.set((values as Float32Array).subarray(start, start + rows * columns));
    return;
  }
  for (let row = 0; row < rows; row++) {
    const from = start + row * columns;
    const to = row * stride;
    for (let column = 0; column < columns; column++) target[to + column] = values[from + column]!;
  }
}

/** Copies the first `rows` rows of a tensor out, without padding, into `values` from row `first` on. */
export function readRows(
  buffer: ArrayBuffer,
  tensor: Tensor,
  values: Float32Array,
  first: number = 0,
  rows: number = tensor.rows,
): void {
  const { columns, stride } = tensor;
  const source = tensor.view(buffer);
  if (columns === stride) {
    values.set(source.subarray(0, rows * columns), first * columns);
    return;
  }
  for (let row = 0; row < rows; row++) {
    const from = row * stride;
    const to = (first + row) * columns;
    for (let column = 0; column < columns; column++) values[to + column] = source[from + column]!;
  }
}

/**
 * Copies row-major values, example after example, into a tensor of steps × examples rows, and leaves its padding alone.
 *
 * @param steps - steps of every example in `values`
 * @param first - first example of `values` to copy
 */
export function writeSteps(
  buffer: ArrayBuffer,
  tensor: Tensor,
  values: ArrayLike<number>,
  steps: number,
  first: number = 0,
): void {
  const { columns, stride } = tensor;
  const examples = tensor.rows / steps;
  const target = tensor.view(buffer);
  for (let step = 0; step < steps; step++) {
    for (let example = 0; example < examples; example++) {
      const from = ((first + example) * steps + step) * columns;
      const to = (step * examples + example) * stride;
      for (let column = 0; column < columns; column++) target[to + column] = values[from + column]!;
    }
  }
}

/** Copies a tensor of steps × examples rows out, example after example, into `values` from example `first` on. */
export function readSteps(
  buffer: ArrayBuffer,
  tensor: Tensor,
  values: Float32Array,
  steps: number,
  first: number = 0,
): void {
  const { columns, stride } = tensor;
  const examples = tensor.rows / steps;
  const source = tensor.view(buffer);
  for (let step = 0; step < steps; step++) {
    for (let example = 0; example < examples; example++) {
      const from = (step * examples + example) * stride;
      const to = ((first + example) * steps + step) * columns;
      for (let column = 0; column < columns; column++) values[to + column] = source[from + column]!;
    }
  }
}

/** Writes one word per row to a tensor of one column. */
export function writeWords(buffer: ArrayBuffer, tensor: Tensor, words: ArrayLike<number>): void {
  const target = new Uint32Array(buffer, tensor.address, tensor.length);
  for (let row = 0; row < tensor.rows; row++) target[row * tensor.stride] = words[row]!;
}
