import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import asc from 'assemblyscript/asc';

/** A module compiled for a test: its exported functions and its memory. */
export interface Probe<Functions> {
  functions: Functions;
  memory: WebAssembly.Memory;
  /** First address behind the static data of the module. */
  base: number;
}

const ROOT = resolve(import.meta.dirname, '../..');
const STATIC_DATA_END = 65536;

/**
 * Compiles an AssemblyScript file of this repository with the release flags and instantiates it.
 *
 * @param entry - path from the root of the repository
 * @param pages - size of the memory in pages of 64 KiB; the first belongs to the module
 */
export async function compileProbe<Functions>(
  entry: string,
  pages: number,
): Promise<Probe<Functions>> {
  const module = await compileModule(
    entry,
    '--enable simd -O3 --noAssert --importMemory',
    (name, base) => readSource(resolve(ROOT, base, name)),
  );
  const memory = new WebAssembly.Memory({ initial: pages });
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return { functions: exports as Functions, memory, base: STATIC_DATA_END };
}

/**
 * Compiles AssemblyScript.
 *
 * @param readFile - the text of a file by its name, or null
 */
export async function compileModule(
  entry: string,
  flags: string,
  readFile: (name: string, base: string) => string | null,
): Promise<WebAssembly.Module> {
  let binary: Uint8Array<ArrayBuffer> | undefined;
  const options = `--runtime stub --outFile module.wasm ${flags}`.split(' ');
  const { error, stderr } = await asc.main([entry, ...options], {
    readFile,
    writeFile: (_, contents) => {
      binary = new Uint8Array(contents as Uint8Array);
    },
    listFiles: () => [],
  });
  if (error !== null || binary === undefined) throw new Error(stderr.toString());
  return new WebAssembly.Module(binary);
}

/** The text of a source file, or null where there is none: the compiler tries several names. */
function readSource(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
