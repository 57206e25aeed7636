/**
 * A core: linear memory and an interpreter of programs (see `abi.ts`).
 */
export interface Core {
  /** Which core this is. */
  readonly name: CoreName;
  /**
   * The linear memory. A new object after every {@link Core.grow} and {@link Core.share}: take views late, never keep them across
   * these. Copy what leaves the library: after `share` this is a SharedArrayBuffer, which other interfaces refuse or do not copy.
   */
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
   * @param team - address of the block of a team whose helpers take part (see `abi.ts`); 0 for one thread
   * @returns how often the program ran to its end; less than `repeat` when a cost or a gradient was not finite, see `STATE_STOP`
   */
  run(state: number, program: number, count: number, repeat: number, team?: number): number;
  /**
   * Moves to a memory that other threads can share, every address staying the same; at once when that has been done.
   *
   * @returns what another thread needs to help, or `undefined` when this core or the engine has no shared memory
   * @throws {RangeError} when the engine refuses that much of it
   */
  share(): SharedCore | undefined;
  /** Sends the helper of a slot away (see `abi.ts`); only after {@link Core.share} and between runs. */
  dismiss(team: number, slot: number): void;
}

/** What makes an instance of a core in another thread. Both can be sent there in a message. */
export interface SharedCore {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
}

/**
 * The names of the cores: `simd` is WebAssembly with 128-bit SIMD, `js` is plain TypeScript with the same bits.
 *
 * `relaxed` is `simd` with fused multiply-add in the matrix product: faster, but its bits are those of the CPU at hand.
 */
export type CoreName = 'simd' | 'js' | 'relaxed';
