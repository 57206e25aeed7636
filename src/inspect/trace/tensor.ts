import type { Tensor } from '../../plan/tensor.ts';

/** Numbers of a trace with their shape. */
export class TracedTensor {
  /** What it is: `z`, `a`, `dC/da`, …, or its name in the program. */
  readonly name: string;
  /** `[examples, units]` for what a layer computes, `[examples, steps, units]` over sequences; the parameter's own shape for its derivatives. */
  readonly shape: readonly number[];
  /** Row-major. */
  readonly values: Float32Array;

  constructor(name: string, shape: readonly number[], values: Float32Array) {
    this.name = name;
    this.shape = shape;
    this.values = values;
  }

  /**
   * One number: `z.at(example, unit)`, `h.at(example, step, unit)`, `W.at(to, from)`, `b.at(unit)`.
   *
   * @throws {RangeError} for another number of indices than the shape has, or one outside it
   */
  at(...indices: readonly number[]): number {
    const inside =
      indices.length === this.shape.length &&
      this.shape.every(
        (size, axis) =>
          Number.isInteger(indices[axis]) && indices[axis]! >= 0 && indices[axis]! < size,
      );
    if (!inside) {
      throw new RangeError(
        `${this.name}.at(${indices.join(', ')}): expected indices below the shape [${this.shape.join(', ')}].`,
      );
    }
    return this.values[
      indices.reduce((offset, index, axis) => offset * this.shape[axis]! + index, 0)
    ]!;
  }

  /** The numbers of one example, or the weights that lead to one neuron. */
  row(index: number): Float32Array {
    const columns = this.values.length / this.shape[0]!;
    return this.values.subarray(index * columns, (index + 1) * columns);
  }
}

/** Copies a tensor of a program that has run, without padding. */
export function readTensor(buffer: ArrayBuffer, tensor: Tensor): TracedTensor {
  const { name, rows, columns, stride } = tensor;
  const source = tensor.view(buffer);
  const positions = Array.from({ length: columns }, (_, column) => tensor.position(column));
  const values = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      values[row * columns + column] = source[row * stride + positions[column]!]!;
    }
  }
  return new TracedTensor(name, [rows, columns], values);
}

/** Rows that are all examples of one step, then all of the next, as examples of steps: [T · B, n] → [B, T, n]. */
export function byExample({ name, shape, values }: TracedTensor, steps: number): TracedTensor {
  const [rows, columns] = shape as [number, number];
  const examples = rows / steps;
  const sorted = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    const to = (row % examples) * steps + Math.floor(row / examples);
    sorted.set(values.subarray(row * columns, (row + 1) * columns), to * columns);
  }
  return new TracedTensor(name, [examples, steps, columns], sorted);
}
