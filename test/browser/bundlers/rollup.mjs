import { argv } from 'node:process';
import nodeResolve from '@rollup/plugin-node-resolve';
import { rollup } from 'rollup';

// With `worker`, the script of the worker is an entry of its own, which lands beside the other.
const worker = argv.includes('worker') ? { worker: 'chainrule/worker' } : {};
const bundle = await rollup({ input: { main: 'main.js', ...worker }, plugins: [nodeResolve()] });
await bundle.write({ dir: 'dist' });
await bundle.close();
