import { ALIGNMENT } from './abi.ts';
import type { Core, CoreName, SharedCore } from './core.ts';
import { relaxedBytes, simdBytes } from './embedded.ts';

/** What the module exports (assembly/index.ts) and this file calls. */
interface CoreExports {
  run(state: number, program: number, count: number, repeat: number, team: number): number;
  dismiss(team: number, slot: number): void;
  heapBase(): number;
}

export const PAGE_BYTES = 65536;
/** Pages that 32-bit addresses reach; the modules are built with this maximum in their import of the memory. */
export const MAXIMUM_PAGES = 65536;

/** The cores that are WebAssembly. */
export type WasmName = Exclude<CoreName, 'js'>;

/** Compiled on first use, then shared by all cores of that name: tier-up is per module. */
const compiled: Partial<Record<WasmName, WebAssembly.Module>> = {};

/** Makes an instance of a module. */
export type Instantiate = (
  module: WebAssembly.Module,
  imports: { readonly env: { readonly memory: WebAssembly.Memory } },
) => WebAssembly.Instance;

/** What a core of WebAssembly is made with. */
export interface WasmTools {
  readonly instantiate: Instantiate;
  /** Copies a memory to one that threads can share; without, a core cannot be shared. */
  readonly share?: (name: WasmName, buffer: ArrayBuffer) => SharedCore | undefined;
}

const plainTools: WasmTools = {
  instantiate: (module, imports) => new WebAssembly.Instance(module, imports),
};

/** One instance of a module with a memory of its own. */
class WasmCore implements Core {
  readonly name: WasmName;
  readonly base: number;
  readonly #tools: WasmTools;
  #memory: WebAssembly.Memory = new WebAssembly.Memory({ initial: 1, maximum: MAXIMUM_PAGES });
  #exports: CoreExports;
  #shared: SharedCore | undefined = undefined;

  constructor(name: WasmName, module: WebAssembly.Module, tools: WasmTools) {
    this.name = name;
    this.#tools = tools;
    this.#exports = this.#instance(module);
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
    const shared = this.#tools.share?.(this.name, this.buffer);
    if (!shared) return undefined;
    this.#memory = shared.memory;
    this.#exports = this.#instance(shared.module);
    return shared;
  }

  /** The exports are those of the instance itself: a loader may wrap each in a slower function. */
  #instance(module: WebAssembly.Module): CoreExports {
    const { exports } = this.#tools.instantiate(module, { env: { memory: this.#memory } });
    return exports as unknown as CoreExports;
  }
}

/**
 * A new SIMD core. Compiles the embedded module synchronously when it is the first.
 *
 * @param tools - what it is made with; what engines have when absent
 * @throws {WebAssembly.CompileError} when the engine has no SIMD or a content security policy forbids compilation
 */
export function createSimdCore(tools: WasmTools = plainTools): Core {
  compiled.simd ??= new WebAssembly.Module(simdBytes());
  return new WasmCore('simd', compiled.simd, tools);
}

/**
 * A new core with fused multiply-add. Compiles its module synchronously when it is the first.
 *
 * @param tools - as for {@link createSimdCore}
 * @throws {RangeError} when the engine has no relaxed SIMD
 * @throws {WebAssembly.CompileError} when a content security policy forbids compilation
 */
export function createRelaxedCore(tools: WasmTools = plainTools): Core {
  compiled.relaxed ??= compileRelaxed();
  return new WasmCore('relaxed', compiled.relaxed, tools);
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

/**
 * Whether an error of creating a core says that there is no WebAssembly, no SIMD, or that a content security policy (an EvalError in
 * Safari) refuses it.
 */
export function isUnavailable(error: unknown): boolean {
  if (typeof WebAssembly === 'undefined') return true;
  return error instanceof WebAssembly.CompileError || error instanceof EvalError;
}
