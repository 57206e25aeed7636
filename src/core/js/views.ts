/**
 * Typed views of one linear memory. They are replaced together whenever the memory grows.
 */
export class Views {
  /** The memory itself. */
  readonly buffer: ArrayBuffer;
  /** Matrices and vectors. */
  readonly f32: Float32Array;
  /** Records, row orders and labels. */
  readonly u32: Uint32Array;
  /** The state block. */
  readonly f64: Float64Array;

  /** @param buffer - a memory of a multiple of 8 bytes */
  constructor(buffer: ArrayBuffer) {
    this.buffer = buffer;
    this.f32 = new Float32Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.f64 = new Float64Array(buffer);
  }
}
