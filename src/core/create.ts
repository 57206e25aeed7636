import type { Core, CoreName } from './core.ts';
import { createRelaxedCore, createSimdCore } from './instance.ts';
import { JsCore } from './js/core.ts';

let warned = false;

/**
 * Makes a core with a memory of its own.
 *
 * @param choice - a core, or `auto`: `simd` where the engine allows it and otherwise `js`, with one warning on the console
 * @throws {RangeError} for `relaxed` when the engine has no relaxed SIMD
 */
export function createCore(choice: CoreName | 'auto'): Core {
  if (choice === 'js') return new JsCore();
  if (choice === 'simd') return createSimdCore();
  if (choice === 'relaxed') return createRelaxedCore();
  try {
    return createSimdCore();
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    warnOnce(error);
    return new JsCore();
  }
}

/** True when there is no WebAssembly, no SIMD, or a content security policy (an EvalError in Safari) refuses it. */
function isUnavailable(error: unknown): boolean {
  if (typeof WebAssembly === 'undefined') return true;
  return error instanceof WebAssembly.CompileError || error instanceof EvalError;
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
