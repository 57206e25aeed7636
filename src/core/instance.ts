import { instantiateSync } from '@assemblyscript/loader';
import { ALIGNMENT } from './abi.ts';
import type { Core, CoreName } from './core.ts';
import { relaxedBytes, simdBytes } from './embedded.ts';

/** What the module exports (assembly/index.ts) and this file calls. */
interface CoreExports {
  run(state: number, program: number, count: number, repeat: number): number;
  heapBase(): number;
}

const PAGE_BYTES = 65536;

/** The cores that are WebAssembly. */
type WasmName = Exclude<CoreName, 'js'>;

/** Compiled on first use, then shared by all cores of that name: tier-up is per module. */
const compiled: Partial<Record<WasmName, WebAssembly.Module>> = {};

/** One instance of a module with a memory of its own. */
class WasmCore implements Core {
  readonly name: WasmName;
  readonly base: number;
  readonly #memory: WebAssembly.Memory = new WebAssembly.Memory({ initial: 1 });
  readonly #run: CoreExports['run'];

  constructor(name: WasmName, module: WebAssembly.Module) {
    this.name = name;
    const { instance } = instantiateSync(module, { env: { memory: this.#memory } });
    // The exports of the instance itself: the loader wraps each of its own in a slower function.
    const exports = instance.exports as unknown as CoreExports;
    this.#run = exports.run;
    this.base = Math.ceil(exports.heapBase() / ALIGNMENT) * ALIGNMENT;
  }

  get buffer(): ArrayBuffer {
    return this.#memory.buffer;
  }

  grow(bytes: number): void {
    const missing = bytes - this.buffer.byteLength;
    if (missing <= 0) return;
    try {
      this.#memory.grow(Math.ceil(missing / PAGE_BYTES));
    } catch (cause) {
      throw new RangeError(`memory: the engine refused to provide ${bytes} bytes`, { cause });
    }
  }

  run(state: number, program: number, count: number, repeat: number): number {
    return this.#run(state, program, count, repeat);
  }
}

/**
 * A new SIMD core. Compiles the embedded module synchronously when it is the first.
 *
 * @throws {WebAssembly.CompileError} when the engine has no SIMD or a content security policy forbids compilation
 */
export function createSimdCore(): Core {
  compiled.simd ??= new WebAssembly.Module(simdBytes());
  return new WasmCore('simd', compiled.simd);
}

/**
 * A new core with fused multiply-add. Compiles its module synchronously when it is the first.
 *
 * @throws {RangeError} when the engine has no relaxed SIMD
 * @throws {WebAssembly.CompileError} when a content security policy forbids compilation
 */
export function createRelaxedCore(): Core {
  compiled.relaxed ??= compileRelaxed();
  return new WasmCore('relaxed', compiled.relaxed);
}

function compileRelaxed(): WebAssembly.Module {
  const binary = relaxedBytes();
  if (!hasRelaxedSimd(binary)) {
    throw new RangeError(
      "core 'relaxed' needs WebAssembly with relaxed SIMD, which this engine does not have; use 'simd'",
    );
  }
  return new WebAssembly.Module(binary);
}

/** Validation asks the engine alone: it does not compile, so no content security policy has a say in it. */
function hasRelaxedSimd(binary: Uint8Array<ArrayBuffer>): boolean {
  return typeof WebAssembly !== 'undefined' && WebAssembly.validate(binary);
}
