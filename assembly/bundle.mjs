/**
 * Bundles the library, AssemblyScript loader included, into the module that is published, `build/index.js`: no bare import, so
 * that it runs from any static host, and one file to read, which is what the time to the first prediction mostly consists of.
 * `build/worker.js` is the script of a worker, alone too, so that it can be copied and started from anywhere.
 * `build/train.js` is for pages that train networks of dense layers, `build/predict.js` for those that only predict: both are small.
 * `build/csv.js` holds what only CSV needs, with its parser, and imports the rest from there. `build/pictures.js` draws, with the modules
 * of d3 that it needs, and imports nothing.
 *
 * The modules that tsc writes beside it are for the bench and for debugging.
 */
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { rolldown } from 'rolldown';
import { parseSync, Visitor } from 'rolldown/utils';

const MODULES = 'node_modules';

/** The note about a bundled package at the top of the module it is in. @param {string} name @param {string} authors @param {string} texts */
async function notice(name, authors, texts) {
  const { version, license } = JSON.parse(
    await readFile(`${MODULES}/${name}/package.json`, 'utf8'),
  );
  return `/*! Contains ${name} ${version}, (c) ${authors}, ${license}: see ${texts} */`;
}

const loader = await notice(
  '@assemblyscript/loader',
  'The AssemblyScript Authors',
  'loader.LICENSE and loader.NOTICE',
);
const banners = {
  index: loader,
  worker: loader,
  csv: await notice('papaparse', 'Matthew Holt', 'papaparse.LICENSE'),
  pictures: '/*! Contains modules of d3, (c) Mike Bostock, ISC: see pictures.LICENSE */',
};

/**
 * Writes one module.
 *
 * @param {'index' | 'worker' | 'train' | 'predict' | 'csv' | 'pictures'} name - of the module
 * @param {string} input - its source
 * @param {object} options - of the bundler
 */
async function write(name, input, options = {}) {
  const bundle = await rolldown({ input, platform: 'neutral', ...options });
  const file = `build/${name}.js`;
  const { output } = await bundle.write({
    file,
    format: 'es',
    sourcemap: true,
    // Not minified: of an error nobody caught, Node prints the whole line of code, and a trace should name what it went through.
    // Bundlers minify anyway. The script of a worker is only ever loaded, and its errors reach the caller as messages.
    minify: name === 'worker',
    comments: false,
    banner: banners[name],
  });
  await bundle.close();
  return output[0].moduleIds;
}

await write('index', 'src/index.ts');
await write('worker', 'src/worker/worker.ts');
await write('train', 'src/train/index.ts', { plugins: [withoutFormulas()] });
await write('predict', 'src/predict/index.ts', { plugins: [withoutFormulas()] });
await write('csv', 'src/csv/index.ts', {
  plugins: [libraryAsModule()],
  resolve: { mainFields: ['module', 'main'] },
  // Leaves out what the parser has for streams of Node, with its require, and for pages with a loader of AMD modules.
  transform: { define: { PAPA_BROWSER_CONTEXT: 'true', define: 'undefined' } },
});

const drawn = await write('pictures', 'src/pictures/index.ts');

/**
 * Leaves out the formula in words that each instruction of a program carries: only listings show it, which the small entries do not
 * have. It is the property `text` of what the plan and the layers emit.
 */
function withoutFormulas() {
  const emitting = /src\/(plan|nn)\/.*\.ts$|src\/initialise\.ts$/;
  return {
    name: 'without formulas',
    transform: {
      filter: { id: emitting },
      /** @param {string} code @param {string} id */
      handler(code, id) {
        const { program } = parseSync(id, code);
        let rest = code;
        new Visitor({
          ObjectExpression({ properties }) {
            for (const { key, start, end } of properties) {
              if (key?.name !== 'text') continue;
              const behind = code[end] === ',' ? end + 1 : end;
              // Blanks instead, so that every place in the code stays where it is.
              const blank = code.slice(start, behind).replace(/\S/g, ' ');
              rest = rest.slice(0, start) + blank + rest.slice(behind);
            }
          },
        }).visit(program);
        return { code: rest, map: null };
      },
    },
  };
}

/** Keeps the library out of a module beside it: both then make the same data sets. */
function libraryAsModule() {
  return {
    name: 'library as module',
    /** @param {string} id */
    resolveId: (id) => (id === '../index.ts' ? { id: './index.js', external: true } : null),
  };
}

// The script of a helper thread is found beside the module that starts it: in the bundle, and in what tsc writes.
for (const directory of ['build', 'build/threads']) {
  await copyFile('src/threads/thread.js', `${directory}/thread.js`);
}
await writeFile('build/thread.d.ts', 'export {};\n');

for (const text of ['LICENSE', 'NOTICE']) {
  await copyFile(`${MODULES}/assemblyscript/${text}`, `build/loader.${text}`);
}
await copyFile(`${MODULES}/papaparse/LICENSE`, 'build/papaparse.LICENSE');

/** The licences of the packages in the module that draws, one after the other. */
const packages = new Set(drawn.flatMap((id) => /node_modules\/([^/]+)\//.exec(id)?.[1] ?? []));
const licences = [...packages].sort().map(async (name) => {
  const text = await readFile(`${MODULES}/${name}/LICENSE`, 'utf8');
  return `${name}\n\n${text.trim()}\n`;
});
await writeFile('build/pictures.LICENSE', (await Promise.all(licences)).join('\n\n'));
