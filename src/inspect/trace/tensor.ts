import type { Tensor } from '../../plan/tensor.ts';
import { readRows } from '../../plan/tensor.ts';

/** Numbers of a trace with their shape. */
export class TracedTensor {
  /** What it is: `z`, `a`, `dC/da`, …, or its name in the program. */
  readonly name: string;
  /** `[examples, units]` for what a layer computes, the parameter's own shape for its derivatives. */
  readonly shape: readonly number[];
  /** Row-major: one row per example, or one row per neuron. */
  readonly values: Float32Array;

  constructor(name: string, shape: readonly number[], values: Float32Array) {
    this.name = name;
    this.shape = shape;
    this.values = values;
  }

  /**
   * One number: `z.at(example, unit)`, `W.at(to, from)`, `b.at(unit)`.
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

  /** The numbers of one row: of one example, or of the weights that lead to one neuron. */
  row(index: number): Float32Array {
    const columns = this.values.length / this.shape[0]!;
    return this.values.subarray(index * columns, (index + 1) * columns);
  }
}

/** Copies a tensor of a program that has run. */
export function readTensor(buffer: ArrayBuffer, tensor: Tensor, name: string): TracedTensor {
  const values = new Float32Array(tensor.rows * tensor.columns);
  readRows(buffer, tensor, values);
  return new TracedTensor(name, [tensor.rows, tensor.columns], values);
}
