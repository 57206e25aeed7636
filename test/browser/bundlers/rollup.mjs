import { argv } from 'node:process';
import nodeResolve from '@rollup/plugin-node-resolve';
import { rollup } from 'rollup';

// With `workers`, the scripts of the worker and of threads are entries of their own, which land beside the other.
const workers = argv.includes('workers')
  ? { worker: 'chainrule/worker', thread: 'chainrule/thread' }
  : {};
const bundle = await rollup({ input: { main: 'main.js', ...workers }, plugins: [nodeResolve()] });
await bundle.write({ dir: 'dist' });
await bundle.close();
