/**
 * A core: linear memory and an interpreter of programs (see `abi.ts`).
 */
export interface Core {
  /** Which core this is. */
  readonly name: CoreName;
  /** The linear memory. A new object after every {@link Core.grow}: take views late, never keep them across a grow. */
  readonly buffer: ArrayBuffer;
  /** First address the arena may use, a multiple of `ALIGNMENT`; everything below belongs to the core. */
  readonly base: number;
  /**
   * Makes `buffer` at least `bytes` long, keeping its contents.
   *
   * @throws {RangeError} when the engine refuses that much memory
   */
  grow(bytes: number): void;
  /**
   * Interprets `count` records at `program`, in order, `repeat` times.
   *
   * @param state - address of the state block, followed by `SCRATCH_BYTES` of scratch
   * @param program - address of the first record
   * @returns how often the program ran to its end; less than `repeat` when a cost or a gradient was not finite, see `STATE_STOP`
   */
  run(state: number, program: number, count: number, repeat: number): number;
}

/**
 * The names of the cores: `simd` is WebAssembly with 128-bit SIMD, `js` is plain TypeScript with the same bits.
 *
 * `relaxed` is `simd` with fused multiply-add in the matrix product: faster, but its bits are those of the CPU at hand.
 */
export type CoreName = 'simd' | 'js' | 'relaxed';
