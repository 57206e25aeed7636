import { LANES } from '../core/abi.ts';

/**
 * A named matrix in linear memory: f32, row-major, rows `stride` floats apart.
 *
 * Its address is assigned when the region it belongs to is placed.
 */
export class Tensor {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  /** Floats from one row to the next: `columns` rounded up to whole SIMD vectors. */
  readonly stride: number;
  /** Instead of values: the table of lists of the nonzeros, for products alone. */
  readonly nonzeros: Tensor | undefined;
  /** Byte address of the first element; 0 until placed. */
  address: number = 0;

  constructor(name: string, rows: number, columns: number, nonzeros?: Tensor) {
    this.name = name;
    this.rows = rows;
    this.columns = columns;
    this.stride = roundUp(columns, LANES);
    this.nonzeros = nonzeros;
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
