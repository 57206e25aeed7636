import { instantiateSync } from '@assemblyscript/loader';
import { ALIGNMENT } from './abi.ts';
import type { Core, CoreName, SharedCore } from './core.ts';
import { relaxedBytes, simdBytes } from './embedded.ts';

/** What the module exports (assembly/index.ts) and this file calls. */
interface CoreExports {
  run(state: number, program: number, count: number, repeat: number, team: number): number;
  dismiss(team: number, slot: number): void;
  heapBase(): number;
}

const PAGE_BYTES = 65536;
/** Pages that 32-bit addresses reach; the modules are built with this maximum in their import of the memory. */
const MAXIMUM_PAGES = 65536;

/** The cores that are WebAssembly. */
type WasmName = Exclude<CoreName, 'js'>;

/** Compiled on first use, then shared by all cores of that name: tier-up is per module. */
const compiled: Partial<Record<WasmName, WebAssembly.Module>> = {};
/** The same for shared memory. */
const compiledShared: Partial<Record<WasmName, WebAssembly.Module>> = {};

/** A module's import of its memory in the binary format: the name, kind 2, then the flag of its limits: 1 with a maximum, 3 shared. */
const MEMORY_IMPORT = [6, ...new TextEncoder().encode('memory'), 2];
const SHARED_FLAG = 3;

/**
 * The module for shared memory. Code for shared and for unshared memory is the same, down to the atomic instructions, but a module
 * can import only one kind: so one binary is delivered, and here the flag in its import is changed.
 */
function compileShared(name: WasmName): WebAssembly.Module {
  const binary = name === 'simd' ? simdBytes() : relaxedBytes();
  const start = binary.findIndex((_, at) =>
    MEMORY_IMPORT.every((byte, i) => binary[at + i] === byte),
  );
  binary[start + MEMORY_IMPORT.length] = SHARED_FLAG;
  return new WebAssembly.Module(binary);
}

function createMemory(pages: number, shared: boolean): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: pages, maximum: MAXIMUM_PAGES, shared });
}

/** An instance of a module. The exports are those of the instance itself: the loader wraps each of its own in a slower function. */
function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): CoreExports {
  return instantiateSync(module, { env: { memory } }).instance.exports as unknown as CoreExports;
}

/** One instance of a module with a memory of its own. */
class WasmCore implements Core {
  readonly name: WasmName;
  readonly base: number;
  #memory: WebAssembly.Memory = createMemory(1, false);
  #exports: CoreExports;
  #shared: SharedCore | undefined = undefined;

  constructor(name: WasmName, module: WebAssembly.Module) {
    this.name = name;
    this.#exports = instantiate(module, this.#memory);
    this.base = Math.ceil(this.#exports.heapBase() / ALIGNMENT) * ALIGNMENT;
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

  run(state: number, program: number, count: number, repeat: number, team: number = 0): number {
    return this.#exports.run(state, program, count, repeat, team);
  }

  share(): SharedCore | undefined {
    this.#shared ??= this.#moveToSharedMemory();
    return this.#shared;
  }

  dismiss(team: number, slot: number): void {
    this.#exports.dismiss(team, slot);
  }

  #moveToSharedMemory(): SharedCore | undefined {
    if (!hasSharedMemory()) return undefined;
    const { buffer } = this.#memory;
    const memory = createMemory(buffer.byteLength / PAGE_BYTES, true);
    new Uint8Array(memory.buffer).set(new Uint8Array(buffer));
    const module = (compiledShared[this.name] ??= compileShared(this.name));
    this.#exports = instantiate(module, memory);
    this.#memory = memory;
    return { module, memory };
  }
}

/** Whether memory can be shared with other threads: everywhere but in pages that are not isolated from other sites. */
function hasSharedMemory(): boolean {
  return typeof SharedArrayBuffer !== 'undefined' && globalThis.crossOriginIsolated !== false;
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
