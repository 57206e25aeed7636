/**
 * Compiles the core twice and embeds both: `node assembly/build.mjs`.
 *
 * Writes build/core.simd.wasm, build/core.relaxed.wasm, their text, and src/core/binary.ts, which carries the modules as
 * text so that they load everywhere without a path, a request or a bundler setting. Does nothing when all is up to date.
 */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { chdir } from 'node:process';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { dropExports } from './exports.mjs';
import { DIGITS, encodeBytes, encodeEdits, MARKS, SHIFT } from './text.mjs';

const SOURCES = 'assembly';
const SHARED_SOURCES = ['src/core/abi.ts', 'src/core/coefficients.ts'];
const EMBEDDED = 'src/core/binary.ts';
/** The targets of asconfig.json. */
const TARGETS = ['simd', 'relaxed'];

const moduleOf = (target) => `build/core.${target}.wasm`;

chdir(fileURLToPath(new URL('..', import.meta.url)));
if (!isUpToDate()) {
  for (const target of TARGETS) await compile(target);
  embed();
}

function isUpToDate() {
  const modified = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const files = readdirSync(SOURCES, { recursive: true }).map((file) => `${SOURCES}/${file}`);
  const newest = Math.max(...[...files, ...SHARED_SOURCES].map(modified));
  return newest < Math.min(...TARGETS.map(moduleOf).map(modified), modified(EMBEDDED));
}

/**
 * The tiles of the target are an entry of their own, because the optimiser inlines what has one caller and is not exported.
 * A warning of asc is an error here: most of them are a conversion or an export that does not do what it says.
 */
async function compile(target) {
  const { error, stderr } = await asc.main([
    `assembly/gemm/micro.${target}.ts`,
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

/** The annotation keeps tsc from repeating the literals as types in binary.d.ts. */
function embed() {
  const [simd, relaxed] = TARGETS.map((target) => dropExports(readFileSync(moduleOf(target))));
  const text = `/** How bytes are written here, see assembly/text.mjs. */
export const DIGITS: string =
  '${DIGITS}';
export const MARKS: string = '${MARKS}';
export const SHIFT: number = ${SHIFT};

/** The module of the SIMD core. */
export const simdBinary: string =
  '${encodeBytes(simd)}';

/** The module with fused multiply-add, as edits of it. */
export const relaxedEdits: string =
  '${encodeEdits(simd, relaxed)}';
`;
  writeFileSync(EMBEDDED, text);
}
