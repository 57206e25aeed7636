import { trainSmall } from './small.js';
import { trainWide } from './wide.js';
import { trainXor } from './xor.js';

const [, , what] = process.argv;
const ways = {
  worker: () => trainXor(true),
  threads: () => trainWide(2),
  small: () => trainSmall(),
};
console.log(JSON.stringify(await (ways[what] ?? trainXor)()));
