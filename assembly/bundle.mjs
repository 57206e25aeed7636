/**
 * Puts the AssemblyScript loader into `build/core/instance.js`, the one module that imports it, so that published
 * code has no bare import and runs from any static host. Every other import of that module stays what it is.
 */
import { copyFile, readFile } from 'node:fs/promises';
import { rolldown } from 'rolldown';

const FILE = 'build/core/instance.js';
const MODULES = 'node_modules';

const loader = JSON.parse(await readFile(`${MODULES}/@assemblyscript/loader/package.json`, 'utf8'));
const banner = `/*! Contains ${loader.name} ${loader.version}, (c) The AssemblyScript Authors, ${loader.license}: see loader.LICENSE and loader.NOTICE */`;

const bundle = await rolldown({ input: FILE, external: /^\.{1,2}\//, platform: 'neutral' });
await bundle.write({ file: FILE, format: 'es', sourcemap: true, banner });
await bundle.close();

for (const text of ['LICENSE', 'NOTICE']) {
  await copyFile(`${MODULES}/assemblyscript/${text}`, `build/core/loader.${text}`);
}
