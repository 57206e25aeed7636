import { trainXor } from './xor.js';

const inWorker = process.argv.includes('worker');
console.log(JSON.stringify(await trainXor(inWorker)));
