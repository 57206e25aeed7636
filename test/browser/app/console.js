import { trainWide } from './wide.js';
import { trainXor } from './xor.js';

const [, , what] = process.argv;
const trained = what === 'threads' ? await trainWide(2) : await trainXor(what === 'worker');
console.log(JSON.stringify(trained));
