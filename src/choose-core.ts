import { checkName } from './checks.ts';
import type { Core, CoreName } from './core/core.ts';
import { createCore } from './core/create.ts';

/** The cores by the names that options have for them. */
const choices: readonly ('auto' | CoreName)[] = ['auto', 'simd', 'relaxed', 'js'];

/**
 * Makes the core that the option `core` asks for; `auto` when absent.
 *
 * @throws {TypeError | RangeError} for another name, and for a core that the engine cannot run
 */
export function chooseCore(value: unknown): Core {
  return createCore(checkName(value ?? 'auto', choices, 'core'));
}
