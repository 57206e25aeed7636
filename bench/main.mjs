/**
 * Measures the SIMD core against the plain-TypeScript core: matrix products, then whole training.
 *
 *   npm run bench                     prints tables and writes build/bench.json
 *   npm run bench -- --json FILE      writes FILE instead
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { benchMatmul } from './matmul.mjs';
import { describeMachine } from './machine.mjs';
import { benchTraining } from './train.mjs';

const { values } = parseArgs({
  options: { json: { type: 'string', default: 'build/bench.json' } },
});

const machine = describeMachine();
console.table(machine);
console.log('Matrix products, GFLOP/s (one multiplication and one addition are 2 FLOP)');
const matmul = benchMatmul();
console.table(matmul);
console.log('Training, examples per second');
const training = benchTraining();
console.table(training);

writeFileSync(values.json, `${JSON.stringify({ machine, matmul, training }, null, 2)}\n`);
console.log(`Written to ${values.json}`);
