import { ALIGNMENT } from '../core/abi.ts';
import type { Core } from '../core/core.ts';
import { NetworkError } from '../errors.ts';
import { roundUp } from './tensor.ts';

/** Wasm addresses have 32 bits; the last page is left free so that an end address still fits. */
export const MAXIMUM_BYTES: number = 2 ** 32 - 65536;

const SMALLER = 'Use smaller layers, a smaller batchSize, or train on part of the data at a time.';

interface Region {
  readonly address: number;
  readonly bytes: number;
}

/**
 * Hands out regions of a core's linear memory: first fit, ordered by address.
 *
 * Everything is placed here before a run starts; a core never allocates. Regions are zero when they are handed out.
 */
export class Arena {
  readonly #core: Core;
  readonly #regions: Region[] = [];
  /** Memory from here on has never been handed out and is still zero. */
  #untouched: number;

  constructor(core: Core) {
    this.#core = core;
    this.#untouched = core.base;
  }

  /** Bytes from the start of memory to the end of the last region. */
  get end(): number {
    const last = this.#regions.at(-1);
    return last ? last.address + last.bytes : this.#core.base;
  }

  /**
   * Reserves a zeroed region.
   *
   * @param bytes - its size
   * @param purpose - what it is for, named in the error
   * @param advice - how to need less
   * @returns its address, a multiple of `ALIGNMENT`
   * @throws {NetworkError} `OUT_OF_MEMORY` with the size, when 32-bit addresses or the engine do not reach that far
   */
  allocate(bytes: number, purpose: string, advice: string = SMALLER): number {
    const size = roundUp(Math.max(bytes, 1), ALIGNMENT);
    const { address, index } = this.#firstGap(size);
    const end = address + size;
    if (end > MAXIMUM_BYTES) throw outOfMemory(purpose, bytes, end, advice);
    try {
      this.#core.grow(end);
    } catch (error) {
      if (error instanceof RangeError) throw outOfMemory(purpose, bytes, end, advice);
      throw error;
    }
    const used = Math.min(end, this.#untouched) - address;
    if (used > 0) new Uint8Array(this.#core.buffer, address, used).fill(0);
    this.#untouched = Math.max(this.#untouched, end);
    this.#regions.splice(index, 0, { address, bytes: size });
    return address;
  }

  /** Gives back the region at `address`. */
  free(address: number): void {
    const index = this.#regions.findIndex((region) => region.address === address);
    if (index >= 0) this.#regions.splice(index, 1);
  }

  #firstGap(size: number): { address: number; index: number } {
    let address = this.#core.base;
    for (const [index, region] of this.#regions.entries()) {
      if (region.address - address >= size) return { address, index };
      address = region.address + region.bytes;
    }
    return { address, index: this.#regions.length };
  }
}

function outOfMemory(purpose: string, bytes: number, end: number, advice: string): NetworkError {
  return new NetworkError(
    'OUT_OF_MEMORY',
    `${purpose}: needs ${formatBytes(bytes)}, which brings the network to ${formatBytes(end)}; ` +
      `at most ${formatBytes(MAXIMUM_BYTES)} are addressable, and this engine may offer less. ` +
      advice,
  );
}

/** A byte count for people: `18.4 MiB`. */
export function formatBytes(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return unit === 0 ? `${value} bytes` : `${value.toFixed(1)} ${units[unit]}`;
}
