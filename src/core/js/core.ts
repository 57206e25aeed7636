import { ALIGNMENT } from '../abi.ts';
import type { Core, CoreName } from '../core.ts';
import { interpret } from './interpreter.ts';
import { Views } from './views.ts';

/** Addresses in a program are unsigned 32-bit numbers. */
const LARGEST_MEMORY = 2 ** 32;

/**
 * The core in plain TypeScript: the same bits as the SIMD core, for pages whose policy forbids WebAssembly, for
 * differential testing and as the baseline of the benchmarks.
 */
export class JsCore implements Core {
  readonly name: CoreName = 'js';
  /** Address 0 stays unused: in a record it means "none". */
  readonly base: number = ALIGNMENT;
  #views: Views = new Views(new ArrayBuffer(ALIGNMENT));

  get buffer(): ArrayBuffer {
    return this.#views.buffer;
  }

  grow(bytes: number): void {
    if (bytes <= this.buffer.byteLength) return;
    if (bytes > LARGEST_MEMORY) {
      throw new RangeError(`memory: expected at most ${LARGEST_MEMORY} bytes, got ${bytes}`);
    }
    const larger = new ArrayBuffer(Math.ceil(bytes / ALIGNMENT) * ALIGNMENT);
    new Uint8Array(larger).set(new Uint8Array(this.buffer));
    this.#views = new Views(larger);
  }

  run(state: number, program: number, count: number, repeat: number): number {
    return interpret(this.#views, state, program, count, repeat);
  }

  share(): undefined {
    return undefined;
  }

  dismiss(): void {
    throw new Error('the js core has one thread');
  }
}
