import nodeResolve from '@rollup/plugin-node-resolve';
import { rollup } from 'rollup';

const bundle = await rollup({ input: 'main.js', plugins: [nodeResolve()] });
await bundle.write({ dir: 'dist' });
await bundle.close();
