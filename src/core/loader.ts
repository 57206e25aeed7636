import { instantiateSync } from '@assemblyscript/loader';
import type { Instantiate } from './instance.ts';

/**
 * Makes instances with the loader of AssemblyScript. The small entries of the package do without: all that it adds, strings and arrays of
 * AssemblyScript, is not needed here.
 */
export const instantiateWithLoader: Instantiate = (module, imports) =>
  instantiateSync(module, imports).instance;
