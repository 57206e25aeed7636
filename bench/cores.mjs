import { createCore } from '../build/core/create.js';

/** @typedef {import('../build/core/core.js').CoreName} CoreName */

/** True when the engine has relaxed SIMD. */
export const hasRelaxed = canCreate('relaxed');

/** @param {CoreName} name */
function canCreate(name) {
  try {
    createCore(name);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
