import { trainXor } from './xor.js';

console.log(JSON.stringify(await trainXor()));
