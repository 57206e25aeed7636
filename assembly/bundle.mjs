/**
 * Bundles the library, AssemblyScript loader included, into the one module that is published, `build/index.js`: no bare import, so
 * that it runs from any static host, and one file to read, which is what the time to the first prediction mostly consists of.
 *
 * The modules that tsc writes beside it are for the bench and for debugging.
 */
import { copyFile, readFile } from 'node:fs/promises';
import { rolldown } from 'rolldown';

const MODULES = 'node_modules';

const loader = JSON.parse(await readFile(`${MODULES}/@assemblyscript/loader/package.json`, 'utf8'));
const banner = `/*! Contains ${loader.name} ${loader.version}, (c) The AssemblyScript Authors, ${loader.license}: see loader.LICENSE and loader.NOTICE */`;

const bundle = await rolldown({ input: 'src/index.ts', platform: 'neutral' });
await bundle.write({ file: 'build/index.js', format: 'es', sourcemap: true, minify: true, banner });
await bundle.close();

for (const text of ['LICENSE', 'NOTICE']) {
  await copyFile(`${MODULES}/assemblyscript/${text}`, `build/loader.${text}`);
}
