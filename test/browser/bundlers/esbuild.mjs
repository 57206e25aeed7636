import { argv } from 'node:process';
import { build } from 'esbuild';

// With `worker`, the script of the worker is an entry of its own, which lands beside the other.
const worker = argv.includes('worker') ? { worker: 'chainrule/worker' } : {};
await build({
  entryPoints: { main: 'main.js', ...worker },
  bundle: true,
  minify: true,
  format: 'esm',
  outdir: 'dist',
});
