import type { SharedCore } from './core.ts';
import { relaxedBytes, simdBytes } from './embedded.ts';
import { MAXIMUM_PAGES, PAGE_BYTES, type WasmName } from './instance.ts';

/** The modules for shared memory, compiled on first use. */
const compiled: Partial<Record<WasmName, WebAssembly.Module>> = {};

/** A module's import of its memory in the binary format: the name, kind 2, then the flag of its limits: 1 with a maximum, 3 shared. */
const MEMORY_IMPORT = [6, ...new TextEncoder().encode('memory'), 2];
const SHARED_FLAG = 3;

/**
 * Copies the memory of a core to one that other threads can share.
 *
 * @returns what another thread needs to help, or `undefined` where the engine has no shared memory
 * @throws {RangeError} when the engine refuses that much of it
 */
export function shareMemory(name: WasmName, buffer: ArrayBuffer): SharedCore | undefined {
  if (!hasSharedMemory()) return undefined;
  const initial = buffer.byteLength / PAGE_BYTES;
  const memory = new WebAssembly.Memory({ initial, maximum: MAXIMUM_PAGES, shared: true });
  new Uint8Array(memory.buffer).set(new Uint8Array(buffer));
  const module = (compiled[name] ??= compileShared(name));
  return { module, memory };
}

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

/** Whether memory can be shared with other threads: everywhere but in pages that are not isolated from other sites. */
function hasSharedMemory(): boolean {
  return typeof SharedArrayBuffer !== 'undefined' && globalThis.crossOriginIsolated !== false;
}
