import { trainWide } from './wide.js';
import { trainXor } from './xor.js';

/** In a chunk of its own, as a page has the small entries without the large one. */
const trainSmall = async () => (await import('./small.js')).trainSmall();

globalThis.app = { trainSmall, trainWide, trainXor };
