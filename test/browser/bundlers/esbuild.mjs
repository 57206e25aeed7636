import { argv } from 'node:process';
import { build } from 'esbuild';

// With `workers`, the scripts of the worker and of threads are entries of their own, which land beside the other.
const workers = argv.includes('workers')
  ? { worker: 'chainrule/worker', thread: 'chainrule/thread' }
  : {};
await build({
  entryPoints: { main: 'main.js', ...workers },
  bundle: true,
  minify: true,
  format: 'esm',
  outdir: 'dist',
});
