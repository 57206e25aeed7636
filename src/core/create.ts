import type { Core, CoreName } from './core.ts';
import { createRelaxedCore, createSimdCore, isUnavailable, type WasmTools } from './instance.ts';
import { JsCore } from './js/core.ts';
import { instantiateWithLoader } from './loader.ts';
import { shareMemory } from './share.ts';

const tools: WasmTools = { instantiate: instantiateWithLoader, share: shareMemory };

let warned = false;

/**
 * Makes a core with a memory of its own.
 *
 * @param choice - a core, or `auto`: `simd` where the engine allows it and otherwise `js`, with one warning on the console
 * @throws {RangeError} for `relaxed` when the engine has no relaxed SIMD
 */
export function createCore(choice: CoreName | 'auto'): Core {
  if (choice === 'js') return new JsCore();
  if (choice === 'simd') return createSimdCore(tools);
  if (choice === 'relaxed') return createRelaxedCore(tools);
  try {
    return createSimdCore(tools);
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    warnOnce(error);
    return new JsCore();
  }
}

function warnOnce(error: unknown): void {
  if (warned) return;
  warned = true;
  console.warn(
    'chainrule: WebAssembly with SIMD is not available here, so the slower JavaScript core is used (same results). ' +
      "Under a content security policy, script-src needs 'wasm-unsafe-eval'.",
    error,
  );
}
