import { createCore } from '../../src/core/create.ts';

/** Whether this engine has relaxed SIMD; says so once when it has not, because tests are left out then. */
export function hasRelaxedCore(): boolean {
  try {
    createCore('relaxed');
    return true;
  } catch (error) {
    console.info(`left out: ${String(error)}`);
    return false;
  }
}
