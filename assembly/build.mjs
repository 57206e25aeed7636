/**
 * Compiles the core and embeds it: `node assembly/build.mjs`.
 *
 * Writes build/core.simd.wasm, its text build/core.simd.wat, and src/core/binary.ts, which carries the module as base64
 * so that it loads everywhere without a path, a request or a bundler setting. Does nothing when all is up to date.
 */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { chdir } from 'node:process';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const SOURCES = 'assembly';
const SHARED_SOURCES = ['src/core/abi.ts', 'src/core/coefficients.ts'];
const MODULE = 'build/core.simd.wasm';
const EMBEDDED = 'src/core/binary.ts';

chdir(fileURLToPath(new URL('..', import.meta.url)));
if (!isUpToDate()) {
  await compile('simd');
  embed();
}

function isUpToDate() {
  const modified = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const files = readdirSync(SOURCES, { recursive: true }).map((file) => `${SOURCES}/${file}`);
  const newest = Math.max(...[...files, ...SHARED_SOURCES].map(modified));
  return newest < Math.min(modified(MODULE), modified(EMBEDDED));
}

/** A warning of asc is an error here: most of them are a conversion or an export that does not do what it says. */
async function compile(target) {
  const { error, stderr } = await asc.main([
    '--config',
    'assembly/asconfig.json',
    '--target',
    target,
  ]);
  const messages = stderr.toString();
  if (!error && messages === '') return;
  console.error(messages);
  throw new Error(`asc failed for target ${target}`, { cause: error });
}

/** The annotation keeps tsc from repeating the literal as a type in binary.d.ts. */
function embed() {
  const base64 = readFileSync(MODULE).toString('base64');
  const text = `/** The module of the SIMD core in base64, written by assembly/build.mjs. */
export const binary: string =
  '${base64}';
`;
  writeFileSync(EMBEDDED, text);
}
