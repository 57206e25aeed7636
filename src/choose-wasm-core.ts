import { checkName } from './checks.ts';
import type { Core, CoreName } from './core/core.ts';
import { createRelaxedCore, createSimdCore, isUnavailable } from './core/instance.ts';
import { leftOut } from './errors.ts';

/** The cores that are WebAssembly, as the option `core` of the small entries names them. */
export type WasmCoreName = 'auto' | Exclude<CoreName, 'js'>;

/**
 * Makes the core that the option `core` asks for where there is no plain JavaScript to fall back to; `auto`, which is `simd`, when absent.
 *
 * @throws {TypeError | RangeError} for another name, and for a core that the engine cannot run, with the mend
 */
export function chooseWasmCore(value: unknown = 'auto'): Core {
  if (value === 'js') throw leftOut("core: 'js'");
  const names: readonly WasmCoreName[] = ['auto', 'simd', 'relaxed'];
  const name = checkName(value, names, 'core');
  try {
    return name === 'relaxed' ? createRelaxedCore() : createSimdCore();
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    throw new RangeError(
      "core: WebAssembly with SIMD is not available here. Under a content security policy, script-src needs 'wasm-unsafe-eval'; " +
        "or import Network from 'chainrule', which does without WebAssembly, with the same results.",
      { cause: error },
    );
  }
}
